import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'

const docs = new URL('../../../docs/', import.meta.url)
const page = readFileSync(new URL('writing-an-adapter.md', docs), 'utf8')

vi.mock('node:test', async () => {
  const { describe, it: test } = await import('vitest')
  return { describe, it: test }
})

it.each(['package.json', 'src/source.ts', 'src/sink.ts', 'src/contract.test.ts'])(
  'shows %s of the example as it is in docs/writing-an-adapter.md',
  (file) => {
    expect(page).toContain(readFileSync(new URL(`examples/notes-plugin/${file}`, docs), 'utf8').trimEnd())
  },
)

// The example itself, run by the very test that the page shows.
await import('../../../docs/examples/notes-plugin/src/contract.test.js')
