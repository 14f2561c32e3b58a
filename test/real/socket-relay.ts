import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { LoneMachine } from './machine.ts'

/** Runs in the machine: each connection to one socket is carried on to another, and ends with it. */
const relayScript = `
const net = require('node:net')
const [from, to] = process.argv.slice(1)
net.createServer((outer) => {
  const inner = net.connect(to)
  for (const [a, b] of [[outer, inner], [inner, outer]]) {
    a.on('error', () => {})
    a.on('close', () => b.destroy())
    a.pipe(b)
  }
}).listen(from, () => console.log('listening'))
process.stdin.on('end', () => process.exit()).resume()
`

/**
 * Makes a socket of the machine reachable from the host. systemd refuses a peer on its private socket whose process id it cannot see,
 * as is that of a process outside of the machine; a process inside must connect for it.
 */
export async function relaySocket(machine: LoneMachine, from: string, to: string): Promise<() => Promise<void>> {
  const words = ['--target', String(machine.leader), '--all', '--', 'node', '-e', relayScript, from, to]
  const child = spawn('nsenter', words, { stdio: ['pipe', 'pipe', 'ignore'] })
  await Promise.race([once(child.stdout, 'data'), failed(child)])
  return async () => {
    // nsenter forks to enter the process namespace: a signal would end it, not the relay.
    child.stdin.end()
    await rm(machine.path(from), { force: true })
  }
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | undefined]
  throw new Error(`the relay ended with ${code ?? 'a signal'}`)
}
