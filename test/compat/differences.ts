/** Why replayed steps come out otherwise than recorded, on purpose. `docs/differences-from-fleet.md` is made of this. */
export interface Difference {
  readonly title: string
  readonly reason: string
  /**
   * `strict`: with FLOTA_STRICT_COMPAT=1 there is none. `race`: fleet shows a state that has not settled; here it may come out either
   * way. `apart`: the group is not replayed.
   */
  readonly kind?: 'strict' | 'race' | 'apart'
  /** Group to its steps, counted from 1: `1-4 7`. */
  readonly steps: Readonly<Record<string, string>>
}

export const apiDifferences: readonly Difference[] = [
  {
    title: 'The state of a unit that has none',
    reason: "is answered 404 `unit state does not exist`. fleet's handler crashed and closed the connection.",
    steps: {
      'methods-empty': '74 175',
      lifecycle: '44 46 48 52 56 111',
      'bad-state': '6',
      'template-launched': '3',
    },
  },
  {
    title: 'A desired state that is no state',
    reason:
      'is refused with 400 and changes nothing. fleet answered 500 to a new unit, and took it for a unit that it knew, which was broken from then on: every request for it was answered 500, and only etcd could be mended.',
    steps: { 'bad-state': '3-5 7-10 14' },
  },
  {
    title: 'A template cannot be launched',
    reason: 'whatever the request. fleet refused it for a template that it knew, and let one be created so.',
    steps: { 'template-launched': '1-2 4 6 8-9' },
  },
  {
    title: 'Lines up to 1 MiB',
    reason: 'may stand in a unit file, as in systemd today. fleet stopped at 2048 bytes.',
    steps: { put: '87-90 107' },
  },
  {
    title: 'MachineID together with Conflicts',
    reason: 'is allowed: a unit with a machine of its own may want to be alone there.',
    steps: { put: '64 76' },
  },
]

