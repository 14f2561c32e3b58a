import { expect, it } from 'vitest'
import { sshCommand } from './ssh-command.ts'

const context = {
  name: 'flota',
  user: 'core',
  addresses: ['10.77.0.11'],
  identityFile: '/state/ssh/id_ed25519',
  knownHostsFile: '/state/ssh/known_hosts',
}

it("goes to the machine as the context's user, with its key and its known hosts, and asks nothing", () => {
  const command = sshCommand(context, '10.77.0.12', ['true'])
  expect(command.slice(0, 5)).toEqual(['ssh', '-F', 'none', '-i', '/state/ssh/id_ed25519'])
  expect(command).toContain('UserKnownHostsFile=/state/ssh/known_hosts')
  expect(command).toContain('BatchMode=yes')
  expect(command.slice(-3)).toEqual(['core@10.77.0.12', '--', 'true'])
})
