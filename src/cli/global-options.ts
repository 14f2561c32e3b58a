import type { Command } from 'commander'
import { FlotaError } from '../lib/errors.ts'
import { isTrue } from './arguments.ts'
import type { Env, GlobalOptions } from './deps.ts'

/** flag, value, meaning; fleetctl's names, so that its scripts and its environment go on working. */
const flags: readonly (readonly [string, string])[] = [
  ['--endpoint <url>', 'the API: unix:///PATH, http://HOST:PORT or https://HOST:PORT'],
  ['--context <name>', 'a cluster that flota up made'],
  ['--tunnel <host>', 'reach the API through SSH to this HOST or HOST:PORT'],
  ['--ssh-username <name>', 'user for SSH (default core)'],
  ['--ssh-timeout <seconds>', 'how long an SSH connection may take (default 10)'],
  ['--strict-host-key-checking [bool]', "=false: take any machine's host key (default true)"],
  ['--known-hosts-file <file>', 'where host keys are kept'],
  ['--request-timeout <seconds>', 'how long one request may take (default 30)'],
  ['--ca-file <file>', 'certificate authority of an https endpoint'],
  ['--cert-file <file>', 'certificate to show to an https endpoint'],
  ['--key-file <file>', 'its key'],
  ['--driver <name>', 'how to reach the cluster: API, as with fleet, is the only way'],
  ['--experimental-api [bool]', 'ignored'],
  ['--etcd-key-prefix <prefix>', 'ignored'],
  ['--etcd-cafile <file>', 'old name of --ca-file'],
  ['--etcd-certfile <file>', 'old name of --cert-file'],
  ['--etcd-keyfile <file>', 'old name of --key-file'],
  ['--insecure', 'take any certificate of an https endpoint'],
  ['--debug', 'say on standard error what is asked of whom'],
]

export function addGlobalOptions(program: Command): void {
  for (const [flag, meaning] of flags) program.option(flag, meaning)
}

/** A flag goes before FLOTA_*, that before FLEETCTL_*, that before the default. */
export function readGlobals(given: Readonly<Record<string, unknown>>, env: Env): GlobalOptions {
  const read = (name: string): string | undefined => {
    const camel = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    const variable = name.toUpperCase().replaceAll('-', '_')
    const words = [given[camel], env[`FLOTA_${variable}`], env[`FLEETCTL_${variable}`]]
    const found = words.find((word) => word !== undefined && word !== '')
    if (found === true) return 'true'
    return typeof found === 'string' ? found : undefined
  }
  checkDriver(read('driver') ?? 'API')
  return {
    ...optional('endpoint', read('endpoint')),
    ...optional('tunnel', read('tunnel')),
    ...optional('context', read('context')),
    ...optional('knownHostsFile', read('known-hosts-file')),
    ...optional('caFile', read('ca-file') ?? read('etcd-cafile')),
    ...optional('certFile', read('cert-file') ?? read('etcd-certfile')),
    ...optional('keyFile', read('key-file') ?? read('etcd-keyfile')),
    sshUsername: read('ssh-username') ?? 'core',
    sshTimeout: seconds('ssh-timeout', read('ssh-timeout') ?? '10'),
    requestTimeout: seconds('request-timeout', read('request-timeout') ?? '30'),
    strictHostKeyChecking: isTrue(read('strict-host-key-checking') ?? 'true'),
    insecure: isTrue(read('insecure') ?? 'false'),
    debug: isTrue(read('debug') ?? 'false'),
  }
}

/** fleet's other driver wrote to etcd past the API. */
function checkDriver(driver: string): void {
  if (driver === 'API') return
  const why = driver === 'etcd' ? 'driver "etcd" went with fleet' : `unrecognized driver "${driver}"`
  throw new FlotaError('invalid_argument', `Unable to initialize client: ${why}`, {
    hint: 'Leave --driver out; --endpoint names the API',
  })
}

function optional(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: value }
}

function seconds(flag: string, text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new FlotaError('invalid_argument', `Cannot use --${flag} '${text}': it is not a number of seconds above 0`)
}
