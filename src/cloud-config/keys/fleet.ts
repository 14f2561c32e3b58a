import { toEnvironment, type Environment } from '../drop-in.ts'
import { boolean, float, integer, map, string, type ReaderType } from '../reader.ts'

/** `coreos.fleet`, in the order in which coreos-cloudinit writes the variables. */
const keys = {
  agent_ttl: string(),
  authorized_keys_file: string(),
  disable_engine: boolean,
  engine_reconcile_interval: float,
  etcd_cafile: string(),
  etcd_certfile: string(),
  etcd_keyfile: string(),
  etcd_key_prefix: string(),
  etcd_request_timeout: float,
  etcd_servers: string(),
  etcd_username: string(),
  etcd_password: string(),
  metadata: string(),
  public_ip: string(),
  token_limit: integer,
  verbosity: integer,
  verify_units: boolean,
}

export const fleetReader = map(keys)
export type Fleet = ReaderType<typeof fleetReader>

export const fleetEnvironment = (section: Fleet): Environment =>
  toEnvironment(section, { prefix: 'FLEET_', order: Object.keys(keys) })
