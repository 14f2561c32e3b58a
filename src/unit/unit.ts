import type { Brand } from '../lib/brand.ts'

/** A checked unit name, such as `nano-container@1.service`. Made by `parseUnitName`. */
export type UnitName = Brand<string, 'UnitName'>

/** SHA-1 of a unit's canonical text, 40 lower-case hex digits: fleet's own hash, so the two agree. */
export type UnitHash = Brand<string, 'UnitHash'>

/** What the user asked for: known only, on a machine, or on a machine and started. */
export const desiredStates = ['inactive', 'loaded', 'launched'] as const
export type DesiredState = (typeof desiredStates)[number]

/** One line of a unit file after parsing. */
export interface UnitOption {
  readonly section: string
  readonly name: string
  readonly value: string
}

/** What systemd says of one unit on one machine; words of systemctl(1). */
export interface UnitState {
  readonly load: string
  readonly active: string
  readonly sub: string
}
