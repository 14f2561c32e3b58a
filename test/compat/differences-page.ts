import type { Difference } from './differences.ts'
import { apiDifferences, fleetctlDifferences, stepsOf } from './differences.ts'
import type { Recording } from './recordings.ts'
import { readApiRecording, readFleetctlRecording } from './recordings.ts'

interface Titled {
  readonly group: string
  readonly title: string
}

/** The page for who comes from fleet: every difference that the replay of the recordings shows, with its reason. */
export function toDifferencesPage(): string {
  const [fleetctl, api] = [readFleetctlRecording(), readApiRecording()]
  return [
    '# Differences from fleet',
    '',
    'What fleet 1.0 printed and answered was recorded: ' +
      `${countOf(fleetctl)} steps of \`fleetctl\` and ${countOf(api)} requests to its API. A test replays all of it against Flota, called as ` +
      '`fleetctl`, byte for byte, and compares it with this list: what differs is listed here, and what is listed differs. Not ' +
      'compared are the version, the time in front of a log line, the machine that was chosen for a unit, and the order in which ' +
      'several units get ready.',
    '',
    `## fleetctl: ${sumOf(fleetctlDifferences)} steps`,
    '',
    ...fleetctlDifferences.filter(({ kind }) => kind !== 'apart').map((one) => toItem(one, fleetctl)),
    `## API: ${sumOf(apiDifferences)} requests`,
    '',
    ...apiDifferences.map((one) => toItem(one, api)),
    `## Not replayed: ${sumOf(fleetctlDifferences, true)} steps`,
    '',
    ...fleetctlDifferences.filter(({ kind }) => kind === 'apart').map((one) => toItem(one, fleetctl)),
  ].join('\n')
}

const countOf = ({ groups }: Recording<unknown>): number =>
  [...groups.values()].reduce((sum, steps) => sum + steps.length, 0)

function sumOf(differences: readonly Difference[], isApart = false): number {
  const some = differences.filter(({ kind }) => (kind === 'apart') === isApart)
  return some.reduce((sum, one) => sum + stepsOf(one).length, 0)
}

function toItem(difference: Difference, { groups }: Recording<Titled>): string {
  const { title, reason, steps } = difference
  const places = stepsOf(difference)
  const named = Object.keys(steps).map((group) => {
    const numbers = places.filter((place) => place.startsWith(`${group} `)).map((place) => Number(place.split(' ')[1]))
    const all = groups.get(group) ?? []
    if (numbers.length === all.length) return `${group} (all ${all.length})`
    return `${group} (${numbers.map((number) => `\`${short(all[number - 1]?.title ?? '')}\``).join(', ')})`
  })
  return `**${title}** ${reason}\n<br>Seen in: ${named.join('; ')}\n`
}

/** A title may be a whole file. */
const short = (title: string): string => {
  const line = title.trim().replaceAll(/[`\s]+/g, ' ')
  return line.length > 50 ? `${line.slice(0, 47)}...` : line
}
