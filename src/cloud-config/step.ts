/** One thing to do to the machine. Paths are absolute; doing a step again changes nothing. */
export type Step =
  | { readonly kind: 'set-hostname'; readonly name: string }
  | { readonly kind: 'authorize-keys'; readonly user: string; readonly keys: readonly string[] }
  | WriteFile
  /** Links the path to /dev/null. */
  | { readonly kind: 'mask'; readonly path: string }
  /** Removes a link to /dev/null, or an empty file, at the path. */
  | { readonly kind: 'unmask'; readonly path: string }
  | { readonly kind: 'enable'; readonly unit: string; readonly isRuntime: boolean }
  /** Only when a unit's file has changed in this run. */
  | { readonly kind: 'daemon-reload' }
  | { readonly kind: 'restart-networkd' }
  | { readonly kind: 'command'; readonly unit: string; readonly command: UnitCommand }
  | { readonly kind: 'run-script'; readonly path: string; readonly unit: string }

export interface WriteFile {
  readonly kind: 'write-file'
  readonly path: string
  readonly content: string | Buffer
  readonly mode: number
  /** `user` or `user:group`, as chown takes it. */
  readonly owner?: string
}

export const unitCommands = [
  'start',
  'stop',
  'restart',
  'reload',
  'try-restart',
  'reload-or-restart',
  'reload-or-try-restart',
] as const

export type UnitCommand = (typeof unitCommands)[number]

/** One line for a person: what the step does. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'set-hostname':
      return `set the hostname ${step.name}`
    case 'authorize-keys':
      return `allow ${step.keys.length} SSH keys for ${step.user}`
    case 'write-file':
      return `write ${step.path}`
    case 'mask':
    case 'unmask':
      return `${step.kind} ${step.path}`
    case 'enable':
      return `enable ${step.unit}`
    case 'daemon-reload':
      return 'reload systemd'
    case 'restart-networkd':
      return 'restart systemd-networkd.service'
    case 'command':
      return `${step.command} ${step.unit}`
    case 'run-script':
      return `run ${step.path} as ${step.unit}`
  }
}

/** The same, with the content of a file under it. */
export function describeStepInFull(step: Step): string {
  if (step.kind !== 'write-file') return describeStep(step)
  const { path, content, mode, owner } = step
  const text = typeof content === 'string' ? content : `${content.length} bytes`
  const lines = text.replace(/\n$/, '').split('\n')
  const head = `write ${path}, mode ${mode.toString(8).padStart(4, '0')}${owner === undefined ? '' : `, owner ${owner}`}`
  return [head, ...lines.map((line) => (line === '' ? '' : `    ${line}`))].join('\n')
}
