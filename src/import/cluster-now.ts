import type { Metadata } from '../machine/machine.ts'
import type { DesiredState } from '../unit/unit.ts'

/** The cluster that is imported into, as its API shows it. */
export interface ClusterNow {
  readonly units: ReadonlyMap<string, ClusterUnit>
  /** Machines that are present, with the metadata that counts. */
  readonly machines: ReadonlyMap<string, Metadata>
}

export interface ClusterUnit {
  readonly hash: string
  readonly desired: DesiredState
}
