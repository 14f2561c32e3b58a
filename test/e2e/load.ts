import { build } from 'esbuild'
import type { LoadResult } from '../load/load-client.ts'
import { flota, flotaOk } from './flota.ts'

export type { LoadResult }

export interface LoadOptions {
  readonly url: string
  readonly seconds: number
  readonly protocol: 'http1' | 'http2'
}

/** Puts the load client on a machine: load comes from inside the cluster's own network, never from the host. */
export async function installLoadClient(machine: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: ['test/load/load-client.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    write: false,
  })
  await flotaOk(['ssh', machine, 'tee', '/tmp/load-client.mjs'], { input: outputFiles[0]?.text ?? '' })
}

/** At least 200 requests a second over 40 connections, GET and POST; every answer counted, nothing retried. */
export async function loadFrom(machine: string, { url, seconds, protocol }: LoadOptions): Promise<LoadResult> {
  const client = ['node', '/tmp/load-client.mjs', '--url', url, '--seconds', String(seconds), '--rate', '250']
  const { stdout, stderr } = await flota(['ssh', machine, ...client, '--connections', '40', '--protocol', protocol], {
    withinMs: (seconds + 60) * 1_000,
  })
  const last = stdout.trim().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(last) as LoadResult
  } catch (cause) {
    throw new Error(`the load client gave no report:\n${stdout}\n${stderr}`, { cause })
  }
}
