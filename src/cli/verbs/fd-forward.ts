import type { Command } from 'commander'
import { once } from 'node:events'
import { connect } from 'node:net'
import { FlotaError } from '../../lib/errors.ts'
import type { CliDeps } from '../deps.ts'

export function registerFdForward(program: Command, deps: CliDeps): void {
  program
    .command('fd-forward')
    .description('copy standard input and output to and from a unix socket')
    .argument('[socket...]')
    .action(async (args: readonly string[]) => {
      const [path] = args
      if (path === undefined || args.length > 1) throw new FlotaError('invalid_argument', 'Provide a single argument')
      const socket = connect(path.replace(/^unix:\/\//, ''))
      try {
        await once(socket, 'connect')
      } catch (cause) {
        throw new FlotaError('unavailable', `Cannot connect to socket '${path}'`, {
          cause,
          hint: "'systemctl status fleet.socket fleet.service' tells more",
        })
      }
      deps.stdin.pipe(socket)
      socket.pipe(process.stdout)
      const ended = new AbortController()
      // Whichever side ends first ends the other; what is under way towards standard output still arrives.
      await Promise.race([
        once(socket, 'close', { signal: ended.signal }),
        once(socket, 'error', { signal: ended.signal }),
      ])
      ended.abort()
      deps.stdin.unpipe(socket)
      process.stdin.destroy()
    })
}
