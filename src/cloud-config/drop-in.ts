/** `NAME=value` assignments of a unit's environment, in the order they are written. Values that say nothing are left out. */
export type Environment = readonly (readonly [name: string, value: string | number | boolean | undefined])[]

/**
 * A drop-in with these variables; undefined when there are none. coreos-cloudinit wrote values as they were, so that a quote or a
 * per cent sign broke the unit; here systemd reads back what the file said (systemd.exec(5), Environment=; systemd.syntax(7), Quoting).
 */
export function renderEnvironment(environment: Environment): string | undefined {
  const lines = environment.flatMap(([name, value]) =>
    value === undefined || value === '' || value === 0 || value === false
      ? []
      : `Environment="${name}=${escape(String(value))}"\n`,
  )
  return lines.length === 0 ? undefined : `[Service]\n${lines.join('')}`
}

const escape = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('\n', '\\n')

/** The variables of a section: its keys in the given order, in capitals behind the prefix. */
export function toEnvironment(
  section: Readonly<Record<string, string | number | boolean | undefined>>,
  { prefix, order }: { readonly prefix: string; readonly order: readonly string[] },
): Environment {
  return order.map((key) => [prefix + key.toUpperCase(), section[key]])
}
