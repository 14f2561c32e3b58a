import { describe, expect, it } from 'vitest'
import { machineFiles } from './machine-files.ts'

const options = {
  name: 'flota-2',
  address: '10.77.0.12',
  prefixLength: 24,
  sshKey: 'ssh-ed25519 AAAA flota\n',
  userData: '#cloud-config\n',
  registry: '10.77.0.1:5000',
  canRaiseLimits: true,
}
const textOf = (path: string, changes = {}): string | undefined =>
  machineFiles({ ...options, ...changes }).find((file) => file.path === path)?.text

describe('machineFiles', () => {
  it.each([
    ['etc/hostname', 'flota-2\n'],
    ['etc/hosts', '127.0.0.1 localhost\n127.0.1.1 flota-2\n'],
    ['etc/environment', 'COREOS_PUBLIC_IPV4=10.77.0.12\nCOREOS_PRIVATE_IPV4=10.77.0.12\n'],
    ['etc/ssh/authorized_keys/core', 'ssh-ed25519 AAAA flota\n'],
    ['var/lib/coreos-install/user_data', '#cloud-config\n'],
  ])('%s says who the machine is', (path, text) => {
    expect(textOf(path)).toBe(text)
  })

  it('gives the machine its fixed address', () => {
    expect(textOf('etc/systemd/network/10-host0.network')).toContain('Address=10.77.0.12/24')
  })

  it("lets images of docker.io come from the cluster's registry", () => {
    const text = textOf('etc/containers/registries.conf.d/50-flota.conf') ?? ''
    expect(text).toContain('location = "10.77.0.1:5000"\ninsecure = true')
    expect(text).toContain('unqualified-search-registries = ["docker.io"]')
  })

  it('runs containers without groups only where the host cannot raise limits', () => {
    const path = 'etc/containers/containers.conf.d/50-flota.conf'
    expect(textOf(path)).toBeUndefined()
    expect(textOf(path, { canRaiseLimits: false })).toBe('[containers]\ncgroups = "disabled"\n')
  })

  it('keeps the user-data, which may hold secrets, to root', () => {
    const file = machineFiles(options).find(({ path }) => path.endsWith('user_data'))
    expect(file?.mode).toBe(0o600)
  })

  it.each([true, false])('is sorted by path (limits: %s)', (canRaiseLimits) => {
    const paths = machineFiles({ ...options, canRaiseLimits }).map((file) => file.path)
    expect(paths).toEqual(paths.toSorted())
  })
})
