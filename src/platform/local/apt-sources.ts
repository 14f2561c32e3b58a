import { FlotaError } from '../../lib/errors.ts'
import { suite } from './root-recipe.ts'

/** One archive of the host's apt configuration, in the terms of sources.list(5). */
export interface AptSource {
  readonly uri: string
  readonly suite: string
  readonly components: readonly string[]
  /** Options in square brackets of the one-line style, such as `signed-by=...`. */
  readonly options: readonly string[]
}

/** deb822 fields that the one-line style writes as an option. */
const optionFields: Readonly<Record<string, string>> = {
  'signed-by': 'signed-by',
  trusted: 'trusted',
  'check-valid-until': 'check-valid-until',
  'check-date': 'check-date',
  'allow-insecure': 'allow-insecure',
}

/** Reads a `*.sources` file (deb822 style). Stanzas that are off, or only for sources, are left out. */
export function parseDeb822(text: string): readonly AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = parseFields(stanza)
    const words = (name: string): readonly string[] =>
      (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '')
    if (!words('types').includes('deb') || /^(no|false|off|0)$/i.test(fields.get('enabled') ?? '')) return []
    const options = Object.entries(optionFields).flatMap(([field, option]) => {
      const value = fields.get(field)
      return value === undefined || value.includes('BEGIN PGP') ? [] : [`${option}=${value.split(/\s+/).join(',')}`]
    })
    return words('uris').flatMap((uri) =>
      words('suites').map((suite) => ({ uri, suite, components: words('components'), options })),
    )
  })
}

function parseFields(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue
    const match = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line)
    if (match?.[1] !== undefined) {
      last = match[1].toLowerCase()
      fields.set(last, (match[2] ?? '').trim())
    } else if (last !== undefined && /^\s/.test(line))
      fields.set(last, `${fields.get(last) ?? ''} ${line.trim()}`.trim())
  }
  return fields
}

/** Reads a `sources.list` or `*.list` file (one-line style). */
export function parseOneLine(text: string): readonly AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line)
    const [, options = '', uri, suite, components = ''] = match ?? []
    if (uri === undefined || suite === undefined) return []
    const words = (part: string): readonly string[] => part.split(/\s+/).filter((word) => word !== '')
    return [{ uri, suite, components: words(components), options: words(options.replaceAll('"', '')) }]
  })
}

export interface GuestSourcesOptions {
  readonly host: readonly AptSource[]
  /** ID of os-release(5). Only Debian's own archive holds the machines' packages. */
  readonly osId: string
  /** Where Debian is, when the host's configuration does not say so. */
  readonly mirror: string | undefined
}

/**
 * The machines' sources.list: the host's own archives, options and keyrings with the machines' suite in place of the host's.
 * A third party's archive on the host is told from Debian's by its suite: it must be the host release's main suite with the component main.
 */
export function guestSources({ host, osId, mirror }: GuestSourcesOptions): string {
  if (mirror !== undefined) return `deb [signed-by=${debianKeyring}] ${checkMirror(mirror)} ${suite} main\n`
  const debian = osId === 'debian' ? host.filter((source) => isDebianArchive(source)) : []
  const lines = debian.map((source) => {
    const options = source.options.length === 0 ? '' : `[${source.options.join(' ')}] `
    return `deb ${options}${source.uri} ${source.suite.replace(/^[a-z]+/, suite)} main`
  })
  if (!lines.some((line) => line.includes(` ${suite} main`))) throw noArchive(osId)
  return `${[...new Set(lines)].join('\n')}\n`
}

/** Of the package debian-archive-keyring, which Ubuntu has too. */
const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

const releases = 'bullseye|bookworm|trixie|forky|oldstable|stable|testing'
const isDebianArchive = ({ suite: name, components }: AptSource): boolean =>
  new RegExp(`^(${releases})(-updates|-security)?$`).test(name) && components.includes('main')

function checkMirror(mirror: string): string {
  if (/^(https?|file):\/\/?\S+$/.test(mirror)) return mirror
  throw new FlotaError('invalid_argument', `Cannot use the mirror '${mirror}': it is no http, https or file URL`, {
    hint: 'Give the URL of a Debian archive, the one that has a folder dists',
  })
}

const noArchive = (osId: string): FlotaError =>
  new FlotaError(
    'failed_precondition',
    `Cannot find a Debian archive for the machines: this host's apt configuration (${osId}) names none`,
    { hint: 'Name one with --mirror URL' },
  )
