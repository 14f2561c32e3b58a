/**
 * Who answers, for the header `x-served-by`: "<machine>/<instance>". The instance is the container's host name, which podman and docker set
 * to the container's id. A container is told nothing of its machine, but podman copies the machine's own /etc/hosts into it, and there
 * Debian keeps the machine's name at 127.0.1.1 (hostname(1), Debian Reference 5.1.1). Where that line is missing only the
 * instance is named: nothing is made up.
 */
export function servedBy(hosts: string, instance: string): string {
  const machine = machineIn(hosts)
  return machine === undefined || machine === instance ? instance : `${machine}/${instance}`
}

function machineIn(hosts: string): string | undefined {
  for (const line of hosts.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (address === '127.0.1.1') return names.at(-1)
  }
  return undefined
}
