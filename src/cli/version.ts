import { readFileSync } from 'node:fs'

/** The version in this package's own package.json, which lies above the bundle as it lies above the sources. */
export function readVersion(): string {
  for (const up of ['../package.json', '../../package.json', '../../../package.json']) {
    const version = versionIn(new URL(up, import.meta.url))
    if (version !== undefined) return version
  }
  return 'unknown'
}

function versionIn(file: URL): string | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof parsed !== 'object' || parsed === null || !('name' in parsed) || parsed.name !== 'flota')
      return undefined
    return 'version' in parsed ? String(parsed.version) : undefined
  } catch {
    return undefined
  }
}
