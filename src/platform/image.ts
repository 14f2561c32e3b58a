import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Context } from '../client/context.ts'
import { FlotaError } from '../lib/errors.ts'
import { exists, makeWhole } from './local/files.ts'
import { tryRun } from './local/run.ts'
import { sshCommand } from './ssh-command.ts'

const image = 'jomoespe/nano-container'
const builder = 'examples/nano-container/service/build-image.mjs'
const bundle = 'dist/nano-container.js'

/** The folder of the cache for registry storage with the sample image; it changes with the service, its builder and the machines' root. */
export async function imageCacheFolder(cache: string, artefact: string, root: string): Promise<string> {
  const hash = createHash('sha256').update(root)
  for (const path of [builder, bundle]) hash.update(await readFile(join(artefact, path)))
  return join(cache, 'images', hash.digest('hex').slice(0, 16))
}

/** True when the registry (`ADDRESS:PORT`) has the image. */
export async function hasImage(registry: string, signal: AbortSignal): Promise<boolean> {
  const accept = ['application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.oci.image.manifest.v1+json']
  const response = await fetch(`http://${registry}/v2/${image}/manifests/latest`, {
    method: 'HEAD',
    headers: { accept: accept.join(', ') },
    signal,
  })
  return response.ok
}

export interface ImageOptions {
  readonly context: Context
  /** The machine that builds. */
  readonly address: string
  readonly registry: string
  readonly signal: AbortSignal
}

/** Builds the sample image in a machine, offline, and pushes it to the cluster's registry. */
export async function buildImage({ context, address, registry, signal }: ImageOptions): Promise<void> {
  const remote = ['sudo', 'node', `/usr/lib/flota/${builder}`, '--registry', registry]
  const { code, stderr } = await tryRun(sshCommand(context, address, remote), { signal })
  if (code === 0) return
  throw new FlotaError('internal', `Cannot build the image '${image}' in machine '${address}': ${stderr.trim()}`, {
    hint: 'Run flota up again; it continues where this one ended',
  })
}

/** Keeps the image for the next cluster. Earlier versions of it go. */
export async function keepImage(storage: string, cacheFolder: string): Promise<void> {
  if (await exists(cacheFolder)) return
  const all = dirname(cacheFolder)
  await mkdir(all, { recursive: true })
  for (const name of await readdir(all)) await rm(join(all, name), { recursive: true, force: true })
  await makeWhole(cacheFolder, async (target) => cp(storage, target, { recursive: true }))
}
