import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { prepareUserData } from './prepare.ts'
import type { Step, WriteFile } from './step.ts'

/** A machine whose platform wrote its addresses down. */
const facts = {
  addresses: { private_ipv4: '10.0.0.1', public_ipv4: '203.0.113.1' },
  hostname: 'before',
  environment: 'COREOS_PRIVATE_IPV4=10.0.0.1\nCOREOS_PUBLIC_IPV4=203.0.113.1\n',
}

const prepare = (text: string) => prepareUserData(Buffer.from(text), facts)
const filesOf = (steps: readonly Step[]) =>
  steps.filter((step): step is WriteFile => step.kind === 'write-file').map(({ path, content }) => [path, content])
const commandsOf = (steps: readonly Step[]) =>
  steps.flatMap((step) => (step.kind === 'command' ? [`${step.command} ${step.unit}`] : []))

const etcd2DropIn = `[Service]
Environment="ETCD_ADVERTISE_CLIENT_URLS=http://10.0.0.1:2379,http://10.0.0.1:4001"
Environment="ETCD_DISCOVERY=https://discovery.etcd.io/<discovery_id>"
Environment="ETCD_INITIAL_ADVERTISE_PEER_URLS=http://10.0.0.1:2380"
Environment="ETCD_LISTEN_CLIENT_URLS=http://0.0.0.0:2379,http://0.0.0.0:4001"
Environment="ETCD_LISTEN_PEER_URLS=http://10.0.0.1:2380"
`
const flotaDropIn = `[Service]
Environment="FLOTA_STORE=etcd"
Environment="FLOTA_DISCOVERY=https://discovery.etcd.io/<discovery_id>"
`

describe('the file of the example', async () => {
  const example = await readFile(new URL('../../examples/nano-container/cloud-config', import.meta.url), 'utf8')

  it.each([
    ['as it is', example],
    ['with underscores', example.replaceAll(/^( +)([a-z-]+):/gm, (line) => line.replaceAll('-', '_'))],
    ['with the line ends of Windows', example.replaceAll('\n', '\r\n')],
  ])('gives the drop-ins of coreos-cloudinit, %s', (_title, text) => {
    const { steps, findings } = prepare(text)
    expect(findings).toEqual([])
    expect(filesOf(steps)).toEqual([
      ['/run/systemd/system/etcd2.service.d/20-cloudinit.conf', etcd2DropIn],
      ['/run/systemd/system/fleet.service.d/10-flota.conf', flotaDropIn],
    ])
    expect(commandsOf(steps)).toEqual(['start etcd2.service', 'start fleet.service'])
  })

  it('writes before systemd reads, and starts last', () => {
    const kinds = prepare(example).steps.map(({ kind }) => kind)
    expect(kinds.lastIndexOf('write-file')).toBeLessThan(kinds.indexOf('daemon-reload'))
    expect(kinds.slice(-3)).toEqual(['daemon-reload', 'command', 'command'])
  })
})

