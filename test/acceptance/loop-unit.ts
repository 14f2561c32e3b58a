/** The unit of fleet's own acceptance tests, with what it asks of its machine. */
export function loopUnit(...asks: readonly string[]): string {
  const section = asks.length === 0 ? '' : `\n[X-Fleet]\n${asks.join('\n')}\n`
  return `[Service]\nExecStart=/bin/bash -c "while true; do echo Hello, World!; sleep 1; done"\n${section}`
}

/** `range(3)` is 1, 2, 3. */
export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)
