import type { Brand } from '../lib/brand.ts'
import { FlotaError } from '../lib/errors.ts'

/** The content of /etc/machine-id, 32 lower-case hex digits (machine-id(5)). */
export type MachineId = Brand<string, 'MachineId'>

/** key=value pairs that a machine publishes; matched by `MachineMetadata=`. */
export type Metadata = Readonly<Record<string, string>>

export function parseMachineId(text: string): MachineId {
  const trimmed = text.trim()
  if (!/^[0-9a-f]{32}$/.test(trimmed)) {
    throw new FlotaError(
      'invalid_argument',
      `Cannot read machine id '${trimmed}': 32 lower-case hex digits are expected`,
      {
        hint: 'systemd-machine-id-setup writes a valid /etc/machine-id',
      },
    )
  }
  return trimmed as MachineId
}

/** The first eight digits, as in fleetctl's lists. */
export const shortId = (id: MachineId): string => id.slice(0, 8)