describe('a larger file', () => {
  const { steps, findings } = prepare(`#cloud-config
hostname: web1.example.com
ssh_authorized_keys:
  - " ssh-ed25519 AAAA me@home "
  - ssh-rsa BBBB
write_files:
  - path: /etc/one
    permissions: 0600
    owner: core:core
    content: |
      here is $private_ipv4
  - path: etc/two
    permissions: "755"
    encoding: b64
    content: |
      aGVs
      bG8=
  - {path: /etc/three, encoding: gzip+base64, content: H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==}
coreos:
  etcd2:
    name: one
    client-cert-auth: false
    debug: yes
    election-timeout: 1200
    snapshot_count: 0
    cors: 'a"b%c\\d'
  fleet:
    public-ip: $public_ipv4
    metadata: region=ams3,disk=ssd
    engine_reconcile_interval: 2.5
  units:
    - name: web.service
      enable: true
      command: restart
      content: "[Service]\\nExecStart=/bin/web\\n"
    - name: web.service
      runtime: yes
      drop-ins:
        - {name: 10-a.conf, content: "[Service]\\nNice=5\\n"}
        - {name: empty.conf}
    - name: 10-eth1.network
      content: "[Match]\\nName=eth1\\n"
      command: start
    - name: old.service
      mask: true
      command: stop
    - name: ""
      command: start
`)

  it('is read without a finding', () => {
    expect(findings).toEqual([])
  })

  it('gives its files, byte for byte, in order', () => {
    expect(filesOf(steps)).toEqual([
      ['/etc/one', 'here is 10.0.0.1\n'],
      ['/etc/two', Buffer.from('hello')],
      ['/etc/three', Buffer.from('hello')],
      ['/etc/systemd/system/web.service', '[Service]\nExecStart=/bin/web\n'],
      ['/run/systemd/system/web.service.d/10-a.conf', '[Service]\nNice=5\n'],
      ['/etc/systemd/network/10-eth1.network', '[Match]\nName=eth1\n'],
      [
        '/run/systemd/system/etcd2.service.d/20-cloudinit.conf',
        '[Service]\nEnvironment="ETCD_CORS=a\\"b%%c\\\\d"\nEnvironment="ETCD_DEBUG=true"\n' +
          'Environment="ETCD_ELECTION_TIMEOUT=1200"\nEnvironment="ETCD_NAME=one"\n',
      ],
      ['/run/systemd/system/fleet.service.d/10-flota.conf', '[Service]\nEnvironment="FLOTA_STORE=etcd"\n'],
      [
        '/run/systemd/system/fleet.service.d/20-cloudinit.conf',
        '[Service]\nEnvironment="FLEET_ENGINE_RECONCILE_INTERVAL=2.5"\n' +
          'Environment="FLEET_METADATA=region=ams3,disk=ssd"\nEnvironment="FLEET_PUBLIC_IP=203.0.113.1"\n',
      ],
    ])
  })

  it('gives everything else in the order of coreos-cloudinit', () => {
    expect(steps.filter(({ kind }) => kind !== 'write-file')).toEqual([
      { kind: 'set-hostname', name: 'web1' },
      { kind: 'authorize-keys', user: 'core', keys: ['ssh-ed25519 AAAA me@home', 'ssh-rsa BBBB'] },
      { kind: 'enable', unit: 'web.service', isRuntime: false },
      { kind: 'unmask', path: '/run/systemd/system/web.service' },
      { kind: 'mask', path: '/etc/systemd/system/old.service' },
      { kind: 'unmask', path: '/run/systemd/system/etcd.service' },
      { kind: 'unmask', path: '/run/systemd/system/etcd2.service' },
      { kind: 'unmask', path: '/run/systemd/system/fleet.service' },
      { kind: 'unmask', path: '/run/systemd/system/locksmithd.service' },
      { kind: 'daemon-reload' },
      { kind: 'restart-networkd' },
      { kind: 'command', unit: 'web.service', command: 'restart' },
      { kind: 'command', unit: 'old.service', command: 'stop' },
    ])
  })

  it('keeps modes and owners', () => {
    const files = steps.filter((step) => step.kind === 'write-file')
    expect(files.slice(0, 3).map(({ mode, owner }) => [mode, owner])).toEqual([
      [0o600, 'core:core'],
      [0o755, undefined],
      [0o644, undefined],
    ])
  })
})

