import { readFile } from 'node:fs/promises'
import { FlotaError } from '../lib/errors.ts'
import { nearestName } from '../lib/nearest-name.ts'
import { type Config, ignoredOptions, type OptionName, options } from './options.ts'

export const defaultConfigFile = '/etc/fleet/fleet.conf'

export interface ConfigSources {
  /** Content of the configuration file; empty when there is none. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface LoadedConfig {
  readonly config: Config
  /** Settings that were given and change nothing, each with its reason. */
  readonly warnings: readonly string[]
}

const names = Object.keys(options) as OptionName[]

/** Environment (`FLOTA_*`, then fleet's `FLEET_*`) over file over defaults. Errors: `invalid_argument` naming option and source. */
export function parseConfig({ file, env }: ConfigSources): LoadedConfig {
  const settings = parseFile(file)
  const warnings = [...settings.keys()]
    .filter((name) => name in ignoredOptions)
    .map((name) => `option '${name}' has no effect: ${ignoredOptions[name] ?? ''}`)
  const given = names.map((name) => [name, valueOf(name, settings, env)] as const)
  return { config: Object.freeze(Object.fromEntries(given)) as unknown as Config, warnings }
}

/** Reads the file; a missing default file is an empty one, a missing file that was asked for is an error. */
export async function readConfigFile(path: string | undefined): Promise<string> {
  try {
    return await readFile(path ?? defaultConfigFile, 'utf8')
  } catch (cause) {
    if (path === undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new FlotaError('invalid_argument', `Cannot read configuration file '${path ?? defaultConfigFile}'`, { cause })
  }
}

/** fleet's format: `name = value` lines without sections, `#` comments, values optionally in quotes. */
function parseFile(file: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  for (const [index, raw] of file.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const at = line.indexOf('=')
    const name = line.slice(0, Math.max(at, 0)).trim()
    if (at < 0)
      throw new FlotaError(
        'invalid_argument',
        `Cannot read line ${index + 1} of the configuration: no '=' in '${line}'`,
      )
    if (!(name in options) && !(name in ignoredOptions)) throw unknownOption(name, index + 1)
    settings.set(name, unquote(line.slice(at + 1).trim()))
  }
  return settings
}

function unknownOption(name: string, line: number): FlotaError {
  const meant = nearestName(name, names)
  const hint = meant === undefined ? 'flotad --help lists all options' : `did you mean '${meant}'?`
  const place = `line ${line} of the configuration`
  return new FlotaError('invalid_argument', `Cannot use option '${name}' in ${place}: unknown option`, { hint })
}

function valueOf(
  name: OptionName,
  settings: ReadonlyMap<string, string>,
  env: ConfigSources['env'],
): Config[OptionName] {
  const variable = name.toUpperCase()
  const sources: readonly (readonly [string, string | undefined])[] = [
    [`FLOTA_${variable}`, env[`FLOTA_${variable}`]],
    [`FLEET_${variable}`, env[`FLEET_${variable}`]],
    ['the configuration file', settings.get(name)],
  ]
  const found = sources.find(([, value]) => value !== undefined && value !== '')
  if (found?.[1] === undefined) return options[name].fallback
  try {
    return options[name].parse(unquote(found[1]))
  } catch (cause) {
    throw new FlotaError('invalid_argument', `Cannot use option '${name}' from ${found[0]}`, { cause })
  }
}

const unquote = (value: string): string => value.replace(/^(['"])(.*)\1$/, '$2')
