/** What the probes so far say of one endpoint. It is unhealthy until it answered. */
export interface Health {
  readonly isHealthy: boolean
  /** Answers in a row that say otherwise. */
  readonly doubts: number
}

export const unknownHealth: Health = { isHealthy: false, doubts: 0 }
export const assumedHealth: Health = { isHealthy: true, doubts: 0 }

/** Failures in a row until a healthy endpoint is unhealthy; one answer makes it healthy again. */
const fall = 2

export function nextHealth({ isHealthy, doubts }: Health, hasAnswered: boolean): Health {
  if (hasAnswered) return assumedHealth
  if (!isHealthy) return unknownHealth
  return doubts + 1 >= fall ? unknownHealth : { isHealthy, doubts: doubts + 1 }
}

const steadyMs = 1_000
const unsettledMs = 100
const unsettledForMs = 60_000

/** Until the next probe: soon while an endpoint is new, failing or just gone, so that a start or a death is seen at once. */
export function probeDelayMs(health: Health, sinceChangeMs: number): number {
  if (health.isHealthy) return health.doubts > 0 ? unsettledMs : steadyMs
  return sinceChangeMs < unsettledForMs ? unsettledMs : steadyMs
}
