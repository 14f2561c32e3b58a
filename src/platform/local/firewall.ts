import { readFile } from 'node:fs/promises'
import { tryRun } from './run.ts'

/** Rules that let a cluster's own traffic pass where the host's packet filter would stop it; as arguments of iptables(8). */
export function firewallRules(bridge: string): readonly (readonly string[])[] {
  const mark = ['-m', 'comment', '--comment', `flota ${bridge}`]
  return [
    ['INPUT', '-i', bridge, ...mark, '-j', 'ACCEPT'],
    ['FORWARD', '-i', bridge, '-o', bridge, ...mark, '-j', 'ACCEPT'],
  ]
}

/**
 * Where iptables refuses by default, lets the cluster through. FORWARD matters on a bridge only where br_netfilter hands bridged packets
 * to iptables, which hosts with Docker do. A host without iptables, or whose chains accept, gets no rule.
 */
export async function openFirewall(bridge: string): Promise<void> {
  for (const rule of firewallRules(bridge)) {
    const [chain = ''] = rule
    if (chain === 'FORWARD' && !(await isBridgeFiltered())) continue
    if (!(await refuses(chain)) || (await tryIptables(['-C', ...rule]))) continue
    await tryIptables(['-I', ...rule])
  }
}

export async function closeFirewall(bridge: string): Promise<void> {
  for (const rule of firewallRules(bridge)) while (await tryIptables(['-D', ...rule])) await Promise.resolve()
}

async function isBridgeFiltered(): Promise<boolean> {
  const text = await readFile('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').catch(() => '0')
  return text.trim() === '1'
}

/** True when the chain's policy or one of its rules can stop a packet. */
async function refuses(chain: string): Promise<boolean> {
  const rules = await tryRun(['iptables', '-w', '-S', chain]).catch(() => undefined)
  return rules?.code === 0 && rules.stdout.split('\n').some((line) => line !== '' && line !== `-P ${chain} ACCEPT`)
}

async function tryIptables(words: readonly string[]): Promise<boolean> {
  const result = await tryRun(['iptables', '-w', ...words]).catch(() => undefined)
  return result?.code === 0
}
