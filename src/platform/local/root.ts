import { mkdir, readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { FlotaError } from '../../lib/errors.ts'
import { guestSources, parseDeb822, parseOneLine } from './apt-sources.ts'
import type { AptSource } from './apt-sources.ts'
import { exists, makeWhole } from './files.ts'
import { checkPrograms } from './host.ts'
import { tryLock } from './lock.ts'
import { bootstrapOptions, finishScript, packages, rootHash, suite } from './root-recipe.ts'
import { run } from './run.ts'

export interface RootOptions {
  readonly cache: string
  readonly mirror: string | undefined
}

/** The folder of the shared, read-only root of all machines. It depends on the recipe and on the host's archives only. */
export async function locateRoot({ cache, mirror }: RootOptions): Promise<RootPlace> {
  const osRelease = await readFile('/etc/os-release', 'utf8')
  const osId = /^ID="?([a-z0-9._-]+)"?$/m.exec(osRelease)?.[1] ?? 'unknown'
  const sources = guestSources({ host: await readHostSources('/etc/apt'), osId, mirror })
  const folder = join(cache, 'roots', rootHash(sources))
  return { folder, sources, isBuilt: await exists(folder) }
}

export interface RootPlace {
  readonly folder: string
  readonly sources: string
  readonly isBuilt: boolean
}

/** The root's folder, built if it is not there. */
export async function ensureRoot(options: RootOptions & BuildOptions): Promise<string> {
  const place = await locateRoot(options)
  if (!place.isBuilt) await buildRoot(place, options)
  return place.folder
}

export interface BuildOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Builds the root with mmdebstrap: half a minute or more. Half a root is never left under its final name; two builders take turns. */
export async function buildRoot(place: RootPlace, { clock, signal }: BuildOptions): Promise<void> {
  await checkPrograms('build the root of the machines', ['apt-config', 'chroot', 'mmdebstrap', 'setpriv', 'unshare'])
  let lock = await tryLock(place.folder)
  for (; lock === undefined; lock = await tryLock(place.folder)) await clock.sleep(500, signal)
  try {
    if (await exists(place.folder)) return
    await mkdir(dirname(place.folder), { recursive: true })
    await makeWhole(place.folder, (target) => fillRoot(target, place.sources, signal))
  } finally {
    lock.release()
  }
}

/** When this process is killed, so is all of the build: else it would go on writing into the folder that the next build uses. */
const dieWithParent = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount-proc']

async function fillRoot(target: string, sources: string, signal: AbortSignal): Promise<void> {
  try {
    const options = [...bootstrapOptions, ...toAptOptions(await run(['apt-config', 'dump']))]
    const include = `--include=${packages.join(',')}`
    await run([...dieWithParent, 'mmdebstrap', ...options, include, suite, target, '-'], { input: sources, signal })
    await run([...dieWithParent, 'chroot', target, '/bin/sh'], { input: finishScript, signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new FlotaError('unavailable', 'Cannot build the root of the machines', {
      cause,
      hint: 'See that this host can install Debian packages (apt-get update), or name another archive with --mirror URL',
    })
  }
}

async function readHostSources(folder: string): Promise<readonly AptSource[]> {
  const parts = await readdir(join(folder, 'sources.list.d')).catch(() => [])
  const paths = ['sources.list', ...parts.toSorted().map((part) => join('sources.list.d', part))]
  const sources: AptSource[] = []
  for (const path of paths.filter((part) => /\.(list|sources)$/.test(part))) {
    const text = await readFile(join(folder, path), 'utf8').catch(() => '')
    sources.push(...(path.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text)))
  }
  return sources
}

/** Settings of the host's apt that decide whether an archive is reachable and believed: proxies, certificates, dates. */
export function toAptOptions(dump: string): readonly string[] {
  const wanted =
    /^Acquire::(.*::)?(Proxy|ProxyAutoDetect|Proxy-Auto-Detect|CaInfo|CaPath|Verify-Peer|Verify-Host|Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6|Languages)(::.*)? ".+";$/i
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `--aptopt=${line.replace(/;$/, '')}`)
}
