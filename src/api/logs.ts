import { FlotaError } from '../lib/errors.ts'
import { keys } from '../store/keys.ts'
import type { UnitName } from '../unit/unit.ts'
import type { Api, ApiScope } from './api-scope.ts'
import { bounded, readLatestView } from './api-scope.ts'
import type { LocalJournal } from './local-journal.ts'
import { refuseOtherMethods } from './methods.ts'
import { queryValues } from './query.ts'
import { logsQuerySchema, logsSchema, nameParamsSchema, refusals } from './schemas.ts'
import { toKnownName } from './unit-writes.ts'

const defaultLines = 10
const mostLines = 10_000

/** The journal of a unit as this machine has it: each machine answers for the units in its own schedule. */
export function registerLogs(app: Api, scope: ApiScope, journal: LocalJournal): void {
  const path = '/flota/v1/units/:name/logs'
  const schema = {
    operationId: 'readLogs',
    summary: 'The last lines of a unit in the journal of the machine that answers',
    params: nameParamsSchema,
    querystring: logsQuerySchema,
    response: { 200: logsSchema, ...refusals(400, 404, 503) },
  }
  app.get<{ Params: { name: string } }>(path, { schema }, async ({ params, query }) => {
    const unit = toKnownName(params.name)
    const lines = toLines(queryValues(query, 'lines')[0])
    const after = toCursor(queryValues(query, 'after')[0])
    await checkIsHere(scope, unit, journal)
    const question = { unit, lines, ...(after === undefined ? {} : { after }) }
    const found = await bounded(scope, `read logs of unit '${unit}'`, (signal) => journal.read(question, signal))
    return { machineID: journal.machine, lines: found.map((line) => ({ ...line })) }
  })
  refuseOtherMethods(app, { path, allowed: ['GET'], message: 'only GET supported against this resource' })
}

async function checkIsHere(scope: ApiScope, unit: UnitName, { machine }: LocalJournal): Promise<void> {
  const view = await readLatestView(scope, keys.unit(unit))
  if (view.scheduleOf(machine).has(unit)) return
  throw new FlotaError('not_found', `Cannot read logs of unit '${unit}': it is not on this machine`, {
    hint: `'flota logs ${unit}' asks the machine that it is on`,
  })
}

function toLines(text: string | undefined): number {
  if (text === undefined) return defaultLines
  if (/^\d{1,5}$/.test(text) && Number(text) <= mostLines) return Number(text)
  throw new FlotaError('invalid_argument', `Cannot read '${text}' lines: it is not a number up to ${mostLines}`)
}

/** A cursor becomes an argument of journalctl, so it is held to the letters that systemd makes it of. */
function toCursor(text: string | undefined): string | undefined {
  if (text === undefined || /^[A-Za-z0-9=;_-]{1,400}$/.test(text)) return text
  throw new FlotaError('invalid_argument', `Cannot read logs after '${text}': it is no cursor of a journal`, {
    hint: "Send the 'cursor' of a line that was read",
  })
}
