import { cp, mkdir, readFile, readdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FlotaError } from '../../lib/errors.ts'
import { exists } from './files.ts'

/** Parts of the package that a machine needs: what `npm pack` gives. */
const parts = ['bin', 'dist', 'examples', 'package.json', 'systemd']
const programs = ['fleetctl', 'flota', 'flotad']

/** The folder of the package this code runs from: a checkout, or an installed package. */
export async function packageFolder(): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== '/'; folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
    if (text !== undefined && readField(text, 'name') === 'flota') return folder
  }
  throw new Error('this code lies in no package named flota')
}

/** Puts the package into a machine's own layer: /usr/lib/flota, its programs into the path, its units to systemd. */
export async function installArtefact(source: string, layer: string): Promise<void> {
  if (!(await exists(join(source, 'dist', 'flotad.js')))) {
    throw new FlotaError(
      'failed_precondition',
      `Cannot install Flota in a machine: '${source}/dist' has no flotad.js`,
      {
        hint: 'Build it first: npm run build',
      },
    )
  }
  const target = join(layer, 'usr/lib/flota')
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  for (const part of parts) {
    if (await exists(join(source, part))) await cp(join(source, part), join(target, part), { recursive: true })
  }
  await copyDependencies(source, target)
  for (const program of programs) await link(`../lib/flota/bin/${program}.js`, join(layer, 'usr/bin', program))
  await installUnits(join(source, 'systemd'), layer)
}

/** The bundle's few companions (bundleDependencies) with all they depend on. */
async function copyDependencies(source: string, target: string): Promise<void> {
  const waiting = [...readNames(await readFile(join(source, 'package.json'), 'utf8'), 'bundleDependencies')]
  const done = new Set<string>()
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (done.has(name)) continue
    done.add(name)
    const from = join(source, 'node_modules', name)
    await cp(from, join(target, 'node_modules', name), { recursive: true })
    waiting.push(...readNames(await readFile(join(from, 'package.json'), 'utf8'), 'dependencies'))
  }
}

async function installUnits(source: string, layer: string): Promise<void> {
  const units = join(layer, 'usr/lib/systemd/system')
  await mkdir(units, { recursive: true })
  for (const unit of await readdir(source)) await cp(join(source, unit), join(units, unit))
  await link('fleet.service', join(units, 'flota.service'))
  const wants = join(layer, 'etc/systemd/system/multi-user.target.wants')
  await link('/usr/lib/systemd/system/flota-cloud-config.service', join(wants, 'flota-cloud-config.service'))
}

async function link(to: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  await symlink(to, path)
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

const readField = (text: string, field: string): unknown => readObject(text)[field]

/** Names in a list, or the keys of a map: package.json writes dependencies both ways. */
function readNames(text: string, field: string): readonly string[] {
  const value = readField(text, field)
  if (Array.isArray(value)) return value.filter((name) => typeof name === 'string')
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}