describe('keys of CoreOS', () => {
  const { steps, findings } = prepare(`#cloud-config
manage_etc_hosts: localhost
coreos:
  flannel: {etcd_prefix: /net, interface: $private_ipv4, ip-masq: true}
  locksmith: {endpoint: "http://a:2379", group: one, window-start: Thu 04:00, window-length: 1h30m}
  oem: {id: digitalocean, name: DigitalOcean, version-id: 0.0.4, home-url: "https://a/", bug-report-url: "https://b/"}
`)

  it('give the files of coreos-cloudinit, byte for byte', () => {
    expect(findings).toEqual([])
    expect(filesOf(steps)).toEqual([
      [
        '/etc/oem-release',
        'ID=digitalocean\nVERSION_ID=0.0.4\nNAME="DigitalOcean"\nHOME_URL="https://a/"\nBUG_REPORT_URL="https://b/"\n',
      ],
      ['/etc/hosts', '127.0.0.1 before\n'],
      ['/run/flannel/options.env', 'FLANNELD_ETCD_PREFIX=/net\nFLANNELD_IP_MASQ=true\nFLANNELD_IFACE=10.0.0.1'],
      [
        '/run/systemd/system/locksmithd.service.d/20-cloudinit.conf',
        '[Service]\nEnvironment="LOCKSMITHD_ENDPOINT=http://a:2379"\nEnvironment="LOCKSMITHD_GROUP=one"\n' +
          'Environment="REBOOT_WINDOW_START=Thu 04:00"\nEnvironment="REBOOT_WINDOW_LENGTH=1h30m"\n',
      ],
    ])
  })

  it('name the machine as the same file does', () => {
    const named = prepare('#cloud-config\nhostname: new.example.com\nmanage_etc_hosts: localhost\n')
    expect(filesOf(named.steps)).toEqual([['/etc/hosts', '127.0.0.1 new\n']])
  })
})

describe('/etc/environment', () => {
  it('gets the addresses that the machine found by itself', () => {
    const bare = { ...facts, environment: 'PATH=/bin\nCOREOS_PRIVATE_IPV4=10.9.9.9\n' }
    expect(filesOf(prepareUserData(Buffer.from('#cloud-config\n'), bare).steps)).toEqual([
      ['/etc/environment', 'PATH=/bin\nCOREOS_PRIVATE_IPV4=10.0.0.1\nCOREOS_PUBLIC_IPV4=203.0.113.1\n'],
    ])
  })

  it('is left as the user wrote it', () => {
    const text = '#cloud-config\nwrite_files: [{path: /etc/../etc/environment, content: A=1}]\n'
    const { steps } = prepareUserData(Buffer.from(text), { ...facts, environment: '' })
    expect(filesOf(steps)).toEqual([['/etc/environment', 'A=1']])
  })
})

describe('other user-data', () => {
  it.each([
    ['nothing', '', undefined],
    ['another header', '#Cloud-config\nhostname: a\n', 'error: must be "#cloud-config" or begin with "#!"'],
    ['a space before the header', ' #cloud-config\n', 'error: must be "#cloud-config" or begin with "#!"'],
    ['broken YAML', '#cloud-config\na: [b\n', 'error: '],
    ['a list', '#cloud-config\n- a\n', 'warning: incorrect type for "" (want struct)'],
  ])('%s still unmasks the units of CoreOS and changes nothing else', (_title, text, message) => {
    const { steps, findings } = prepare(text)
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['unmask', 'daemon-reload']))
    const lines = findings.map((finding) => `${finding.level}: ${finding.message}`)
    expect(lines.join('\n')).toContain(message ?? '')
    expect(lines.length).toBe(message === undefined ? 0 : 1)
  })

  it('an Ignition config is left alone', () => {
    expect(prepare('{"ignition":{"version":"3.3.0"}}').steps).toEqual([])
  })

  it('a script is kept and run in a unit of its own', () => {
    const { steps } = prepare('#!/bin/sh\necho $private_ipv4 \\$private_ipv4\n')
    const [script, name] = filesOf(steps)
    expect(script).toEqual([
      expect.stringMatching(/^\/var\/lib\/coreos-cloudinit\/scripts\/[0-9a-f]{16}$/),
      '#!/bin/sh\necho 10.0.0.1 $private_ipv4\n',
    ])
    expect(name?.[1]).toMatch(/^coreos-cloudinit-[0-9a-f]{16}\.service$/)
    expect(steps.at(-1)).toMatchObject({ kind: 'run-script', path: script?.[0], unit: name?.[1] })
  })

  it('an address that the machine lacks is reported where it is used', () => {
    const { findings } = prepare('#cloud-config\nhostname: a\ncoreos:\n  fleet:\n    public_ip: $public_ipv6\n')
    expect(findings).toEqual([
      { level: 'warning', line: 5, column: 16, message: 'this machine has no $public_ipv6; it becomes nothing' },
    ])
  })
})
