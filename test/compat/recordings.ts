import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** A machine of the cluster that was recorded. */
export interface RecordedMachine {
  readonly id: string
  readonly ip: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** One command line of fleetctl. */
export interface FleetctlStep {
  readonly group: string
  readonly title: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
  /** Path to content: everything in the working folder. */
  readonly files: Readonly<Record<string, string>>
  readonly stdout: string
  readonly stderr: string
  readonly exit: number
}

/** One request to the API. */
export interface ApiStep {
  readonly group: string
  readonly title: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
    readonly body: string | null
  }
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly token_limit?: number
}

export interface Recording<Step> {
  readonly machines: readonly RecordedMachine[]
  /** Steps of a group are in order and depend on each other. */
  readonly groups: ReadonlyMap<string, readonly Step[]>
}

export const readFleetctlRecording = (): Recording<FleetctlStep> => readRecording('fleetctl')
export const readApiRecording = (): Recording<ApiStep> => readRecording('api')

function readRecording<Step extends { readonly group: string }>(name: string): Recording<Step> {
  const file = readFileSync(new URL(`recordings/${name}.jsonl.gz`, import.meta.url))
  const [header = '', ...lines] = gunzipSync(file).toString('utf8').trimEnd().split('\n')
  const groups = new Map<string, Step[]>()
  for (const line of lines) {
    const step = JSON.parse(line) as Step
    groups.set(step.group, [...(groups.get(step.group) ?? []), step])
  }
  return { machines: (JSON.parse(header) as Recording<Step>).machines, groups }
}
