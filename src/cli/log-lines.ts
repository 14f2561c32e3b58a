import type { WireLogs } from '../client/calls.ts'

/** A unit on one machine. */
export interface LogPlace {
  readonly unit: string
  readonly machineID: string
  readonly primaryIP: string
}

export type LogLine = WireLogs['lines'][number]

export interface LogBatch {
  readonly place: LogPlace
  readonly lines: readonly LogLine[]
}

/** The last `most` lines of all places, in the order of their time; each place's own order stays. Pure. */
export function mergeLogs(batches: readonly LogBatch[], most: number): string {
  const lines = batches.flatMap(({ place, lines }) => lines.map((line) => ({ place, line })))
  const inTime = lines.toSorted((a, b) => (a.line.time < b.line.time ? -1 : Number(a.line.time > b.line.time)))
  return inTime
    .slice(Math.max(0, inTime.length - most))
    .map(({ place, line }) => showLine(place, line))
    .join('')
}

function showLine({ unit, machineID }: LogPlace, { time, source, message }: LogLine): string {
  const head = `${time.slice(0, 23)}Z ${unit} ${machineID.slice(0, 8)} ${source}: `
  return message
    .split('\n')
    .map((text) => `${head}${toVisible(text)}\n`)
    .join('')
}

/** What a unit writes must not steer the reader's terminal. */
const toVisible = (text: string): string => text.replaceAll(/(?!\t)\p{Cc}/gu, '\ufffd')
