import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FlotaError } from '../lib/errors.ts'

/** Client URLs of etcd on this machine, as every cloud-config of fleet's time has them. */
export const localEndpoints = ['http://127.0.0.1:2379', 'http://127.0.0.1:4001'] as const

export interface EndpointSources {
  /** True when the URL answers as an etcd that serves v3. */
  readonly answers: (url: string) => Promise<boolean>
  /** What this machine knew before its last restart; empty when it is new. */
  readonly remembered: readonly string[]
  /** Client URLs of the members that registered with the discovery service; undefined when there is no discovery URL. */
  readonly discovered: (() => Promise<readonly string[]>) | undefined
}

/**
 * Where etcd is, for a machine that was given no `etcd_servers`: its own member, else what it remembers, else the members
 * behind the discovery URL. The order is by nearness; all that is known is returned, so that the loss of one is no loss.
 * Errors: `unavailable` when nothing is known yet (the cluster is still forming): ask again.
 */
export async function findEndpoints({ answers, remembered, discovered }: EndpointSources): Promise<readonly string[]> {
  const [local] = localEndpoints
  if (await answers(local)) return unique([local, ...remembered])
  if (remembered.length > 0) return remembered
  const members = await discovered?.()
  if (members !== undefined && members.length > 0) return unique(members)
  throw new FlotaError('unavailable', 'Cannot find etcd: no member on this machine and none known elsewhere', {
    hint: 'set etcd_servers in /etc/fleet/fleet.conf, or start etcd2.service',
  })
}

const unique = (urls: readonly string[]): readonly string[] => [...new Set(urls)]

/** Asks etcd's plain HTTP door, which every version has. */
export async function answersAsEtcd(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/version`, { signal: AbortSignal.timeout(1_000) })
    const version: unknown = await response.json()
    return (
      typeof version === 'object' &&
      version !== null &&
      'etcdcluster' in version &&
      version.etcdcluster !== 'not_decided'
    )
  } catch {
    return false // away, or not an etcd: either way not an answer
  }
}

/** The endpoints file: what lets a machine come back when the discovery service is long gone. */
export async function readEndpoints(file: string): Promise<readonly string[]> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
    return Array.isArray(parsed) ? parsed.filter((url): url is string => typeof url === 'string') : []
  } catch {
    return [] // none yet, or half a file from before renames were atomic: discovery will tell
  }
}

export async function writeEndpoints(file: string, endpoints: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(endpoints)}\n`)
  await rename(`${file}.new`, file)
}
