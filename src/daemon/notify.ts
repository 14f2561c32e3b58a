import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Tells the service manager how flotad is (sd_notify(3)); nothing happens where there is none. Node has no datagram unix sockets, hence the tool. */
export async function notifySystemd(state: 'READY=1' | 'STOPPING=1', env: NodeJS.ProcessEnv): Promise<void> {
  if (env['NOTIFY_SOCKET'] === undefined) return
  await promisify(execFile)('systemd-notify', [`--pid=${process.pid}`, state])
}
