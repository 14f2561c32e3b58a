import { compileGlob, type GlobMatcher } from '../lib/glob.ts'

/** Patterns compiled once per pass: instances of one template share theirs. */
export class PlanGlobs {
  readonly #matchers = new Map<string, GlobMatcher>()

  matches(pattern: string, name: string): boolean {
    let matcher = this.#matchers.get(pattern)
    if (matcher === undefined) {
      matcher = compileGlob(pattern)
      this.#matchers.set(pattern, matcher)
    }
    return matcher(name)
  }
}
