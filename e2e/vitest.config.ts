import { defineConfig } from 'vitest/config'

/** e2e runs the built CLI and imports built packages: what users get. One file at a time, since the machine is small. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.ts'],
    globalSetup: ['src/harness/setup.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