export const fleetctlDifferences: readonly Difference[] = [
  {
    title: 'Help',
    reason: 'describes what Flota can do: its commands and flags are more than those of fleetctl.',
    steps: { help: '1-50', version: '4 7 9 11', 'cli-errors': '64', endpoint: '48' },
  },
  {
    title: 'A command line that cannot be understood',
    reason:
      'says why on standard error, without the help, and exits 2 (fleetctl: 0, with the help on standard output). With FLOTA_STRICT_COMPAT=1 it exits 0. A value of a FLEETCTL_* variable that makes no sense is an error too; fleetctl took the default.',
    steps: {
      'cli-errors': '13-17 24-28 30 58-59',
      endpoint: '55',
      submit: '26',
      'replace-other': '5',
      restart: '12',
    },
  },
  {
    title: 'Exit codes',
    reason:
      'tell failure from success: 2 for an unknown command, 1 where no unit was given or found, or a unit was not what the command needs (fleetctl: 0). FLOTA_STRICT_COMPAT=1 brings the old ones back.',
    kind: 'strict',
    steps: {
      'cli-errors': '1-3 5-12 35 60-63',
      'empty-cluster': '10-12 21-29 36',
      lifecycle: '29',
      'replace-launched-submit-replace-changed': '2',
      restart: '4',
    },
  },
  {
    title: 'Flags that work',
    reason:
      '`-l`, `-f` and `-A` mean what the help of fleetctl said of them, and the long forms with one dash (`-full`, `-no-block`) are taken as by fleet up to 0.12. fleetctl 1.0 refused them all. `restart` takes `--no-block`; what follows `--` is a command as before it.',
    steps: { 'cli-errors': '18-23 31 36', 'list-machines': '3', restart: '10' },
  },
  {
    title: 'An empty name',
    reason: 'is no unit. fleetctl looked for one called `..service`.',
    steps: { 'cli-errors': '65', endpoint: '33' },
  },
  {
    title: 'An API that cannot be reached',
    reason:
      "is named with its endpoint and the cause, the same for every command. fleetctl printed the messages of its Go library, which differ from release to release; an endpoint with a path is refused, as no API is there. fd-forward exits 1 where it cannot connect, and 'ssh' does not take an API that is away for a unit that is not there.",
    steps: { endpoint: '5-6 13-14 17-22 27-30 34-46 49' },
  },
  {
    title: 'The driver etcd',
    reason: 'went past the API to the store of fleet. There is one way to the cluster now, the API.',
    steps: { endpoint: '50-53 57' },
  },
  {
    title: 'SSH',
    reason:
      "is your own OpenSSH, with its keys, agent, configuration and messages. fleetctl's own client knew keys from an agent only, and failed without one.",
    steps: { endpoint: '58-59', lifecycle: '5' },
  },
  {
    title: 'Lines up to 1 MiB',
    reason: 'may stand in a unit file, as in systemd today. fleet stopped at 2048 bytes.',
    steps: { 'unit-files': '31-36 49' },
  },
  {
    title: 'Every unit type',
    reason: 'that the API takes is known to the command line too. fleetctl made `foo.swap` into `foo.swap.service`.',
    steps: { 'unit-files': '55 61-63 73' },
  },
  {
    title: 'A name over 256 bytes',
    reason: 'is called that. fleetctl asked the disk for such a file first.',
    steps: { 'unit-files': '71' },
  },
  {
    title: 'MachineID together with Conflicts',
    reason: 'is allowed: a unit with a machine of its own may want to be alone there.',
    steps: { 'invalid-options': '2 18 21' },
  },
  {
    title: 'States follow at once',
    reason:
      'fleet took some seconds for each step, so that a list, or a command that did not wait, could still see the state before.',
    kind: 'race',
    steps: { lifecycle: '14', 'no-block': '2-3', 'replace-other': '7' },
  },
  {
    title: 'A destroyed unit is gone',
    reason: 'when `destroy` returns, unless it is told `--no-block`. fleetctl returned before the unit had stopped.',
    kind: 'race',
    steps: { lifecycle: '28' },
  },
  {
    title: 'start --no-block',
    reason: 'says once that it triggered a unit. fleetctl said it twice.',
    steps: { 'no-block': '1 4 11', 'replace-other': '6' },
  },
  {
    title: 'A unit that may not be replaced',
    reason:
      'is left alone, and the command fails. fleetctl said the same, exited 0, and went on: `load --replace` of a launched unit stopped it.',
    steps: { 'replace-launched-load-replace-changed': '2-4' },
  },
  {
    title: 'restart',
    reason:
      'stops and starts the unit, and says so once. In fleet the process stayed the same. A unit that is on no machine cannot be restarted: exit 1.',
    steps: { restart: '2 6 8-9 11' },
  },
  {
    title: 'Replaces',
    reason:
      'holds as long as both units are wanted: the one that was pushed off does not come back to that machine. In fleet it did, at the next pass.',
    steps: { 'replaces-same-machine': '3-6' },
  },
  {
    title: 'States of real systemd',
    reason: 'cannot be had from a double: tests with a real systemd look at units that fail, end or are bad.',
    kind: 'apart',
    steps: { 'systemd-states': '1-18', 'start-failing': '1-2' },
  },
  {
    title: 'Other machines',
    reason: 'must be there for SSH: the tests on real machines do this.',
    kind: 'apart',
    steps: { remote: '1-27' },
  },
  {
    title: 'Past the API',
    reason: 'there is no driver etcd any more.',
    kind: 'apart',
    steps: { 'etcd-driver': '1-9' },
  },
  {
    title: 'A sample, no sequence',
    reason:
      'is what was recorded while etcd could not be reached. Here each request is answered 503 with `fleet server unable to communicate with etcd`.',
    kind: 'apart',
    steps: { 'etcd-unreachable': '1-16' },
  },
]

/** `group 3` for each step of a difference. */
export function stepsOf({ steps }: Difference): readonly string[] {
  return Object.entries(steps).flatMap(([group, places]) => numbersOf(places).map((place) => `${group} ${place}`))
}

/** The steps of all differences that are of one of the kinds; `undefined` is the plain kind. */
export function stepsOfKind(differences: readonly Difference[], ...kinds: readonly Difference['kind'][]) {
  return new Set(differences.filter(({ kind }) => kinds.includes(kind)).flatMap(stepsOf))
}

/** `group 3` of `group 3: title`. */
export const placeOf = (step: string): string => step.slice(0, step.indexOf(':'))

function numbersOf(places: string): readonly number[] {
  return places.split(' ').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}
