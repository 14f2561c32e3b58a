import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ignoredOptions, options } from '../../src/daemon/options.ts'
import { hashUnitText } from '../../src/unit/hash.ts'
import { CommandLine } from './command-line.ts'
import { InProcessCluster } from './in-process-cluster.ts'

const page = readFileSync(new URL('../../docs/migrating-from-fleet.md', import.meta.url), 'utf8')
const prefix = '/_coreos.com/fleet'

const web =
  '[Unit]\nDescription=web %i\n\n[Service]\nExecStart=/usr/bin/web\n\n[X-Fleet]\nConflicts=web@*.service\nMachineMetadata=disk=ssd\n'
const agent = '[Service]\nExecStart=/usr/bin/metrics\n\n[X-Fleet]\nGlobal=true\n'
const pinned = '[Service]\nExecStart=/usr/bin/backup\n\n[X-Fleet]\nMachineID=43d53688e50a258033221963e58799d3\n'

interface FleetUnit {
  readonly text?: string
  readonly state: string
  readonly target?: string
}

const old = '43d53688e50a258033221963e58799d3'
/** The cluster that the page's reader has. */
const fleetUnits: Readonly<Record<string, FleetUnit>> = {
  'web@.service': { text: web, state: 'inactive' },
  'web@1.service': { text: web, state: 'launched', target: old },
  'web@2.service': { text: web, state: 'launched', target: '2f3159dc1255a378a769fe5beb048395' },
  'metrics.service': { text: agent, state: 'launched' },
  'backup.service': { text: pinned, state: 'loaded', target: old },
  'lost.service': { state: 'launched' },
}

function toDump(): string {
  const nodes = Object.entries(fleetUnits).flatMap(([name, { text, state, target }]) => {
    const hash = hashUnitText(text ?? 'gone')
    const object = JSON.stringify({ Name: name, UnitHash: [...Buffer.from(hash, 'hex')] })
    return [
      { key: `${prefix}/job/${name}/object`, value: object },
      { key: `${prefix}/job/${name}/target-state`, value: state },
      ...(target === undefined ? [] : [{ key: `${prefix}/job/${name}/target`, value: target }]),
      ...(text === undefined ? [] : [{ key: `${prefix}/unit/${hash}`, value: JSON.stringify({ Raw: text }) }]),
    ]
  })
  const machine = JSON.stringify({ ID: old, PublicIP: '10.0.0.1', Metadata: { disk: 'ssd' }, Version: '0.11.5' })
  return JSON.stringify({
    action: 'get',
    node: { dir: true, nodes: [...nodes, { key: `${prefix}/machines/${old}/object`, value: machine }] },
  })
}

/** Lines of the page's code blocks, in order. */
const codeLines = page
  .split('\n')
  .filter((line) => line.startsWith('    '))
  .map((line) => line.trim())

/** These need real machines, a real etcd or fleet itself; other tests run them. */
const isElsewhere = (line: string): boolean => /^flota (up|down|ssh|proxy)\b|--from-etcd2|--context|--tunnel/.test(line)

let cluster: InProcessCluster
let line: CommandLine
beforeAll(async () => {
  cluster = await InProcessCluster.open()
  cluster.live()
  line = await CommandLine.open(cluster)
  await writeFile(join(line.folder, 'fleet.json'), toDump())
  await writeFile(
    join(line.folder, 'cloud-config'),
    readFileSync(new URL('../../examples/nano-container/cloud-config', import.meta.url)),
  )
})
afterAll(async () => {
  await cluster.close()
  await line.close()
})

/** As a terminal shows it. */
function expandTabs(row: string): string {
  const [last = '', ...cells] = row.split('\t').toReversed()
  return (
    cells
      .toReversed()
      .reduce((text, cell) => `${text}${cell}`.padEnd(8 * (Math.floor(`${text}${cell}`.length / 8) + 1)), '') + last
  )
}

describe('docs/migrating-from-fleet.md', () => {
  it('shows the plan that its first import prints', async () => {
    const { stdout } = await line.run(['import', '--from-dump', 'fleet.json'])
    const shown = stdout
      .split('\n')
      .map(expandTabs)
      .filter((row) => row !== '')
    const block = page.split('\n').filter((row) => row.startsWith('    '))
    for (const row of shown) expect(block).toContain(`    ${row}`)
  })

  it('has commands of flota that do what they should, in their order', { timeout: 30_000 }, async () => {
    const commands = codeLines.filter((text) => text.startsWith('flota ') && !isElsewhere(text))
    expect(commands.length).toBeGreaterThan(8)
    for (const command of commands) {
      const argv = command
        .replace(/ +#.*$/, '')
        .split(' ')
        .slice(1)
      const { code, stderr } = await line.run(argv, { programName: 'flota' })
      expect([command, code, stderr.replace(/^Successfully.*\n/, '')]).toEqual([command, 0, ''])
    }
    const { stdout } = await line.run(['list-unit-files', '--no-legend', '--fields=unit,dstate'])
    expect(stdout.replaceAll(/\t+/g, ' ')).toBe(
      'backup.service loaded\nmetrics.service launched\nweb@.service inactive\nweb@1.service launched\nweb@2.service launched\n',
    )
  })

  it('speaks of settings that there are', () => {
    const known = [...Object.keys(options), ...Object.keys(ignoredOptions)]
    const named = [
      ...page.matchAll(/`((?:etcd|agent|engine|units|token|public|disable|enable|stop)_[a-z_]+)(?:=[^`]*)?`/g),
    ]
    expect(named.length).toBeGreaterThan(2)
    for (const [, name = ''] of named) expect(known).toContain(name)
  })
})
