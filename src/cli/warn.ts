import type { World } from './deps.ts'

/** A warning: as fleetctl a line of its log (time, level, where from), else a plain line. */
export function warn(
  { stderr, clock, programName }: Pick<World, 'stderr' | 'clock' | 'programName'>,
  text: string,
): void {
  const time = clock.wall().toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
  stderr.write(programName === 'fleetctl' ? `${time} WARN fleetctl: ${text}\n` : `Warning: ${text}\n`)
}
