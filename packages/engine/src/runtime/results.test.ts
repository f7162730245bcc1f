import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { folderResults, type Results } from './results.js'

const folder = () => mkdtemp(join(tmpdir(), 'results-'))
const one = () => '1'
const kept = z.object({ sum: z.number() })

/** Adds numbers, and counts how often. */
function adder() {
  const calls = { count: 0 }
  const add = (results: Results, a: number, b: number, name = 'sum') =>
    results.recall({
      name,
      inputs: [a, b],
      parse: (value) => kept.parse(value),
      async run() {
        calls.count++
        return { sum: a + b }
      },
    })
  return { add, calls }
}

async function onlyFile(directory: string): Promise<string> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const [file] = files
  if (file === undefined || files.length !== 1) return expect.fail(`${String(files.length)} files`)
  return join(file.parentPath, file.name)
}

describe('results in a folder', () => {
  it('are there for the next run with the same name, inputs and version, and for no other', async () => {
    const directory = await folder()
    const { add, calls } = adder()
    expect(await add(folderResults(directory, one), 1, 2)).toEqual({ sum: 3 })
    expect(await add(folderResults(directory, one), 1, 2)).toEqual({ sum: 3 })
    expect(calls.count).toBe(1)
    await add(folderResults(directory, one), 2, 1)
    await add(folderResults(directory, one), 1, 2, 'other')
    await add(
      folderResults(directory, () => '2'),
      1,
      2,
    )
    expect(calls.count).toBe(4)
  })
  it.each([
    ['damaged', (text: string) => text.replace('3', '4')],
    ['empty', () => ''],
  ])('are made again when their file is %s', async (_, spoil) => {
    const directory = await folder()
    const { add, calls } = adder()
    await add(folderResults(directory, one), 1, 2)
    const file = await onlyFile(directory)
    await writeFile(file, spoil(await readFile(file, 'utf8')))
    expect(await add(folderResults(directory, one), 1, 2)).toEqual({ sum: 3 })
    expect(calls.count).toBe(2)
  })
  it('are made again when they are of another shape', async () => {
    const directory = await folder()
    const { add, calls } = adder()
    const results = folderResults(directory, one)
    await results.recall({ name: 'sum', inputs: [1, 2], parse: String, run: async () => 'three' })
    expect(await add(results, 1, 2)).toEqual({ sum: 3 })
    expect(calls.count).toBe(1)
  })
  it('are not kept when they cannot be read again, and serve this run all the same', async () => {
    const directory = await folder()
    const parse = () => expect.fail('unreadable') as string
    const work = { name: 'sum', inputs: [], parse, run: async () => 'three' }
    expect(await folderResults(directory, one).recall(work)).toBe('three')
    expect(await readdir(directory)).toEqual([])
  })
  it('are not kept when the work fails, nor when the version of the code is not known', async () => {
    const directory = await folder()
    const results = folderResults(directory, one)
    const failing = { name: 'sum', inputs: [1, 2], parse: String, run: () => Promise.reject(new Error('no')) }
    await expect(results.recall(failing)).rejects.toThrow('no')
    await adder().add(
      folderResults(directory, () => undefined),
      1,
      2,
    )
    expect(await readdir(directory)).toEqual([])
  })
  it('never outgrow their capacity for long, and a folder that cannot be written is no matter', async () => {
    const directory = await folder()
    const { add } = adder()
    const results = folderResults(directory, one, 100)
    for (const b of [1, 2, 3]) await add(results, 1, b)
    await results.trim()
    await onlyFile(directory)
    const file = join(directory, 'file')
    await writeFile(file, '')
    expect(await add(folderResults(file, one), 1, 2)).toEqual({ sum: 3 })
  })
})
