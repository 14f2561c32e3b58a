import { map, string, type ReaderType } from '../reader.ts'
import type { Step } from '../step.ts'

const keys = {
  etcd_endpoints: string(),
  etcd_cafile: string(),
  etcd_certfile: string(),
  etcd_keyfile: string(),
  etcd_prefix: string(),
  etcd_username: string(),
  etcd_password: string(),
  ip_masq: string(),
  subnet_file: string(),
  interface: string(),
  public_ip: string(),
}

export const flannelReader = map(keys)

/** /run/flannel/options.env, without an end to its last line, as flannel's users know it. */
export function flannelSteps(flannel: ReaderType<typeof flannelReader> = {}): readonly Step[] {
  const values: Readonly<Record<string, string | undefined>> = flannel
  const lines = Object.keys(keys).flatMap((key) => {
    const value = values[key] ?? ''
    return value === '' ? [] : [`FLANNELD_${key === 'interface' ? 'IFACE' : key.toUpperCase()}=${value}`]
  })
  if (lines.length === 0) return []
  return [{ kind: 'write-file', path: '/run/flannel/options.env', content: lines.join('\n'), mode: 0o644 }]
}
