import { string } from '../reader.ts'
import type { Step } from '../step.ts'

export const hostsReader = string({ valid: /^localhost$/ })

/** `manage_etc_hosts: localhost`: /etc/hosts names this machine, and nothing else. */
export function hostsSteps(manage: string | undefined, hostname: string): readonly Step[] {
  if (manage !== 'localhost') return []
  return [{ kind: 'write-file', path: '/etc/hosts', content: `127.0.0.1 ${hostname}\n`, mode: 0o644 }]
}
