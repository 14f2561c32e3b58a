import { expect, it } from 'vitest'
import { fromDbusError } from './dbus-error.ts'

const dbusError = (dbusName: string, message: string) => Object.assign(new Error(message), { dbusName })

const rows = [
  ['org.freedesktop.systemd1.NoSuchUnit', 'not_found'],
  ['org.freedesktop.systemd1.UnitMasked', 'failed_precondition'],
  ['org.freedesktop.DBus.Error.Disconnected', 'unavailable'],
  ['org.freedesktop.DBus.Error.NoReply', 'deadline_exceeded'],
  ['com.example.Never', 'internal'],
] as const

it.each(rows)('turns %s into %s', (name, code) => {
  expect(fromDbusError(dbusError(name, 'Unit a.service not found.'), "Cannot start unit 'a.service'")).toMatchObject({
    code,
    message: "Cannot start unit 'a.service': unit a.service not found",
  })
})

it('keeps the cause, whatever it is', () => {
  expect(fromDbusError('odd', 'Cannot reload systemd')).toMatchObject({ code: 'internal', cause: 'odd' })
})
