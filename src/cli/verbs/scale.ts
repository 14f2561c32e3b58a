import type { Command } from 'commander'
import type { BlockFlags } from '../blocking.ts'
import { addBlockOptions } from '../blocking.ts'
import type { CliDeps } from '../deps.ts'
import { scaleTemplate } from '../scale-template.ts'
import { parseScale } from '../scale.ts'

export function registerScale(program: Command, deps: CliDeps): void {
  const command = program
    .command('scale')
    .description('run so many numbered instances of a template')
    .argument('<template=number...>', 'for example nano-container@=5')
  addBlockOptions(command).action(async (args: readonly string[], flags: BlockFlags) => {
    const scales = args.map(parseScale)
    for (const scale of scales) await scaleTemplate(scale, flags, deps)
  })
}
