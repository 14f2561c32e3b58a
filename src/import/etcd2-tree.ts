import { FlotaError } from '../lib/errors.ts'

/** Values of an etcd v2 tree by the whole path of their key. */
export type Etcd2Keys = ReadonlyMap<string, string>

/** What `GET /v2/keys/...?recursive=true` answered (`{"action": "get", "node": ...}`), or a node by itself, made flat. */
export function flattenEtcd2(text: string, source: string): Etcd2Keys {
  const { node, ...rest } = membersOf(parseJson(text, source)) ?? {}
  const keys = new Map<string, string>()
  const pending: unknown[] = [node ?? rest]
  // A list and no recursion: how deep a dump goes is not ours to say.
  while (pending.length > 0) {
    const { key, value, nodes } = membersOf(pending.pop()) ?? {}
    if (Array.isArray(nodes)) for (const child of nodes) pending.push(child)
    if (typeof key === 'string' && typeof value === 'string') keys.set(key, value)
  }
  if (keys.size > 0) return keys
  throw new FlotaError('invalid_argument', `Cannot read '${source}': it holds no keys of etcd's API v2`, {
    hint: "It should be what 'curl http://ETCD:2379/v2/keys/_coreos.com/fleet/?recursive=true' prints",
  })
}

/** The members of a JSON object; undefined for any other value. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FlotaError('invalid_argument', `Cannot read '${source}': it is not JSON`, { cause })
  }
}
