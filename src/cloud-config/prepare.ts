import { sortFindings, type Finding } from './finding.ts'
import { parseCloudConfig } from './parse.ts'
import { planCloudConfig, type MachineFacts } from './plan.ts'
import { planScript } from './script.ts'
import type { Step } from './step.ts'
import { findMissingAddresses, substituteAddresses } from './substitute.ts'
import { recogniseUserData } from './user-data.ts'

export interface Prepared {
  readonly steps: readonly Step[]
  readonly findings: readonly Finding[]
}

/**
 * From the bytes of a user-data file to what this machine has to do. Broken YAML still gives the steps of an empty configuration, as
 * coreos-cloudinit did: the environment file, and the units of CoreOS unmasked.
 */
export function prepareUserData(bytes: Buffer, facts: MachineFacts): Prepared {
  const data = recogniseUserData(bytes)
  switch (data.kind) {
    case 'empty':
      return { steps: planCloudConfig({}, facts), findings: [] }
    case 'ignition':
      return { steps: [], findings: [at(1, 'info', 'an Ignition config; it is not for this program')] }
    case 'unknown':
      return {
        steps: planCloudConfig({}, facts),
        findings: [at(1, 'error', 'must be "#cloud-config" or begin with "#!"')],
      }
    case 'script': {
      const script = substituteAddresses(data.text, facts.addresses)
      return { steps: [...planCloudConfig({}, facts), ...planScript(script)], findings: missing(data.text, facts) }
    }
    case 'cloud-config': {
      const { config, findings } = parseCloudConfig(substituteAddresses(data.text, facts.addresses))
      return {
        steps: planCloudConfig(config, facts),
        findings: sortFindings([...findings, ...missing(data.text, facts)]),
      }
    }
  }
}

function at(line: number, level: Finding['level'], message: string): Finding {
  return { level, line, column: 1, message }
}

function missing(text: string, { addresses }: MachineFacts): readonly Finding[] {
  return findMissingAddresses(text, addresses).map(({ name, offset }) => {
    const before = text.slice(0, offset).split('\n')
    const column = (before.at(-1) ?? '').length + 1
    return {
      level: 'warning',
      line: before.length,
      column,
      message: `this machine has no $${name}; it becomes nothing`,
    }
  })
}
