import { defineConfig } from 'vitest/config'

// What a command prints must not depend on who runs the tests: task runners force colours.
delete process.env['FORCE_COLOR']
process.env['NO_COLOR'] = '1'

/** One configuration for every room: tests run on the sources of all rooms, nothing needs to be built before. */
export default defineConfig({
  resolve: { conditions: ['@ropeway/source'] },
  ssr: { resolve: { conditions: ['@ropeway/source', 'node', 'import', 'default'] } },
  test: { include: ['src/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
})
