import type { ApiClient } from '../client/api-client.ts'
import type { WireWhy } from '../client/calls.ts'
import { getWhy, listStates } from '../client/calls.ts'
import { FlotaError } from '../lib/errors.ts'
import type { CliDeps } from './deps.ts'
import { judge } from './judge-unit.ts'
import type { Goal, Verdict } from './judge-unit.ts'
import { explainWaiting } from './explain.ts'
import { showMachine } from './list.ts'
import type { Step, Wait } from './patience.ts'
import { afterVerdict, giveUpAfterMs, nextStep } from './patience.ts'

export interface WaitOptions {
  readonly client: ApiClient
  readonly deps: CliDeps
  readonly goal: Goal
  /** Attempts of two seconds; 0 = as long as there is hope. */
  readonly blockAttempts: number
  /** Nothing was asked for just now, so there is nothing to say when it is there. */
  readonly isSilent?: boolean
}

/** Looks again soon at first, then every quarter of a second as fleetctl does. */
const pausesMs = [20, 50, 100, 150]
const slowestPauseMs = 250
const atOnce = 8

/** Waits for all of them, prints a line for each that is there, and rejects when one will not get there. */
export async function waitForUnits(names: readonly string[], options: WaitOptions): Promise<void> {
  const left = [...names]
  const failures: FlotaError[] = []
  const worker = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const failure = await waitForOne(name, options).catch(toFailure)
      if (failure !== undefined) failures.push(failure)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const [first, ...more] = failures
  for (const { message } of more) options.deps.stderr.write(`Error waiting for units: ${message}\n`)
  if (first !== undefined) {
    const isFleetctl = options.deps.programName === 'fleetctl' && first.code === 'deadline_exceeded'
    if (isFleetctl) options.deps.stderr.write(`Error waiting for units: ${first.message}\n`)
    const words = isFleetctl ? 'Error waiting for unit states, exit status' : 'Error waiting for units'
    const hint = first.hint === undefined ? {} : { hint: first.hint }
    throw new FlotaError(first.code, `${words}: ${first.message}`, hint)
  }
}

function toFailure(error: unknown): FlotaError {
  if (error instanceof FlotaError) return error
  throw error
}

async function waitForOne(name: string, options: WaitOptions): Promise<FlotaError | undefined> {
  const { client, deps, goal, blockAttempts } = options
  let wait: Wait = { startMs: deps.clock.nowMs(), quietSinceMs: undefined, isTold: false }
  for (let round = 0; ; round++) {
    const why = await getWhy(client, name)
    const verdict = judge(goal, why, goal === 'inactive' ? await listStates(client, name) : [])
    const nowMs = deps.clock.nowMs()
    wait = afterVerdict(wait, verdict, nowMs)
    const step = nextStep(verdict, wait, { nowMs, blockAttempts })
    if (step === 'tell') {
      wait = { ...wait, isTold: true }
      deps.stderr.write(explainWaiting(name, why))
    } else if (step !== 'wait') {
      if (step === 'done') say(name, options, why)
      return toEnd(step, verdict, { name, goal, why })
    }
    await deps.clock.sleep(pausesMs[round] ?? slowestPauseMs)
  }
}

interface Waited {
  readonly name: string
  readonly goal: Goal
  readonly why: WireWhy | undefined
}

function toEnd(step: Step, verdict: Verdict, { name, goal, why }: Waited): FlotaError | undefined {
  if (step === 'timed-out') return timedOut(name, goal)
  if (step === 'gave-up') return gaveUp(name, why)
  return verdict.kind === 'failed' ? verdict.error : undefined
}

const words: Readonly<Record<Goal, string>> = {
  inactive: 'inactive',
  loaded: 'loaded',
  stopped: 'loaded',
  launched: 'launched',
}

function say(name: string, { deps, goal, isSilent = false }: WaitOptions, why: WireWhy | undefined): void {
  const place = why?.places[0]
  const on =
    goal === 'inactive' || place === undefined ? '' : ` on ${showMachine(place.machineID, place.primaryIP, false)}`
  if (why !== undefined && !isSilent) deps.stdout.write(`Unit ${name} ${words[goal]}${on}\n`)
}

function timedOut(name: string, goal: Goal): FlotaError {
  return new FlotaError('deadline_exceeded', `timed out waiting for unit ${name} to report state ${words[goal]}`, {
    hint: `'flota why ${name}' tells what it waits for`,
  })
}

function gaveUp(name: string, why: WireWhy | undefined): FlotaError {
  const reason = why?.waiting?.reason ?? 'no machine has taken it yet'
  return new FlotaError('deadline_exceeded', `unit ${name} still waits after ${giveUpAfterMs / 1_000} s: ${reason}`, {
    hint: `It starts by itself once there is a place for it; 'flota unload ${name}' takes the wish back`,
  })
}
