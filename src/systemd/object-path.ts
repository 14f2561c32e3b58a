const unitRoot = '/org/freedesktop/systemd1/unit/'

/** The D-Bus object path of a unit: every byte but ASCII letters and (not leading) digits is written as `_` and two hex digits. */
export function toObjectPath(unit: string): string {
  const label = [...Buffer.from(unit, 'utf8')].map(escapeByte).join('')
  return unitRoot + (label === '' ? '_' : label)
}

/** The unit's name behind a D-Bus object path; undefined when the path is not that of a unit. */
export function fromObjectPath(path: string): string | undefined {
  if (!path.startsWith(unitRoot)) return undefined
  const label = path.slice(unitRoot.length)
  const bytes = label.replaceAll(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function escapeByte(byte: number, index: number): string {
  const char = String.fromCharCode(byte)
  const isPlain = /[A-Za-z]/.test(char) || (index > 0 && /[0-9]/.test(char))
  return isPlain ? char : `_${byte.toString(16).padStart(2, '0')}`
}
