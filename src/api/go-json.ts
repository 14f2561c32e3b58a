import { FlotaError } from '../lib/errors.ts'

/**
 * The first JSON value of a text, read and refused as by the decoder of Go's encoding/json, whose messages fleet's clients have seen:
 * what follows the first value is passed over, and a text that ends too early is an `EOF`.
 */
export function decodeFirstValue(text: string): unknown {
  const scanner = new Scanner(text)
  const { start, end } = scanner.scan()
  return JSON.parse(text.slice(start, end))
}

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'end of member' | 'end of element' | 'nothing'

const escapes = 'bfnrt\\/"'

class Scanner {
  readonly #text: string
  readonly #open: ('{' | '[')[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  scan(): { readonly start: number; readonly end: number } {
    this.#skipBlanks()
    if (this.#at >= this.#text.length) throw invalid('EOF')
    const start = this.#at
    for (let expected: Expected = 'value'; expected !== 'nothing';) {
      this.#skipBlanks()
      expected = this.#step(expected)
    }
    return { start, end: this.#at }
  }

  #step(expected: Exclude<Expected, 'nothing'>): Expected {
    const char = this.#take()
    switch (expected) {
      case 'value':
        return this.#value(char)
      case 'value or ]':
        return char === ']' ? this.#close() : this.#value(char)
      case 'key':
        return this.#key(char)
      case 'key or }':
        return char === '}' ? this.#close() : this.#key(char)
      case 'colon':
        if (char !== ':') throw unexpected(char, 'after object key')
        return 'value'
      case 'end of member':
        if (char === ',') return 'key'
        if (char !== '}') throw unexpected(char, 'after object key:value pair')
        return this.#close()
      case 'end of element':
        if (char === ',') return 'value'
        if (char !== ']') throw unexpected(char, 'after array element')
        return this.#close()
    }
  }

  #value(char: string): Expected {
    if (char === '{' || char === '[') {
      this.#open.push(char)
      return char === '{' ? 'key or }' : 'value or ]'
    }
    if (char === '"') this.#string()
    else if (char === 't') this.#literal('true')
    else if (char === 'f') this.#literal('false')
    else if (char === 'n') this.#literal('null')
    else if (char === '-' || isDigit(char)) this.#number(char)
    else throw unexpected(char, 'looking for beginning of value')
    return this.#afterValue()
  }

  #key(char: string): Expected {
    if (char !== '"') throw unexpected(char, 'looking for beginning of object key string')
    this.#string()
    return 'colon'
  }

  #close(): Expected {
    this.#open.pop()
    return this.#afterValue()
  }

  #afterValue(): Expected {
    const around = this.#open.at(-1)
    if (around === undefined) return 'nothing'
    return around === '{' ? 'end of member' : 'end of element'
  }

  #string(): void {
    for (let char = this.#take(); char !== '"'; char = this.#take()) {
      if (char < ' ') throw unexpected(char, 'in string literal')
      if (char === '\\') this.#escape()
    }
  }

  #escape(): void {
    const char = this.#take()
    if (char !== 'u') {
      if (!escapes.includes(char)) throw unexpected(char, 'in string escape code')
      return
    }
    for (let i = 0; i < 4; i++) {
      const digit = this.#take()
      if (!/[0-9a-fA-F]/.test(digit)) throw unexpected(digit, 'in \\u hexadecimal character escape')
    }
  }

  #literal(word: string): void {
    for (const wanted of word.slice(1)) {
      const char = this.#take()
      if (char !== wanted) throw unexpected(char, `in literal ${word} (expecting '${wanted}')`)
    }
  }

  #number(first: string): void {
    const lead = first === '-' ? this.#digit('in numeric literal') : first
    if (lead !== '0') this.#digits()
    if (this.#text[this.#at] === '.') {
      this.#at++
      this.#digit('after decimal point in numeric literal')
      this.#digits()
    }
    if (!/[eE]/.test(this.#text[this.#at] ?? '')) return
    this.#at++
    if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++
    this.#digit('in exponent of numeric literal')
    this.#digits()
  }

  #digit(where: string): string {
    const char = this.#take()
    if (!isDigit(char)) throw unexpected(char, where)
    return char
  }

  #digits(): void {
    while (isDigit(this.#text[this.#at] ?? '')) this.#at++
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'end')) this.#at++
  }

  #take(): string {
    if (this.#at >= this.#text.length) throw invalid('unexpected EOF')
    return this.#text[this.#at++] ?? ''
  }
}

const isDigit = (char: string): boolean => char >= '0' && char <= '9' && char.length === 1

function unexpected(char: string, where: string): FlotaError {
  return invalid(`invalid character ${quoted(char)} ${where}`)
}

/** Go looks at bytes: of a character beyond ASCII it sees the first one. */
function quoted(char: string): string {
  if (char === "'") return `'\\''`
  if (char === '"') return `'"'`
  const [byte = 0] = Buffer.from(char, 'utf8')
  return `'${JSON.stringify(String.fromCharCode(byte)).slice(1, -1)}'`
}

function invalid(message: string): FlotaError {
  return new FlotaError('invalid_argument', message)
}
