import { etcd2Reader } from './keys/etcd2.ts'
import { fleetReader } from './keys/fleet.ts'
import { flannelReader } from './keys/flannel.ts'
import { hostsReader } from './keys/hosts.ts'
import { locksmithReader } from './keys/locksmith.ts'
import { oemReader } from './keys/oem.ts'
import { unitReader } from './keys/units.ts'
import { writeFileReader } from './keys/write-files.ts'
import { list, map, string, type ReaderType } from './reader.ts'

const hostname = string({ valid: /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/ })

/** The whole of a cloud-config file. */
export const cloudConfigReader = map({
  hostname,
  ssh_authorized_keys: list(string()),
  write_files: list(writeFileReader),
  manage_etc_hosts: hostsReader,
  coreos: map(
    {
      etcd2: etcd2Reader,
      fleet: fleetReader,
      flannel: flannelReader,
      locksmith: locksmithReader,
      oem: oemReader,
      units: list(unitReader),
    },
    { misplaced: { write_files: "write_files doesn't belong under coreos" } },
  ),
})

export type CloudConfig = ReaderType<typeof cloudConfigReader>
