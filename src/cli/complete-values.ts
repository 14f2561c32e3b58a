import { readdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { listMachines, listRoutes, listUnits } from '../client/calls.ts'
import type { WireMachine, WireUnit } from '../client/calls.ts'
import { listContexts } from '../client/context.ts'
import { isTemplate, parseUnitName, unitTypes } from '../unit/unit-name.ts'
import type { Candidate, ValueKind } from './complete-words.ts'
import type { CliDeps } from './deps.ts'

/** Who presses the tab key does not wait for a cluster that is far away or gone. */
const patienceMs = 2_000

/** What the cluster and the folder offer; nothing where they cannot be asked. */
export async function readValues(kind: ValueKind, word: string, deps: CliDeps): Promise<readonly Candidate[]> {
  try {
    return await Promise.race([read(kind, word, deps), deps.clock.sleep(patienceMs).then(() => [])])
  } catch {
    return [] // a completion has no place to say why
  }
}

async function read(kind: ValueKind, word: string, deps: CliDeps): Promise<readonly Candidate[]> {
  switch (kind) {
    case 'unit':
      return units(deps)
    case 'unit-or-file':
      return [...(await files(word, deps)), ...(await units(deps).catch(() => []))]
    case 'template':
      return templates(word, deps)
    case 'machine':
      return machines(deps)
    case 'machine-or-unit':
      return [...(await machines(deps)), ...(await units(deps))]
    case 'route':
      return (await listRoutes((await deps.connect()).client)).map(({ name }) => ({ value: name, meaning: 'route' }))
    case 'context':
      return (await listContexts(deps.env)).map((value) => ({ value, meaning: 'cluster' }))
  }
}

async function units(deps: CliDeps): Promise<readonly Candidate[]> {
  return (await listUnits((await deps.connect()).client)).map(toCandidate)
}

const toCandidate = ({ name = '', desiredState = 'inactive', machineID = '' }: WireUnit): Candidate => ({
  value: name,
  meaning: machineID === '' ? desiredState : `${desiredState} on ${machineID.slice(0, 8)}...`,
})

async function machines(deps: CliDeps): Promise<readonly Candidate[]> {
  const found: readonly WireMachine[] = await listMachines((await deps.connect()).client)
  return found.map(({ id = '', primaryIP = '' }) => ({ value: id, meaning: primaryIP }))
}

async function templates(word: string, deps: CliDeps): Promise<readonly Candidate[]> {
  const known = [...(await files(word, deps)), ...(await units(deps).catch(() => []))]
  const names = known.map(({ value }) => value).filter((name) => !name.endsWith('/') && isTemplate(nameOf(name)))
  return [...new Set(names)].map((name) => ({ value: `${name}=`, meaning: 'template' }))
}

const nameOf = (path: string) => parseUnitName(path.slice(path.lastIndexOf('/') + 1))

/** Unit files and folders where the word points to, as the word has them. */
async function files(word: string, { cwd }: CliDeps): Promise<readonly Candidate[]> {
  const folder = word.slice(0, word.lastIndexOf('/') + 1)
  const entries = await readdir(resolve(cwd, dirname(`${folder}x`)), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => !entry.name.startsWith('.'))
    .flatMap((entry) => {
      if (entry.isDirectory()) return [{ value: `${folder}${entry.name}/`, meaning: 'folder' }]
      return isUnitFile(entry.name) ? [{ value: `${folder}${entry.name}`, meaning: 'unit file' }] : []
    })
    .toSorted((a, b) => (a.value < b.value ? -1 : 1))
}

function isUnitFile(name: string): boolean {
  return unitTypes.some((type) => name.endsWith(`.${type}`)) && !/[^0-9A-Za-z:\-_.\\@]/.test(name)
}
