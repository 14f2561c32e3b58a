import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The members of a full token, kept on disk: the discovery service is needed for the cluster's birth, not for its life. */
export interface RememberedMembers {
  readonly discovery: string
  readonly peerUrls: readonly string[]
}

/** Undefined when nothing usable is there, or it is about another discovery URL. */
export async function readRemembered(path: string, discovery: string): Promise<readonly string[] | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isRemembered(value) && value.discovery === discovery ? value.peerUrls : undefined
  } catch {
    return undefined
  }
}

export async function writeRemembered(path: string, members: RememberedMembers): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(members)}\n`, { mode: 0o644, flush: true })
  await rename(`${path}.new`, path)
}

function isRemembered(value: unknown): value is RememberedMembers {
  if (typeof value !== 'object' || value === null || !('discovery' in value) || !('peerUrls' in value)) return false
  const { peerUrls } = value
  return Array.isArray(peerUrls) && peerUrls.every((url) => typeof url === 'string' && URL.canParse(url))
}
