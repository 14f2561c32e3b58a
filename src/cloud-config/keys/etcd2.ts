import { toEnvironment, type Environment } from '../drop-in.ts'
import { boolean, integer, map, string, type ReaderType } from '../reader.ts'

/** `coreos.etcd2`, in the order in which coreos-cloudinit writes the variables. */
const keys = {
  advertise_client_urls: string(),
  ca_file: string(),
  cert_file: string(),
  client_cert_auth: boolean,
  cors: string(),
  data_dir: string(),
  debug: boolean,
  discovery: string(),
  discovery_fallback: string(),
  discovery_srv: string(),
  discovery_proxy: string(),
  election_timeout: integer,
  enable_pprof: boolean,
  force_new_cluster: boolean,
  heartbeat_interval: integer,
  initial_advertise_peer_urls: string(),
  initial_cluster: string(),
  initial_cluster_state: string(),
  initial_cluster_token: string(),
  key_file: string(),
  listen_client_urls: string(),
  listen_peer_urls: string(),
  log_package_levels: string(),
  max_snapshots: integer,
  max_wals: integer,
  name: string(),
  peer_ca_file: string(),
  peer_cert_file: string(),
  peer_key_file: string(),
  peer_client_cert_auth: boolean,
  peer_trusted_ca_file: string(),
  proxy: string({ valid: /^(on|off|readonly)$/ }),
  proxy_dial_timeout: integer,
  proxy_failure_wait: integer,
  proxy_read_timeout: integer,
  proxy_refresh_interval: integer,
  proxy_write_timeout: integer,
  snapshot_count: integer,
  strict_reconfig_check: boolean,
  trusted_ca_file: string(),
  wal_dir: string(),
}

export const etcd2Reader = map(keys)
export type Etcd2 = ReaderType<typeof etcd2Reader>

export const etcd2Environment = (section: Etcd2): Environment =>
  toEnvironment(section, { prefix: 'ETCD_', order: Object.keys(keys) })
