import { map, string, type ReaderType } from '../reader.ts'
import type { Step } from '../step.ts'

export const oemReader = map({
  id: string(),
  name: string(),
  version_id: string(),
  home_url: string(),
  bug_report_url: string(),
})

/** /etc/oem-release: who made the image. Without an id there is nothing to say. */
export function oemSteps(oem: ReaderType<typeof oemReader> = {}): readonly Step[] {
  if (oem.id === undefined || oem.id === '') return []
  const quoted = [
    ['NAME', oem.name],
    ['HOME_URL', oem.home_url],
    ['BUG_REPORT_URL', oem.bug_report_url],
  ] as const
  const lines = [
    `ID=${oem.id}`,
    `VERSION_ID=${oem.version_id ?? ''}`,
    ...quoted.map(([key, value]) => `${key}=${JSON.stringify(value ?? '')}`),
  ]
  return [{ kind: 'write-file', path: '/etc/oem-release', content: `${lines.join('\n')}\n`, mode: 0o644 }]
}
