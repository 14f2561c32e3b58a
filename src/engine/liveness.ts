import type { ClusterView, MachineView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'

/** Absence proves nothing by itself: how long a machine must be away before its units move. */
export interface LivenessLimits {
  /** After a presence vanished before this leader's eyes: its lease has ended, a short grace is enough. */
  readonly graceMs: number
  /**
   * After this leader's own view had a gap, or etcd elected: agents that were cut off as well need their time to come back. For a
   * machine whose record does not tell its lease.
   */
  readonly leaseMs: number
}

export const defaultLivenessLimits: LivenessLimits = { graceMs: 500, leaseMs: 8_000 }

export interface Absence {
  readonly sinceMs: number
  /** The machine's own lease; undefined when its record does not tell. */
  readonly leaseMs: number | undefined
}

/** Which machines are away, and since when the view can be trusted. All in one monotonic clock. */
export interface LivenessState {
  readonly away: ReadonlyMap<MachineId, Absence>
  readonly gapAtMs: number | undefined
}

export const initialLiveness: LivenessState = { away: new Map(), gapAtMs: undefined }

export interface LivenessNews {
  readonly view: ClusterView
  readonly nowMs: number
  /** When the view was last read anew or its watch broke, the store was out of reach, or its members elected; undefined = never. */
  readonly gapAtMs: number | undefined
}

/** Takes in one look at the cluster. A machine that is back is forgotten at once. */
export function observeLiveness(state: LivenessState, { view, nowMs, gapAtMs }: LivenessNews): LivenessState {
  const away = [...view.machines.values()].filter(({ presence }) => presence === undefined)
  return {
    away: new Map(
      away.map((machine) => [machine.id, toAbsence(machine, state.away.get(machine.id)?.sinceMs ?? nowMs)]),
    ),
    gapAtMs: later(state.gapAtMs, gapAtMs),
  }
}

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)

function toAbsence({ record }: MachineView, sinceMs: number): Absence {
  const seconds = record?.value.leaseSeconds
  return { sinceMs, leaseMs: seconds === undefined ? undefined : seconds * 1_000 }
}

export interface Verdict {
  readonly lost: ReadonlySet<MachineId>
  /** When the next machine may be judged lost; undefined when no machine is in doubt. */
  readonly nextAtMs: number | undefined
}

export function judgeLiveness(state: LivenessState, nowMs: number, limits = defaultLivenessLimits): Verdict {
  const deadlines = [...state.away].map(([id, absence]) => ({ id, atMs: deadlineOf(absence, state, limits) }))
  const open = deadlines.filter(({ atMs }) => atMs > nowMs).map(({ atMs }) => atMs)
  return {
    lost: new Set(deadlines.filter(({ atMs }) => atMs <= nowMs).map(({ id }) => id)),
    nextAtMs: open.length === 0 ? undefined : Math.min(...open),
  }
}

/** A gap that began before a machine was due counts for it; one after it was judged changes nothing that is done. */
function deadlineOf({ sinceMs, leaseMs }: Absence, { gapAtMs }: LivenessState, limits: LivenessLimits): number {
  const graceEndMs = sinceMs + limits.graceMs
  if (gapAtMs === undefined || gapAtMs > graceEndMs) return graceEndMs
  return Math.max(graceEndMs, gapAtMs + (leaseMs ?? limits.leaseMs))
}
