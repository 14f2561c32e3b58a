import type { Filter } from './filter.ts'

/** `MachineMetadata=`: each key with one of its values. */
export const metadataFilter: Filter = {
  name: 'metadata',
  check: ({ requirements, machine }) => {
    const missing = [...requirements.metadata].filter(([key, values]) => {
      const value = machine.metadata[key]
      return value === undefined || !values.includes(value)
    })
    const texts = missing.map(([key, values]) => values.map((value) => `${key}=${value}`).join(' or '))
    return texts.length === 0 ? undefined : `lacks ${texts.join(' and ')}`
  },
  explain: (reason) => ({ one: reason, many: reason.replace(/^lacks /, 'lack ') }),
}
