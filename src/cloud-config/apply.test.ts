import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applySteps } from './apply.ts'
import type { Run } from './run.ts'
import type { Step } from './step.ts'

let root: string
let ran: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'flota-apply-'))
  ran = []
})

afterEach(() => rm(root, { recursive: true }))

/** Programs that only write down how they were called; those whose call is in `failing` fail. */
function programs(failing: readonly string[] = []): Run {
  return (program, args) => {
    const call = [program, ...args].join(' ')
    ran.push(call)
    const isFailing = failing.includes(call)
    return Promise.resolve({
      code: isFailing ? 5 : 0,
      stdout: args[0] === 'show' ? 'ActiveState=activating\nSubState=start\n' : '',
      stderr: isFailing ? 'Unit x not found.\n' : '',
    })
  }
}

const apply = (steps: readonly Step[], run = programs()) => applySteps(steps, { root, run })
const dropIn: Step = { kind: 'write-file', path: '/run/systemd/system/a.service.d/b.conf', content: 'x\n', mode: 0o644 }
const reload: Step = { kind: 'daemon-reload' }
const start: Step = { kind: 'command', unit: 'a.service', command: 'start' }

describe('files', () => {
  it('are written with their mode, and nothing is left beside them', async () => {
    await apply([{ kind: 'write-file', path: '/etc/deep/file', content: 'secret', mode: 0o600 }])
    const path = join(root, 'etc/deep/file')
    expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['secret', 0o600])
    expect(await readdir(join(root, 'etc/deep'))).toEqual(['file'])
  })

  it('replace a link instead of writing through it', async () => {
    await writeFile(join(root, 'target'), 'kept')
    await symlink(join(root, 'target'), join(root, 'link'))
    await apply([{ kind: 'write-file', path: '/link', content: 'new', mode: 0o644 }])
    expect(await readFile(join(root, 'target'), 'utf8')).toBe('kept')
    expect((await lstat(join(root, 'link'))).isFile()).toBe(true)
  })

  it('have their owner before they are in place', async () => {
    await apply([{ kind: 'write-file', path: '/file', content: 'a', mode: 0o644, owner: 'core:core' }])
    expect(ran).toEqual([`chown -- core:core ${root}/file.flota-new`])
  })

  it('with the wrong mode are written again', async () => {
    await apply([dropIn])
    await chmod(join(root, dropIn.path), 0o666)
    await apply([dropIn, reload])
    expect((await stat(join(root, dropIn.path))).mode & 0o777).toBe(0o644)
    expect(ran).toEqual(['systemctl daemon-reload'])
  })
})

describe('units', () => {
  it('are read by systemd once after a change, then started without waiting', async () => {
    const { states, failures } = await apply([dropIn, reload, start])
    expect(ran).toEqual([
      'systemctl daemon-reload',
      'systemctl start --no-block -- a.service',
      'systemctl show --property=ActiveState,SubState -- a.service',
    ])
    expect([states, failures]).toEqual([['a.service is activating (start)'], []])
  })

  it('that did not change cost no reload', async () => {
    await apply([dropIn, reload])
    ran = []
    await apply([dropIn, reload])
    expect(ran).toEqual([])
  })

  it('that cannot be started do not hold up the others', async () => {
    const other: Step = { kind: 'command', unit: 'b.service', command: 'start' }
    const { failures } = await apply([start, other], programs(['systemctl start --no-block -- a.service']))
    expect(failures).toEqual(['Cannot start a.service: Unit x not found.'])
    expect(ran).toContain('systemctl start --no-block -- b.service')
  })

  it.each([
    ['a link to nowhere', (path: string) => symlink('/dev/null', path), false],
    ['an empty file', (path: string) => writeFile(path, ''), false],
    ['a real file', (path: string) => writeFile(path, 'x'), true],
    ['a link to a real unit', (path: string) => symlink('/lib/a.service', path), true],
  ])('unmask treats %s as it should', async (_title, make, isKept) => {
    await make(join(root, 'a.service'))
    await apply([{ kind: 'unmask', path: '/a.service' }])
    expect((await readdir(root)).includes('a.service')).toBe(isKept)
  })

  it('mask replaces the file by a link to nowhere', async () => {
    await writeFile(join(root, 'a.service'), 'x')
    await apply([{ kind: 'mask', path: '/a.service' }])
    expect(await readlink(join(root, 'a.service'))).toBe('/dev/null')
  })

  it.each<[string, Step, string]>([
    ['hostname', { kind: 'set-hostname', name: 'a' }, 'hostnamectl set-hostname -- a'],
    ['enable', { kind: 'enable', unit: 'a.service', isRuntime: false }, 'systemctl enable --force -- a.service'],
    [
      'runtime',
      { kind: 'enable', unit: 'a.service', isRuntime: true },
      'systemctl enable --force --runtime -- a.service',
    ],
    ['networkd', { kind: 'restart-networkd' }, 'systemctl restart --no-block systemd-networkd.service'],
  ])('%s is done by its program', async (...[, step, call]) => {
    await apply([step])
    expect(ran).toEqual([call])
  })
})

describe('SSH keys', () => {
  const step: Step = { kind: 'authorize-keys', user: 'core', keys: ['ssh-rsa A', 'ssh-rsa B', 'ssh-rsa A'] }
  const path = () => join(root, 'home/core/.ssh/authorized_keys')

  async function addUser(): Promise<void> {
    await mkdir(join(root, 'etc'))
    await mkdir(join(root, 'home/core'), { recursive: true })
    const { uid, gid } = await stat(root)
    await writeFile(join(root, 'etc/passwd'), `root:x:0:0::/root:/bin/sh\ncore:x:${uid}:${gid}::/home/core:/bin/bash\n`)
  }

  it('are added once, behind those that are there', async () => {
    await addUser()
    await mkdir(join(root, 'home/core/.ssh'))
    await writeFile(path(), 'ssh-rsa B')
    await apply([step])
    await apply([step])
    expect(await readFile(path(), 'utf8')).toBe('ssh-rsa B\nssh-rsa A\n')
    expect((await stat(path())).mode & 0o777).toBe(0o600)
  })

  it('never come from or go to a file behind a link', async () => {
    await addUser()
    await mkdir(join(root, 'home/core/.ssh'))
    await writeFile(join(root, 'shadow'), 'secret')
    await symlink(join(root, 'shadow'), path())
    await apply([step])
    expect(await readFile(path(), 'utf8')).toBe('ssh-rsa A\nssh-rsa B\n')
    expect(await readFile(join(root, 'shadow'), 'utf8')).toBe('secret')
  })

  it('of a user who does not exist are reported', async () => {
    expect((await apply([step])).failures).toEqual([
      "Cannot allow 3 SSH keys for core: Cannot allow SSH keys for 'core': there is no such user",
    ])
  })
})
