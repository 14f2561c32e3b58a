import { defineConfig } from 'vitest/config'

/** `fast` needs nothing but Node; `real` starts real etcd, nginx and systemd; `e2e` works on the four machines of `npm start`. */
export default defineConfig({
  test: {
    // Most tests wait more than they compute.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'fast',
          // Tests share no state, so that their files can share workers: half the time goes into starting them otherwise.
          pool: 'threads',
          isolate: false,
          // A loaded machine is slow, not wrong.
          testTimeout: 30_000,
          include: [
            'src/**/*.test.ts',
            'examples/**/*.test.ts',
            'test/{scenarios,properties,compat,acceptance,load}/**/*.test.ts',
          ],
          exclude: ['**/*.real.test.ts'],
        },
      },
      {
        test: {
          name: 'real',
          include: ['{src,examples,test/acceptance}/**/*.real.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 420_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/cluster.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 420_000,
        },
      },
    ],
  },
})
