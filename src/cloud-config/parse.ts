import { isNode, LineCounter, parseDocument } from 'yaml'
import { cloudConfigReader, type CloudConfig } from './config.ts'
import { sortFindings, type Finding } from './finding.ts'
import type { Reading } from './reader.ts'

export interface ParsedConfig {
  /** What could be read; empty when the YAML is broken. */
  readonly config: CloudConfig
  readonly findings: readonly Finding[]
}

/** Reads a cloud-config, addresses already put in. Never throws for what is in the file. */
export function parseCloudConfig(text: string): ParsedConfig {
  const lines = new LineCounter()
  const findings: Finding[] = []
  const add = (level: Finding['level'], offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    findings.push({ level, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }
  // Version 1.1 is what coreos-cloudinit read: `yes` and `on` are booleans.
  const document = parseDocument(text, { version: '1.1', lineCounter: lines, uniqueKeys: false, prettyErrors: false })
  for (const error of document.errors) add('error', error.pos[0], error.message)
  if (document.errors.length > 0) return { config: {}, findings: sortFindings(findings) }
  const reading: Reading = {
    document,
    report: (level, node, message) => add(level, (isNode(node) ? node.range?.[0] : undefined) ?? 0, message),
    errors: () => findings.filter(({ level }) => level === 'error').length,
  }
  const config = cloudConfigReader.read(document.contents, '', reading) ?? {}
  return { config, findings: sortFindings(findings) }
}
