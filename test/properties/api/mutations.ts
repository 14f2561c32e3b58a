import type { Random } from './random.ts'
import type { RawRequest } from './valid-requests.ts'

type Mutate = (request: RawRequest, random: Random) => RawRequest

const odd = [
  ...[
    '',
    '.',
    '..',
    '/',
    '//',
    '%',
    '%zz',
    '%00',
    '%2F',
    '%2e%2e',
    '%C3%BC',
    '%F0%9F%9A%80',
    '%ED%A0%80',
    '%FF',
    '?',
    '&',
  ],
  ...['@', '@.service', 'x.', '.service', 'x', '[x', '__proto__', 'constructor', 'x'.repeat(300), 'x'.repeat(3_000)],
] as const

const tokens = [
  ...['', 'EwBMLg==', 'ZAACAA==', 'ZAABAA==', 'ZAAAAA==', 'ZAD__w==', 'AAAAAA==', 'ZAACAA', '=', '%00', 'x', '!!!!'],
] as const

const values: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    '',
    'x',
    '\u0000',
    '\ud800',
    'é',
    '\n',
    '\\',
    'x'.repeat(10_000),
    [],
    [[]],
    {},
    { a: {} },
  ],
]

const oneOf = (random: Random, mutations: readonly [Mutate, ...Mutate[]]): Mutate => random.pick(mutations)

const method: Mutate = (request, random) => ({
  ...request,
  method: random.pick(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE', 'LOCK']),
})

const path: Mutate = (request, random) => {
  const parts = request.path.split('/')
  const at = 1 + random.below(parts.length - 1)
  const kinds: readonly [() => readonly string[], ...(() => readonly string[])[]] = [
    () => parts.with(at, random.pick(odd)),
    () => parts.with(at, `${parts[at] ?? ''}${random.pick(odd)}`),
    () => parts.with(at, (parts[at] ?? '').toUpperCase()),
    () => parts.toSpliced(at, 1),
    () => parts.toSpliced(at, 0, random.pick(odd)),
    () => [...parts, ''],
    // A path below the resource, hidden in its name.
    () => parts.with(at, `${parts[at] ?? ''}%2Fx`),
    () => parts.with(-1, `${parts.at(-1) ?? ''}%2Fx`),
  ]
  const changed = random.pick(kinds)().join('/')
  return { ...request, path: changed.startsWith('/') ? changed : `/${changed}` }
}

const query: Mutate = (request, random) => {
  const kept = random.chance(0.5) ? request.path : (request.path.split('?')[0] ?? '')
  const joint = kept.includes('?') ? '&' : '?'
  const name = random.pick([
    'nextPageToken',
    'unitName',
    'machineID',
    'from',
    'lines',
    'after',
    'alt',
    '__proto__',
    'a[b]',
  ])
  const one = `${name}=${random.pick(tokens)}`
  return { ...request, path: `${kept}${joint}${random.chance(0.2) ? `${one}&${one}` : one}` }
}

const header: Mutate = (request, random) => {
  const kinds: readonly [() => RawRequest['headers'], ...(() => RawRequest['headers'])[]] = [
    () => [],
    () => [...request.headers, ['Content-Type', 'application/json']],
    () => [
      ['Content-Type', random.pick(['text/plain', '', 'application/JSON', 'application/json; charset=x', ';', '*/*'])],
    ],
    () => [...request.headers, ['Last-Event-ID', random.pick(['', '0', 'x', '-1', '1'.repeat(30)])]],
    () => [...request.headers, ['X-Long', 'x'.repeat(random.pick([1_000, 12_000]))]],
    () => [...request.headers, ['Accept-Encoding', random.pick(['gzip', '*', ';;'])]],
    () => [...request.headers, ['Content-Encoding', 'gzip']],
  ]
  return { ...request, headers: random.pick(kinds)() }
}

const bytes: Mutate = (request, random) => {
  const body = request.body ?? Buffer.from('{}')
  const at = random.below(body.length + 1)
  const kinds: readonly [() => Buffer, ...(() => Buffer)[]] = [
    () => body.subarray(0, at),
    () => Buffer.concat([body.subarray(0, at), Buffer.from([random.below(256)]), body.subarray(at + 1)]),
    () => Buffer.concat([body, Buffer.from(random.pick([' ', ',', '}', '[]', '\u0000', '\ufeff', 'null']))]),
    () => Buffer.from(random.pick(['[', '{"a":']).repeat(random.pick([3, 50_000]))),
    () => Buffer.from(`{"__proto__":{"desiredState":"launched"},"options":[{"__proto__":1}]}`),
    () => Buffer.alloc(random.pick([0, 1, 100]), random.below(256)),
  ]
  return { ...request, body: random.pick(kinds)() }
}

/** One member or item, anywhere in the body, is another value, gone, or there twice under another name. */
const member: Mutate = (request, random) => {
  if (request.body === undefined) return bytes(request, random)
  const changed = changeWithin(JSON.parse(request.body.toString()), random)
  return { ...request, body: Buffer.from(JSON.stringify(changed)) }
}

function changeWithin(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.2)) return random.pick(values)
  const entries = Object.entries(value) as readonly (readonly [string, unknown])[]
  const chosen = random.pick(entries)
  if (chosen === undefined) return random.pick(values)
  const [name, inner] = chosen
  if (Array.isArray(value)) {
    return random.chance(0.2) ? value.toSpliced(Number(name), 1) : value.with(Number(name), changeWithin(inner, random))
  }
  const rest = Object.fromEntries(entries.filter(([other]) => other !== name))
  const kept = random.pick([{}, { [name]: changeWithin(inner, random) }, { [name.toUpperCase()]: inner }])
  return { ...rest, ...kept }
}

/** The same request with one thing wrong, or at least odd. */
export function mutate(request: RawRequest, random: Random): RawRequest {
  const common: readonly [Mutate, ...Mutate[]] = [method, path, query, header]
  return oneOf(random, request.body === undefined ? common : [...common, bytes, member, member, member])(
    request,
    random,
  )
}
