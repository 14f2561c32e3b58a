import { FlotaError } from '../lib/errors.ts'

/** One setting of flotad: the table below makes the parser, `flotad --help` and docs/configuration.md. */
export interface Option<T> {
  readonly meaning: string
  readonly fallback: T
  readonly fallbackText: string
  readonly parse: (text: string) => T
}

const text = (meaning: string, fallback = ''): Option<string> => ({
  meaning,
  fallback,
  fallbackText: fallback === '' ? '-' : fallback,
  parse: (value) => value,
})

const list = (meaning: string): Option<readonly string[]> => ({
  meaning,
  fallback: [],
  fallbackText: '-',
  parse: parseList,
})

const flag = (meaning: string): Option<boolean> => ({
  meaning,
  fallback: false,
  fallbackText: 'false',
  parse: parseFlag,
})

const number = (meaning: string, fallback: number): Option<number> => ({
  meaning,
  fallback,
  fallbackText: String(fallback),
  parse: parseNumber,
})

const seconds = (meaning: string, fallback: number): Option<number> => ({
  meaning,
  fallback,
  fallbackText: `${fallback}s`,
  parse: parseSeconds,
})

/** Names, units and defaults are fleet's (fleet.conf) where fleet had the option; the others are Flota's own. */
export const options = {
  verbosity: number('log level: 0 = info, more = debug', 0),
  store: text("where the cluster's state is kept: embedded (one machine) or etcd; etcd when etcd_servers is given"),
  data_directory: text('durable state of this machine', '/var/lib/flota'),
  etcd_servers: list('client URLs of etcd'),
  etcd_cafile: text('CA that signed the certificates of etcd'),
  etcd_certfile: text('client certificate for etcd'),
  etcd_keyfile: text('key of the client certificate'),
  etcd_request_timeout: seconds('time after which a request to etcd has failed', 5),
  discovery: text('discovery URL whose members to ask for the client URLs of etcd, when this machine runs none'),
  public_ip: text('address that this machine publishes; the first one of the default route when empty'),
  metadata: text('key=value pairs that this machine publishes, separated by commas'),
  agent_ttl: seconds('lease of a machine: how long after its loss its units may move', 8),
  units_directory: text('where unit files are written before they are linked', '/run/fleet/units'),
  token_limit: number('entries on one page of the API', 100),
  disable_engine: flag('never lead the cluster from this machine'),
  stop_units_on_shutdown: flag(
    "fleet's old way: the end of flotad stops every unit of this machine and takes it out of the cluster",
  ),
} as const

/** Options of fleet.conf that are accepted and change nothing, with the reason that a warning gives. */
export const ignoredOptions: Readonly<Record<string, string>> = {
  etcd_key_prefix: "Flota keeps its state under a prefix of its own; 'flota import' reads fleet's",
  etcd_username: 'use client certificates',
  etcd_password: 'use client certificates',
  engine_reconcile_interval: 'the engine acts on changes, not on a timer',
  disable_watches: 'Flota works by watches',
  enable_grpc: 'there is one way to talk to the store',
  systemd_user: 'flotad talks to the system manager',
  verify_units: 'unit signing was removed from fleet',
  authorized_keys_file: 'unit signing was removed from fleet',
}

export type OptionName = keyof typeof options
export type Config = { readonly [Name in OptionName]: (typeof options)[Name]['fallback'] }

function parseFlag(value: string): boolean {
  const lower = value.toLowerCase()
  if (['true', 'yes', 'on', '1', 't'].includes(lower)) return true
  if (['false', 'no', 'off', '0', 'f', ''].includes(lower)) return false
  throw new FlotaError('invalid_argument', `'${value}' is not a boolean`, { hint: 'write true or false' })
}

function parseNumber(value: string): number {
  const parsed = Number(value)
  if (value.trim() === '' || !Number.isFinite(parsed) || parsed < 0) {
    throw new FlotaError('invalid_argument', `'${value}' is not a number of at least 0`)
  }
  return parsed
}

/** Seconds as a bare number or with a unit (`500ms`, `30s`, `2m`), as Go durations in fleet.conf were written. */
function parseSeconds(value: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?$/.exec(value.trim())
  const perUnit: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 }
  const amount = match?.[1]
  if (amount === undefined) {
    throw new FlotaError('invalid_argument', `'${value}' is not a duration`, { hint: "write it as '30s' or '2m'" })
  }
  return Number(amount) * (perUnit[match?.[2] ?? 's'] ?? 1)
}

/** `a,b` or `["a", "b"]`. */
function parseList(value: string): readonly string[] {
  return value
    .replace(/^\s*\[|\]\s*$/g, '')
    .split(',')
    .map((item) => item.trim().replace(/^"(.*)"$/, '$1'))
    .filter((item) => item !== '')
}
