import type { ApiClient } from '../client/api-client.ts'
import type { LogRange } from '../client/calls.ts'
import { readLogs } from '../client/calls.ts'
import { FlotaError } from '../lib/errors.ts'
import type { LogLine, LogPlace } from './log-lines.ts'

/** Opens the API of a machine that the connection does not lead to. */
export type ReachMachine = (place: LogPlace) => Promise<ApiClient>

/** Reads each machine's journal from that machine's own API: from the one that is connected, else from one that is reached for it. */
export class LogReader {
  readonly #connected: ApiClient
  readonly #reach: ReachMachine
  readonly #reached = new Map<string, Promise<ApiClient>>()
  /** The machine that is connected, once it has said who it is. */
  #home: string | undefined

  constructor(connected: ApiClient, reach: ReachMachine) {
    this.#connected = connected
    this.#reach = reach
  }

  async read(place: LogPlace, range: LogRange): Promise<readonly LogLine[]> {
    if (this.#home === undefined || this.#home === place.machineID) {
      const logs = await readLogs(this.#connected, place.unit, range)
      this.#home = logs?.machineID ?? this.#home
      if (logs?.machineID === place.machineID) return logs.lines
    }
    const logs = await readLogs(await this.#clientOf(place), place.unit, range)
    if (logs !== undefined) return logs.lines
    throw new FlotaError(
      'not_found',
      `Cannot read logs of unit '${place.unit}': machine '${place.machineID}' has none`,
      {
        hint: 'It may have moved just now, or that machine may run an older version; try again',
      },
    )
  }

  #clientOf(place: LogPlace): Promise<ApiClient> {
    const known = this.#reached.get(place.machineID) ?? this.#reach(place)
    this.#reached.set(place.machineID, known)
    return known
  }

  close(): void {
    for (const client of this.#reached.values()) {
      client.then(
        (one) => one.close(),
        () => {},
      )
    }
  }
}
