/** The value of a line `discovery: VALUE`, with or without quotes; a comment behind it is kept. */
const discoveryLine =
  /^(?<before>\s*discovery:[ \t]*)(?<quote>["']?)(?<value>[^"'\n]*?)\k<quote>(?<after>[ \t]*(?:[ \t]#.*)?\r?)$/

/** What existing users' files hold where a token of their own belongs, and the public service, which is no longer to be relied on. */
const placeholder = /<discovery[_ -]?id>|^https?:\/\/discovery\.etcd\.io(\/|$)/i

/** The user-data with this cluster's discovery URL where the file leaves it open; any other URL is the user's own and stays. */
export function withDiscovery(userData: string, url: string): string {
  return userData
    .split('\n')
    .map((line) => {
      const { before = '', quote = '', value = '', after = '' } = discoveryLine.exec(line)?.groups ?? {}
      return placeholder.test(value) ? `${before}${quote}${url}${quote}${after}` : line
    })
    .join('\n')
}

/** Members of etcd in a cluster of this size: the largest odd number up to five. The rest are clients. */
export function memberCount(machines: number): number {
  const most = Math.min(5, machines)
  return most % 2 === 1 ? most : most - 1
}
