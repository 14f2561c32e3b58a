import { expect, it } from 'vitest'
import { nspawnArguments, nspawnEnvironment } from './nspawn-arguments.ts'

const args = nspawnArguments({
  scope: 'flota-1',
  hostname: 'flota-1',
  root: '/state/root',
  bridge: 'fl-flota',
  containers: '/state/containers',
})

it.each([
  ['boots the machine', '--boot'],
  ['needs no machined', '--register=no'],
  ['stays in the group it was started in', '--keep-unit'],
  ['runs the overlay', '--directory=/state/root'],
  ['joins the bridge', '--network-bridge=fl-flota'],
  ['keeps containers on a real file system', '--bind=/state/containers:/var/lib/containers'],
  ['allows what podman inside asks for', '--system-call-filter=@keyring bpf'],
  ["takes no settings of the host's administrator for other machines", '--settings=no'],
])('%s: %s', (_, argument) => {
  expect(args).toContain(argument)
})

it('gives the machine the unified hierarchy whatever the host has', () => {
  expect(nspawnEnvironment).toEqual({ SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' })
})
