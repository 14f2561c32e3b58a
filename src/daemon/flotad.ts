import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { AgentState } from '../agent/agent.ts'
import { realClock } from '../lib/clock.ts'
import { describeError, FlotaError } from '../lib/errors.ts'
import { createLog } from '../lib/log.ts'
import { type LoadedConfig, parseConfig, readConfigFile } from './config.ts'
import { runDaemon } from './daemon.ts'
import { options } from './options.ts'

const help = `flotad: the daemon of Flota, one on each machine. Started by systemd (fleet.service).

Usage: flotad [--config FILE] [--log text|json]
       flotad --version | --help

Settings of the file (/etc/fleet/fleet.conf); FLOTA_<NAME> and FLEET_<NAME> in the environment win over it:
${Object.entries(options)
  .map(([name, { meaning, fallbackText }]) => `  ${name.padEnd(22)} ${meaning} (${fallbackText})`)
  .join('\n')}
`

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown'
}

async function main(argv: readonly string[]): Promise<void> {
  const flags = readFlags(argv)
  if (flags.help === true) return void process.stdout.write(help)
  if (flags.version === true) return void process.stdout.write(`flotad version ${version()}\n`)
  const { config, warnings } = await readConfig(flags.config)
  const format = flags.log === 'json' ? 'json' : 'text'
  const log = createLog({ level: config.verbosity > 0 ? 'debug' : 'info', format })
  for (const warning of warnings) log.warn(warning)
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  const world = { clock: realClock, random: () => Math.random(), env: process.env }
  let lookIntoAgent: () => AgentState | undefined = () => undefined
  // Without a listener Node would open its debugger's port on this signal.
  process.on('SIGUSR1', () => process.stdout.write(`${JSON.stringify(lookIntoAgent() ?? {})}\n`))
  await runDaemon({
    ...{ config, log, version: version(), signal: stop.signal, ...world },
    onReload: (reload) => {
      process.on('SIGHUP', () => {
        log.info('Reloading configuration')
        readConfig(flags.config).then(
          (again) => reload(again.config),
          (error: unknown) => log.error('Cannot use the new configuration, keeping the old one', { error }),
        )
      })
    },
    onAgent: (look) => {
      lookIntoAgent = look
    },
  })
}

const readConfig = async (file: string | undefined): Promise<LoadedConfig> =>
  parseConfig({ file: await readConfigFile(file), env: process.env })

/** Go's flag package took one dash for two, and fleetd took `version` for the flag. */
const goForms: Readonly<Record<string, string>> = {
  version: '--version',
  '-version': '--version',
  '-config': '--config',
  '-help': '--help',
}

function readFlags(argv: readonly string[]) {
  const known = {
    config: { type: 'string' },
    log: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  } as const
  try {
    return parseArgs({ args: argv.map((word) => goForms[word] ?? word), options: known }).values
  } catch (cause) {
    throw new FlotaError('invalid_argument', 'Cannot start flotad', { cause, hint: 'see flotad --help' })
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    const hint = error instanceof FlotaError && error.hint !== undefined ? `\n${error.hint}` : ''
    process.stderr.write(`${describeError(error)}${hint}\n`)
    process.exit(error instanceof FlotaError && error.code === 'invalid_argument' ? 2 : 1)
  },
)
