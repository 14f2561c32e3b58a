import { defineConfig } from 'vitest/config'

/** `fast` needs nothing but Node; `real` starts real etcd, nginx and systemd; `e2e` works on the four machines of `npm start`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
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
