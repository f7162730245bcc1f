import { vi } from 'vitest'

vi.mock('node:test', async () => {
  const { describe, it } = await import('vitest')
  return { describe, it }
})

// The example of docs/writing-an-adapter.md, run by the very test that the page shows.
await import('../../../docs/examples/notes-plugin/src/contract.test.js')
