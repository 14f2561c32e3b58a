import { expect, it } from 'vitest'
import { firewallRules } from './firewall.ts'

it("lets in what comes over the cluster's bridge, and through what stays on it", () => {
  const rules = firewallRules('fl-flota').map((rule) => rule.join(' '))
  expect(rules).toEqual([
    'INPUT -i fl-flota -m comment --comment flota fl-flota -j ACCEPT',
    'FORWARD -i fl-flota -o fl-flota -m comment --comment flota fl-flota -j ACCEPT',
  ])
})
