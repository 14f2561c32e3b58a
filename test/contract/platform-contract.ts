import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MachineSpec, Platform } from '../../src/platform/platform.ts'

/** What a platform's own test gives the suite. Names of machines are the platform's to choose. */
export interface PlatformUnderTest {
  readonly platform: Platform
  readonly names: readonly [string, string]
  readonly sshKey: string
  /** Runs a command in the machine over SSH, as `core`; waits until the machine answers. */
  ssh(address: string, command: readonly string[]): Promise<string>
  /** True when something answers on the machine's SSH port. */
  answers(address: string): Promise<boolean>
  close(): Promise<void>
}

/** What every platform promises, on real machines. One suite, in order: each test goes on from where the last one ended. */
export function platformContract(title: string, open: () => Promise<PlatformUnderTest>): void {
  describe(`${title} keeps the platform's contract`, () => {
    let under: PlatformUnderTest
    const signal = new AbortController().signal
    const spec = (name: string): MachineSpec => ({ name, userData: '#cloud-config\n', sshKey: under.sshKey })
    const identity = async (address: string): Promise<string> =>
      under.ssh(address, ['cat', '/etc/machine-id', '/etc/ssh/ssh_host_ed25519_key.pub'])

    beforeAll(async () => {
      under = await open()
    })
    afterAll(async () => {
      await under.close()
    })

    it('has no machines at first', async () => {
      expect(await under.platform.list()).toEqual([])
    })

    it('destroys what does not exist without an error', async () => {
      await under.platform.destroy(under.names[0])
    })

    it('makes machines at once, each itself', async () => {
      const machines = await Promise.all(under.names.map((name) => under.platform.ensure(spec(name), signal)))
      expect(machines.map(({ state }) => state)).toEqual(['running', 'running'])
      const seen = await Promise.all(machines.map(({ publicIp }) => under.ssh(publicIp, ['hostname'])))
      expect(seen.map((name) => name.trim())).toEqual(under.names)
      const [one, other] = await Promise.all(machines.map(({ publicIp }) => identity(publicIp)))
      expect(one).toMatch(/^[0-9a-f]{32}\n/)
      expect(one).not.toBe(other)
    })

    it('lists them sorted, as ensure gave them', async () => {
      const listed = await under.platform.list()
      expect(listed.map(({ name }) => name)).toEqual(under.names)
      expect(await under.platform.ensure(spec(under.names[0]), signal)).toEqual(listed[0])
    })

    it('hands the user-data to the machine, for root alone', async () => {
      const [machine] = await under.platform.list()
      const address = machine?.publicIp ?? ''
      expect(await under.ssh(address, ['sudo', 'cat', '/var/lib/coreos-install/user_data'])).toBe('#cloud-config\n')
      expect(await under.ssh(address, ['cat', '/var/lib/coreos-install/user_data', '||', 'echo', 'refused'])).toBe(
        'refused\n',
      )
    })

    it('keeps machines apart: a service stopped in one runs on in the other', async () => {
      const machines = await under.platform.list()
      const start = ['sudo', 'systemd-run', '--quiet', '--unit=apart', 'sleep', '600']
      await Promise.all(machines.map(({ publicIp }) => under.ssh(publicIp, start)))
      await under.ssh(machines[0]?.publicIp ?? '', ['sudo', 'systemctl', 'stop', 'apart'])
      expect(await under.ssh(machines[1]?.publicIp ?? '', ['systemctl', 'is-active', 'apart'])).toBe('active\n')
    })

    it('cuts the power of one machine: it is silent at once, the other goes on', async () => {
      const [first, second] = await under.platform.list()
      await under.platform.powerOff(under.names[0])
      expect(await under.answers(first?.publicIp ?? '')).toBe(false)
      expect((await under.platform.list()).map(({ state }) => state)).toEqual(['stopped', 'running'])
      expect(await under.ssh(second?.publicIp ?? '', ['hostname'])).toBe(`${under.names[1]}\n`)
    })

    it('starts a machine that lost power again, the same one with its files', async () => {
      const [, second] = await under.platform.list()
      const address = second?.publicIp ?? ''
      const before = await identity(address)
      await under.ssh(address, ['sudo', 'sh', '-c', "'echo kept > /var/lib/kept; sync'"])
      await under.platform.powerOff(under.names[1])
      await under.platform.ensure(spec(under.names[1]), signal)
      expect(await identity(address)).toBe(before)
      expect(await under.ssh(address, ['cat', '/var/lib/kept'])).toBe('kept\n')
    })

    it('refuses to cut the power of a machine that does not exist', async () => {
      await under.platform.destroy(under.names[0])
      expect((await under.platform.list()).map(({ name }) => name)).toEqual([under.names[1]])
      await expect(under.platform.powerOff(under.names[0])).rejects.toThrow(under.names[0])
    })
  })
}
