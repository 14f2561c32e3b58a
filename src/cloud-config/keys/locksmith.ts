import { toEnvironment, type Environment } from '../drop-in.ts'
import { map, string, type ReaderType } from '../reader.ts'

const keys = {
  endpoint: string(),
  etcd_cafile: string(),
  etcd_certfile: string(),
  etcd_keyfile: string(),
  etcd_username: string(),
  etcd_password: string(),
  group: string(),
}

export const locksmithReader = map({
  ...keys,
  window_start: string({ valid: /^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{1,2}:\d{2}$/ }),
  window_length: string({ valid: /^[-+]?(\d+(\.\d+)?(h|m|s|ms|us|ns))+$/ }),
})

export const locksmithEnvironment = (section: ReaderType<typeof locksmithReader>): Environment => [
  ...toEnvironment(section, { prefix: 'LOCKSMITHD_', order: Object.keys(keys) }),
  ['REBOOT_WINDOW_START', section.window_start],
  ['REBOOT_WINDOW_LENGTH', section.window_length],
]
