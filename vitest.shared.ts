import { defineConfig } from 'vitest/config'

/** One configuration for every room: tests run on the sources of all rooms, nothing needs to be built before. */
export default defineConfig({
  resolve: { conditions: ['@ropeway/source'] },
  ssr: { resolve: { conditions: ['@ropeway/source', 'node', 'import', 'module', 'default'] } },
  test: { include: ['src/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
})
