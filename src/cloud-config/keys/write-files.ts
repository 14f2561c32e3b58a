import { posix } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { map, string, type Reader, type ReaderType } from '../reader.ts'
import type { WriteFile } from '../step.ts'

const encodings = /^(base64|b64|gz|gzip|gz\+base64|gzip\+base64|gz\+b64|gzip\+b64)$/

const keys = map(
  {
    path: string(),
    content: string(),
    permissions: string({ valid: /^0?[0-7]{3,4}$/ }),
    owner: string({ valid: /^[\w][\w.-]*(:[\w][\w.-]*)?$|^:[\w][\w.-]*$/ }),
    encoding: string({ valid: encodings }),
  },
  { allOrNothing: true },
)

/** A file to write, its content decoded. */
export const writeFileReader: Reader<WriteFile> = {
  want: keys.want,
  read(node, name, reading) {
    const file = keys.read(node, name, reading)
    if (file === undefined) return undefined
    if (file.path === undefined || file.path === '') {
      reading.report('warning', node, `"${name}" has no path`)
      return undefined
    }
    const content = decode(file)
    if (content !== undefined) return toStep(file, content)
    reading.report('error', node, `content cannot be decoded as "${file.encoding ?? ''}"`)
    return undefined
  },
}

function toStep(
  { path = '', permissions = '', owner = '' }: ReaderType<typeof keys>,
  content: string | Buffer,
): WriteFile {
  const mode = permissions === '' ? 0o644 : Number.parseInt(permissions, 8)
  const step = { kind: 'write-file' as const, path: posix.join('/', path), content, mode }
  return owner === '' ? step : { ...step, owner }
}

const maxBytes = 16 * 1024 * 1024

function decode({ content = '', encoding = '' }: ReaderType<typeof keys>): string | Buffer | undefined {
  if (encoding === '') return content
  const isBase64 = /(base64|b64)$/.test(encoding)
  const text = content.replace(/\s/g, '')
  if (isBase64 && !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const bytes = isBase64 ? Buffer.from(text, 'base64') : Buffer.from(content, 'latin1')
  if (!encoding.startsWith('gz')) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch {
    return undefined
  }
}
