/** One recorded step and what came of it here, each as one text, with what is not deterministic made equal. */
export interface Outcome {
  /** Group, place in the group from 1, title. */
  readonly step: string
  readonly recorded: string
  readonly replayed: string
}

export const nameOf = (step: { readonly group: string; readonly title: string }, at: number): string =>
  `${step.group} ${at + 1}: ${step.title}`

export interface Replay {
  readonly groups: readonly string[]
  run(group: string): Promise<readonly Outcome[]>
  close(): Promise<void>
}

const patienceMs = 1_000

/** What reads states is asked again until it gives what was recorded, for as long as a cluster may take here. */
export async function settled(take: () => Promise<Outcome>, isPatient: boolean): Promise<Outcome> {
  const deadline = performance.now() + (isPatient ? patienceMs : 0)
  for (;;) {
    const outcome = await take()
    if (outcome.recorded === outcome.replayed || performance.now() >= deadline) return outcome
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
