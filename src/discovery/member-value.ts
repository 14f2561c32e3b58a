export interface PeerName {
  readonly name: string
  readonly peerUrls: readonly string[]
}

/**
 * The value of a registration as etcd writes it: `m1=http://10.0.0.1:2380`, one `name=url` for each peer URL, with commas.
 * Undefined when it is anything else.
 */
export function parseMemberValue(value: string): PeerName | undefined {
  const pairs = value.split(',').map(parsePair)
  const first = pairs[0]
  if (first === undefined) return undefined
  const peerUrls: string[] = []
  for (const pair of pairs) {
    if (pair?.name !== first.name) return undefined
    peerUrls.push(pair.url)
  }
  return { name: first.name, peerUrls }
}

function parsePair(text: string): { readonly name: string; readonly url: string } | undefined {
  const match = /^([^=,\s]+)=(https?:\/\/[^\s,/]+)\/?$/.exec(text.trim())
  const [, name, url] = match ?? []
  return name !== undefined && url !== undefined && URL.canParse(url) ? { name, url } : undefined
}
