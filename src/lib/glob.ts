/** True when the whole name matches. Made by `compileGlob`; keep it where one pattern meets many names. */
export type GlobMatcher = (name: string) => boolean

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'class'; readonly isNegated: boolean; readonly ranges: readonly CharRange[] }

interface CharRange {
  readonly low: string
  readonly high: string
}

/**
 * The patterns of Go's path.Match: `*` any run without `/`, `?` one character but `/`, `[a-z]` and `[^a-z]` classes, `\` escapes.
 * A malformed pattern matches nothing.
 */
export function compileGlob(pattern: string): GlobMatcher {
  const tokens = parsePattern(Array.from(pattern))
  if (tokens === undefined) return () => false
  const literal = toLiteral(tokens)
  if (literal.isWhole) return (name) => name === literal.text
  return (name) => name.startsWith(literal.text) && matchTokens(tokens, Array.from(name))
}

export const matchesGlob = (pattern: string, name: string): boolean => compileGlob(pattern)(name)

/** True where a pattern can match more than its own text. A backslash by itself is a part of many unit names (systemd-escape(1)). */
export const hasGlob = (text: string): boolean => /[*?[]/.test(text)

function parsePattern(chars: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = []
  for (let at = 0; at < chars.length;) {
    const step = parseToken(chars, at)
    if (step === undefined) return undefined
    tokens.push(step.token)
    at = step.next
  }
  return tokens
}

interface Step<T> {
  readonly token: T
  readonly next: number
}

function parseToken(chars: readonly string[], at: number): Step<Token> | undefined {
  const first = chars[at]
  if (first === '*') return { token: { kind: 'star' }, next: at + 1 }
  if (first === '?') return { token: { kind: 'any' }, next: at + 1 }
  if (first === '[') return parseClass(chars, at + 1)
  const char = parseChar(chars, at)
  return char === undefined ? undefined : { token: { kind: 'char', char: char.token }, next: char.next }
}

function parseChar(chars: readonly string[], at: number): Step<string> | undefined {
  const isEscaped = chars[at] === '\\'
  const token = chars[isEscaped ? at + 1 : at]
  return token === undefined ? undefined : { token, next: isEscaped ? at + 2 : at + 1 }
}

/** A class must not be empty; `]` and `-` stand for themselves in it only when escaped. */
function parseClass(chars: readonly string[], start: number): Step<Token> | undefined {
  const isNegated = chars[start] === '^'
  const ranges: CharRange[] = []
  let at = isNegated ? start + 1 : start
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = parseClassChar(chars, at)
    if (low === undefined) return undefined
    const high = chars[low.next] === '-' ? parseClassChar(chars, low.next + 1) : low
    if (high === undefined) return undefined
    ranges.push({ low: low.token, high: high.token })
    at = high.next
  }
  return { token: { kind: 'class', isNegated, ranges }, next: at + 1 }
}

function parseClassChar(chars: readonly string[], at: number): Step<string> | undefined {
  return chars[at] === '-' || chars[at] === ']' ? undefined : parseChar(chars, at)
}

function toLiteral(tokens: readonly Token[]): { readonly text: string; readonly isWhole: boolean } {
  let text = ''
  for (const token of tokens) {
    if (token.kind !== 'char') return { text, isWhole: false }
    text += token.char
  }
  return { text, isWhole: true }
}

/** Going back only to the last star is enough, and keeps this quadratic at worst. `/` ends what a star may take. */
function matchTokens(tokens: readonly Token[], chars: readonly string[]): boolean {
  let token = 0
  let char = 0
  let star = -1
  let starChar = 0
  while (char < chars.length) {
    const current = tokens[token]
    if (current?.kind === 'star') {
      star = token++
      starChar = char
    } else if (current !== undefined && matchOne(current, chars[char] ?? '')) {
      token++
      char++
    } else if (star !== -1 && chars[starChar] !== '/') {
      token = star + 1
      char = ++starChar
    } else return false
  }
  return tokens.slice(token).every((rest) => rest.kind === 'star')
}

function matchOne(token: Token, char: string): boolean {
  switch (token.kind) {
    case 'star':
      return false
    case 'any':
      return char !== '/'
    case 'char':
      return char === token.char
    case 'class':
      return token.ranges.some(({ low, high }) => isBetween(char, low, high)) !== token.isNegated
  }
}

function isBetween(char: string, low: string, high: string): boolean {
  const code = char.codePointAt(0) ?? 0
  return (low.codePointAt(0) ?? 0) <= code && code <= (high.codePointAt(0) ?? 0)
}
