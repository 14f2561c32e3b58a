export type Labels = Readonly<Record<string, string>>

type Kind = 'counter' | 'gauge' | 'summary'

interface Family {
  readonly kind: Kind
  readonly help: string
  /** By the labels as text; a summary keeps count and sum. */
  readonly samples: Map<string, { value: number; count: number }>
}

/**
 * Numbers for a Prometheus server, in its text format 0.0.4. A family appears once it was first written; labels must come from a
 * small set, as every combination is kept for good.
 */
export class Metrics {
  readonly #families = new Map<string, Family>()

  /** Declares what `add`, `set` and `observe` then write by its name. */
  declare(kind: Kind, name: string, help: string): void {
    if (!this.#families.has(name)) this.#families.set(name, { kind, help, samples: new Map() })
  }

  add(name: string, labels: Labels = {}, by = 1): void {
    this.#sample(name, labels).value += by
  }

  set(name: string, labels: Labels, value: number): void {
    this.#sample(name, labels).value = value
  }

  /** One more event of a summary that took `seconds`. */
  observe(name: string, labels: Labels, seconds: number): void {
    const sample = this.#sample(name, labels)
    sample.value += seconds
    sample.count++
  }

  text(): string {
    const families = [...this.#families].filter(([, { samples }]) => samples.size > 0)
    return families
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, family]) => `# HELP ${name} ${family.help}\n# TYPE ${name} ${family.kind}\n${linesOf(name, family)}`)
      .join('')
  }

  #sample(name: string, labels: Labels): { value: number; count: number } {
    const family = this.#families.get(name)
    if (family === undefined) throw new Error(`metric '${name}' was never declared`)
    const key = labelText(labels)
    const known = family.samples.get(key)
    if (known !== undefined) return known
    const sample = { value: 0, count: 0 }
    family.samples.set(key, sample)
    return sample
  }
}

function linesOf(name: string, { kind, samples }: Family): string {
  return [...samples]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([labels, { value, count }]) =>
      kind === 'summary'
        ? `${name}_sum${labels} ${value}\n${name}_count${labels} ${count}\n`
        : `${name}${labels} ${value}\n`,
    )
    .join('')
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
