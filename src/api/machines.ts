import { toMachineRows } from '../cluster/rows.ts'
import type { Metadata } from '../machine/machine.ts'
import { codecs } from '../store/codec.ts'
import { keys } from '../store/keys.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { readView } from './api-scope.ts'
import { byRevision } from './by-revision.ts'
import { decodeJson } from './body.ts'
import { compareAndSwapAll } from './compare-and-swap.ts'
import type { MetadataChange } from './metadata-patch.ts'
import { parseMetadataPatch } from './metadata-patch.ts'
import { refuseOtherMethods } from './methods.ts'
import { paginate } from './page-token.ts'
import { queryValues } from './query.ts'
import { machinePageSchema, metadataPatchSchema, nothing, pageQuerySchema, refusals } from './schemas.ts'
import { toWireMachine } from './wire.ts'

const machineRows = byRevision(toMachineRows)

export function registerMachines(app: Api, base: string, scope: ApiScope): void {
  const path = `${base}/machines`
  const listSchema = {
    operationId: 'listMachines',
    summary: 'Machines that are present, a page at a time',
    querystring: pageQuerySchema,
    response: { 200: machinePageSchema, ...refusals(400, 503) },
  }
  app.get(path, { schema: listSchema }, async (request) => {
    const machines = machineRows(await readView(scope))
    const { items, ...next } = paginate(machines, queryValues(request.query, 'nextPageToken'), scope.tokenLimit)
    return items.length === 0 ? next : { machines: items.map(toWireMachine), ...next }
  })
  const patchSchema = {
    operationId: 'patchMachines',
    summary: 'Set or remove dynamic metadata of machines',
    body: metadataPatchSchema,
    response: { 204: nothing, ...refusals(400, 409, 503) },
  }
  // Read below, in fleet's order and with its words.
  const validatorCompiler = () => (value: unknown) => ({ value })
  app.patch<{ Body: unknown }>(path, { schema: patchSchema, validatorCompiler }, async (request, reply) => {
    const changes = parseMetadataPatch(decodeJson(request.body, ''))
    await patchMetadata(scope, changes)
    return reply.status(204).header('Content-Type', 'application/json').send()
  })
  refuseOtherMethods(app, {
    path,
    allowed: ['GET', 'PATCH'],
    message: 'only GET and PATCH supported against this resource',
  })
}

/** All machines in one commit: a patch is done as a whole or not at all. */
async function patchMetadata(scope: ApiScope, changes: readonly MetadataChange[]): Promise<void> {
  const machines = [...new Set(changes.map(({ machine }) => machine))]
  if (machines.length === 0) return
  await compareAndSwapAll(scope, machines.map(keys.machineMetadata), (values) =>
    machines.map((machine, at) => {
      const key = keys.machineMetadata(machine)
      const value = values[at]
      const before = value === undefined ? {} : codecs.metadata.decode(value, key).metadata
      const metadata = changed(
        before,
        changes.filter((change) => change.machine === machine),
      )
      return { kind: 'put', key, value: codecs.metadata.encode({ metadata }) }
    }),
  )
}

/** A removed key stays with an empty value, which hides what the machine itself says. */
function changed(before: Metadata, changes: readonly MetadataChange[]): Metadata {
  return { ...before, ...Object.fromEntries(changes.map(({ key, value }) => [key, value])) }
}
