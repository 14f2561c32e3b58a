import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { filesIn } from '../balancer/render.ts'
import { identityPaths } from '../machine/identity.ts'
import { defaultConfigFile } from './config.ts'
import { localEndpoints } from './endpoints.ts'
import { options } from './options.ts'
import { defaultSocket } from './sockets.ts'
import { storeLocationFile } from './store-location.ts'

const root = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/machines.md', root), 'utf8')
const unitText = (name: string) => readFileSync(new URL(`systemd/${name}`, root), 'utf8')

function rowsOf(heading: string): readonly (readonly string[])[] {
  const part = page.split(`\n${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = part.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(2).map((line) => line.slice(2).split(/ *\| */))
}

describe('docs/machines.md', () => {
  it('lists every unit of a machine, and whom it runs as', () => {
    const rows = rowsOf('## Units')
    expect(rows.map(([name]) => name)).toEqual(
      expect.arrayContaining(readdirSync(new URL('systemd', root)).map((name) => `\`${name}\``)),
    )
    for (const [name = '', , user = ''] of rows) {
      const [, set = name.endsWith('.socket`') ? '' : 'root'] = /^User=(.*)$/m.exec(unitText(name.slice(1, -1))) ?? []
      expect([name, user]).toEqual([name, set])
    }
    expect(unitText('fleet.service')).toMatch(/^KillMode=process$/m)
    expect(unitText('fleet.service')).toMatch(/^Alias=flota.service$/m)
  })

  it('lists the paths that the code works with', () => {
    const paths = rowsOf('## Files').map(([path = '']) => path.slice(1, -1))
    const data = options.data_directory.fallback
    const { nonce, machineId } = identityPaths(data)
    expect(paths).toEqual(
      expect.arrayContaining([
        defaultConfigFile,
        machineId,
        nonce,
        defaultSocket,
        options.units_directory.fallback,
        storeLocationFile,
      ]),
    )
    expect(unitText('flota-cloud-config.service')).toContain('ConditionPathExists=/var/lib/coreos-install/user_data')
    expect(unitText('etcd2.service')).toContain('ETCD_DATA_DIR=/var/lib/etcd2\n')
    expect(unitText('fleet.socket')).toContain(`ListenStream=${defaultSocket}\nSocketMode=0660\nSocketGroup=flota\n`)
    const { config, certificate, key } = filesIn('')
    for (const file of [config, certificate, key]) expect(page).toContain(`\`${file.slice(1)}\``)
  })

  it('names the ports of etcd that flotad looks for', () => {
    const [ports = ''] = rowsOf('## Ports').flatMap(([port = '', who = '']) =>
      who.includes('for clients') ? [port] : [],
    )
    expect(ports.split(', ')).toEqual(localEndpoints.map((url) => new URL(url).port))
  })

  it('installs programs that there are', () => {
    const [, programs = ''] = /for program in ([^;]*);/.exec(page) ?? []
    for (const program of programs.split(' ')) expect(existsSync(new URL(`bin/${program}.js`, root))).toBe(true)
    expect(programs.split(' ').length).toBe(3)
  })
})
