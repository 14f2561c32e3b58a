import { createHash } from 'node:crypto'
import type { Step } from './step.ts'

const workspace = '/var/lib/coreos-cloudinit/scripts'

/** A script is kept, and run by bash in a unit of its own, which nobody waits for. */
export function planScript(text: string): readonly Step[] {
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const path = `${workspace}/${name}`
  const unit = `coreos-cloudinit-${name}.service`
  return [
    { kind: 'write-file', path, content: text, mode: 0o744 },
    { kind: 'write-file', path: `${workspace}/unit-name`, content: unit, mode: 0o644 },
    { kind: 'run-script', path, unit },
  ]
}
