import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderState, memoryState } from './state.js'

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'state-'))
}

describe.each([
  ['in a folder', async () => folderState(join(await folder(), 'deep', 'er'))],
  ['in memory', async () => memoryState()],
])('state %s', (_, make) => {
  it('is kept, replaced and forgotten by key', async () => {
    const state = await make()
    expect(await state.get('../a/b')).toBeUndefined()
    await state.set('../a/b', { parts: [1, 2] })
    await state.set('c', 'other')
    await state.set('../a/b', { parts: [3] })
    expect(await state.get('../a/b')).toEqual({ parts: [3] })
    await state.delete('../a/b')
    await state.delete('../a/b')
    expect(await state.get('../a/b')).toBeUndefined()
    expect(await state.get('c')).toBe('other')
  })
})

describe('state in a folder', () => {
  it('outlives the process, and leaves no temporary file', async () => {
    const directory = await folder()
    await Promise.all([1, 2, 3].map((value) => folderState(directory).set('key', value)))
    expect(await folderState(directory).get('key')).toBeTypeOf('number')
    expect(await readdir(directory)).toHaveLength(1)
  })
  it('counts as lost when it is damaged', async () => {
    const directory = await folder()
    await folderState(directory).set('key', 1)
    await writeFile(join(directory, (await readdir(directory))[0] ?? ''), '{"half')
    expect(await folderState(directory).get('key')).toBeUndefined()
  })
  it('costs no run where nothing can be written', async () => {
    const file = join(await folder(), 'file')
    await writeFile(file, '')
    const state = folderState(join(file, 'state'))
    await state.set('key', 1)
    expect(await state.get('key')).toBeUndefined()
    await state.delete('key')
  })
})
