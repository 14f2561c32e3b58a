import type { ClusterView } from '../cluster/view.ts'
import type { MachineId } from '../machine/machine.ts'

/** Absence proves nothing by itself: how long a machine must be away before its units move. */
export interface LivenessLimits {
  /** After a presence vanished before this leader's eyes: its lease has ended, a short grace is enough. */
  readonly graceMs: number
  /** After this leader's own view had a gap, or etcd elected: agents that were cut off as well need their time to come back. */
  readonly leaseMs: number
}

export const defaultLivenessLimits: LivenessLimits = { graceMs: 500, leaseMs: 8_000 }

/** Since when each machine is away, and since when the view can be trusted. All in one monotonic clock. */
export interface LivenessState {
  readonly awaySinceMs: ReadonlyMap<MachineId, number>
  readonly gapAtMs: number | undefined
}

export const initialLiveness: LivenessState = { awaySinceMs: new Map(), gapAtMs: undefined }

export interface LivenessNews {
  readonly view: ClusterView
  readonly nowMs: number
  /** The view was read anew or its watch broke, or etcd's term changed, since the last look. */
  readonly hadGap: boolean
}

/** Takes in one look at the cluster. A machine that is back is forgotten at once. */
export function observeLiveness(state: LivenessState, { view, nowMs, hadGap }: LivenessNews): LivenessState {
  const away = [...view.machines.values()].filter(({ presence }) => presence === undefined)
  return {
    awaySinceMs: new Map(away.map(({ id }) => [id, state.awaySinceMs.get(id) ?? nowMs])),
    gapAtMs: hadGap ? nowMs : state.gapAtMs,
  }
}

export interface Verdict {
  readonly lost: ReadonlySet<MachineId>
  /** When the next machine may be judged lost; undefined when no machine is in doubt. */
  readonly nextAtMs: number | undefined
}

export function judgeLiveness(state: LivenessState, nowMs: number, limits = defaultLivenessLimits): Verdict {
  const deadlines = [...state.awaySinceMs].map(([id, sinceMs]) => ({ id, atMs: deadlineOf(sinceMs, state, limits) }))
  const open = deadlines.filter(({ atMs }) => atMs > nowMs).map(({ atMs }) => atMs)
  return {
    lost: new Set(deadlines.filter(({ atMs }) => atMs <= nowMs).map(({ id }) => id)),
    nextAtMs: open.length === 0 ? undefined : Math.min(...open),
  }
}

/** A gap that began before a machine was due counts for it; one after it was judged changes nothing that is done. */
function deadlineOf(sinceMs: number, { gapAtMs }: LivenessState, { graceMs, leaseMs }: LivenessLimits): number {
  const graceEndMs = sinceMs + graceMs
  return gapAtMs === undefined || gapAtMs > graceEndMs ? graceEndMs : Math.max(graceEndMs, gapAtMs + leaseMs)
}
