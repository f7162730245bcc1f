import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fakeContext, testSink, testSource } from '@ropeway/testkit'
import * as exports from './index.js'

const claim = { json: new URL('../package.json', import.meta.url), exports }

/** A folder of its own for every case. */
async function surroundings() {
  const directory = await mkdtemp(join(tmpdir(), 'notes-'))
  const chain = { name: 'kit', version: '1.0.0', directory }
  return {
    directory,
    context: (signal?: AbortSignal) => fakeContext({ chain, signal }),
    dispose: () => rm(directory, { recursive: true }),
  }
}

testSource(
  {
    adapter: exports.notes,
    package: claim,
    capabilities: { referrers: false },
    async arrange() {
      const { directory, context, dispose } = await surroundings()
      await mkdir(join(directory, 'notes'))
      await writeFile(join(directory, 'notes', 'one.txt'), 'the first note\n'.repeat(100))
      await writeFile(join(directory, 'notes', 'two.txt'), 'the second note\n')
      return {
        options: { folder: 'notes' },
        broken: { folder: 'notes', names: ['none.txt', 'one.txt', 'nothing.txt'] },
        drift: () => writeFile(join(directory, 'notes', 'three.txt'), 'a later note\n'),
        context,
        dispose,
      }
    },
  },
  { describe, it },
)

testSink(
  {
    adapter: exports.shelf,
    package: claim,
    async arrange() {
      const { directory, context, dispose } = await surroundings()
      await writeFile(join(directory, 'file'), 'in the way')
      return {
        options: { folder: 'shelf' },
        refused: { options: { folder: 'file/shelf' } },
        target: { type: 'artifacts', entries: () => entriesOf(join(directory, 'shelf')) },
        context,
        dispose,
      }
    },
  },
  { describe, it },
)

/** What stands on the shelf, past the sink: file name → text. */
async function entriesOf(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder).catch(() => [])
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'latin1')] as const)),
  )
}
