import { defineConfig } from 'vitest/config'

/** `fast` needs nothing but Node; `real` starts real etcd, nginx and systemd-nspawn machines, one file at a time. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['src/**/*.test.ts', 'test/{scenarios,properties,compat}/**/*.test.ts'],
          exclude: ['**/*.real.test.ts'],
        },
      },
      {
        test: {
          name: 'real',
          include: ['src/**/*.real.test.ts', 'test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 420_000,
        },
      },
    ],
  },
})
