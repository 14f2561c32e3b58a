import colours from 'picocolors'
import type { Env } from './deps.ts'
import type { Paint } from './table.ts'

const tones: Readonly<Record<'good' | 'moving' | 'bad', readonly string[]>> = {
  good: ['active', 'running', 'launched', 'listening', 'waiting', 'mounted'],
  moving: ['activating', 'deactivating', 'reloading', 'refreshing', 'auto-restart', 'start-pre', 'start', 'stop'],
  bad: ['failed', 'error', 'not-found', 'bad-setting'],
}

/** The words of systemd and of fleet for how a unit is, in colour. https://no-color.org turns it off. */
export function terminalPaint(env: Env): Paint {
  const { green, yellow, red } = colours.createColors((env['NO_COLOR'] ?? '') === '')
  return (cell) => {
    if (tones.good.includes(cell)) return green(cell)
    if (tones.moving.includes(cell)) return yellow(cell)
    return tones.bad.includes(cell) ? red(cell) : cell
  }
}
