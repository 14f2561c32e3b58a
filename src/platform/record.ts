import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'
import { writeWhole } from './local/files.ts'

/** What a cluster on this host was made of. Written before anything else of it exists, so that `down` always knows what to remove. */
export interface ClusterRecord {
  readonly version: 1
  readonly name: string
  readonly range: string
  readonly machines: number
  /** The root under the machines' overlays: they cannot be put on another one later. */
  readonly root: string
  readonly registryPort: number
  readonly discoveryPort: number
  /** The cluster's own discovery URL, once there is one. */
  readonly discoveryUrl?: string
}

const recordPath = (folder: string): string => join(folder, 'cluster.json')

/** Undefined when there is no such cluster. */
export async function readRecord(folder: string): Promise<ClusterRecord | undefined> {
  const text = await readFile(recordPath(folder), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseRecord(text, recordPath(folder))
}

export async function writeRecord(folder: string, record: ClusterRecord): Promise<void> {
  await writeWhole(recordPath(folder), `${JSON.stringify(record, undefined, 2)}\n`)
}

export function parseRecord(text: string, path: string): ClusterRecord {
  const fields = parseObject(text)
  const { version, name, range, machines, root, registryPort, discoveryPort, discoveryUrl } = fields
  const isWhole =
    version === 1 &&
    typeof name === 'string' &&
    typeof range === 'string' &&
    typeof machines === 'number' &&
    typeof root === 'string' &&
    typeof registryPort === 'number' &&
    typeof discoveryPort === 'number'
  if (!isWhole) {
    throw new FlotaError(
      'failed_precondition',
      `Cannot read the cluster's record '${path}': it is not of this version`,
      {
        hint: 'Remove the cluster with flota down and make it anew',
      },
    )
  }
  const record: ClusterRecord = { version, name, range, machines, root, registryPort, discoveryPort }
  return typeof discoveryUrl === 'string' ? { ...record, discoveryUrl } : record
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
