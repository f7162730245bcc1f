import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesAccess, openFile, readRange } from './access.js'
import { collectAll, noise } from './archive.fixture.js'

const bytes = noise(1_300_000, 1)
let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-access-'))
  path = join(folder, 'file')
  await writeFile(path, bytes)
})
afterAll(() => rm(folder, { recursive: true }))

const ranges = [
  { start: 0, end: 1_300_000 },
  { start: 1, end: 600_000 },
  { start: 524_287, end: 524_289 },
  { start: 1_299_999, end: 1_300_000 },
  { start: 7, end: 7 },
]

describe('openFile', () => {
  it('streams any range, several at once, also in memory that is used again', async () => {
    const file = await openFile(path)
    expect(file.size).toBe(bytes.byteLength)
    const reads = ranges.flatMap((range) => [
      collectAll(file.open(range)),
      readRange(file, range),
      readRange(bytesAccess(bytes), range),
    ])
    const read = await Promise.all(reads)
    read.forEach((part, index) => {
      const { start, end } = ranges[Math.floor(index / 3)] ?? { start: 0, end: 0 }
      expect(Buffer.compare(part, bytes.subarray(start, end))).toBe(0)
    })
  })

  it('ends with the reason of its signal, and frees what is left early', async () => {
    const file = await openFile(path)
    const stop = new AbortController()
    const reading = (async () => {
      for await (const _ of file.open({ start: 0, end: bytes.byteLength }, { signal: stop.signal }))
        stop.abort('enough')
    })()
    await expect(reading).rejects.toBe('enough')
    for await (const chunk of file.open({ start: 0, end: bytes.byteLength }, { transient: true })) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
  })

  it('notices that the file was changed', async () => {
    const other = join(folder, 'other')
    await writeFile(other, 'one')
    const file = await openFile(other, 'other')
    await appendFile(other, ' two')
    const error = { code: 'ARCHIVE_CHANGED', about: 'other' }
    await expect(collectAll(file.open({ start: 0, end: 3 }))).rejects.toMatchObject(error)
  })
})
