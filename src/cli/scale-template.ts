import { listUnits } from '../client/calls.ts'
import type { BlockFlags } from './blocking.ts'
import { bringUnits } from './bring-units.ts'
import type { CliDeps } from './deps.ts'
import { destroyUnits } from './destroy-units.ts'
import type { Scale } from './scale.ts'
import { planScale, toArgument } from './scale.ts'

/** Makes the number of instances so: too many are destroyed first, which makes room for those that are started then. */
export async function scaleTemplate(scale: Scale, flags: BlockFlags, deps: CliDeps): Promise<void> {
  const { client } = await deps.connect()
  const names = (await listUnits(client)).map(({ name = '' }) => name)
  const { keep, remove } = planScale(scale, names)
  await destroyUnits(remove, flags, deps)
  const args = keep.map((name) => toArgument(scale, name))
  if (args.length > 0) await bringUnits(args, flags, { verb: 'start', wanted: 'launched', deps })
  deps.stdout.write(`Template ${scale.template} has ${scale.count} ${scale.count === 1 ? 'instance' : 'instances'}\n`)
}
