import { spawn } from 'node:child_process'
import { FlotaError } from '../lib/errors.ts'

/** Seconds are enough for a configuration test or a key; a program that hangs must not hold the balancer. */
const timeoutMs = 20_000

/** Runs a program to its end and resolves to what it printed on both streams. Its failure is told in its own words. */
export function run(command: string, args: readonly string[], purpose: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string) =>
      reject(new FlotaError('failed_precondition', `Cannot ${purpose} with '${command}': ${cause}`))
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    let output = ''
    const collect = (chunk: Buffer) => (output += chunk.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error) => fail(error.message))
    child.on('close', (code) =>
      code === 0 ? resolve(output) : fail(worstLine(output) ?? `it ended with code ${code ?? 'none'}`),
    )
  })
}

/** nginx prints many lines; the one with [emerg] says why. */
function worstLine(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => line.includes('[emerg]')) ?? lines.at(-1)
}
