import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredRange } from '@ropeway/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collectAll, noise } from '../archive.fixture.js'
import { readJournal } from './journal.js'
import { ownerOf } from './owner.js'
import {
  checkTarget,
  discardPartialFile,
  inspectPartialFile,
  openPartialFile,
  type PartialFile,
} from './partial-file.js'
import { freeSpace, storageError } from './storage.js'

const MiB = 1024 * 1024
const identity = `sha256:${'1'.repeat(64)}`
/** No system gives this number to a process. */
const dead = { host: 'here', pid: 99_999_999 }

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-partial-'))
  path = join(folder, 'out.tar')
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

const openAs = (size: number, change: Partial<Parameters<typeof openPartialFile>[0]> = {}): Promise<PartialFile> =>
  openPartialFile({ path, name: 'out.tar', size, identity, owner: dead, ...change })

/** Leaves on the disk what a kill leaves: nothing is flushed, released or renamed. */
async function kill(file: PartialFile): Promise<void> {
  const names = [`${path}.partial`, `${path}.partial.journal`]
  for (const name of names) await copyFile(name, `${name}.kept`)
  await file.abort()
  for (const name of names) await rename(`${name}.kept`, name)
}

/** Replaces the flush of every file. */
async function spyOnDatasync(flush: () => Promise<void>) {
  const probe = await open(`${path}.partial`, 'r')
  const handles = Object.getPrototypeOf(probe) as { datasync(): Promise<void> }
  await probe.close()
  return vi.spyOn(handles, 'datasync').mockImplementation(flush)
}

const pieces = (bytes: Uint8Array, size: number): { start: number; end: number }[] =>
  Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, index) => ({
    start: index * size,
    end: Math.min((index + 1) * size, bytes.byteLength),
  }))

describe('openPartialFile', () => {
  it('has the whole size at once, takes ranges in any order, and gets its name at the end', async () => {
    const bytes = noise(100_000, 1)
    const file = await openAs(bytes.byteLength)
    expect((await stat(`${path}.partial`)).size).toBe(bytes.byteLength)
    const ranges = pieces(bytes, 7001).toReversed()
    await Promise.all(ranges.map((range) => file.write(range, bytes.subarray(range.start, range.end))))
    expect((await readdir(folder)).sort()).toEqual(['out.tar.partial', 'out.tar.partial.journal'])
    expect(await collectAll(file.read({ start: 10, end: 90_000 }))).toEqual(bytes.subarray(10, 90_000))
    await file.seal({ start: 0, end: bytes.byteLength })
    await file.close()
    expect(await readdir(folder)).toEqual(['out.tar'])
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
  })

  it('takes the space on the disk that was written, no more', async () => {
    const file = await openAs(64 * MiB)
    await file.write({ start: 32 * MiB, end: 33 * MiB }, noise(MiB, 2))
    const { blocks } = await stat(`${path}.partial`)
    expect(blocks * 512).toBeLessThan(2 * MiB)
    await file.abort()
  })

  it('keeps the file that is there until the new one is whole, and makes folders that are missing', async () => {
    await writeFile(path, 'old')
    const file = await openAs(3)
    await file.write({ start: 0, end: 3 }, noise(3, 1))
    expect(await readFile(path, 'utf8')).toBe('old')
    await file.close()
    expect(Buffer.compare(await readFile(path), noise(3, 1))).toBe(0)
    const deep = await openAs(0, { path: join(folder, 'a', 'b', 'c.tar') })
    await deep.close()
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['c.tar'])
  })

  it('goes on where an aborted one stopped', async () => {
    const bytes = noise(3 * MiB, 3)
    const first = await openAs(bytes.byteLength)
    await first.write({ start: 0, end: MiB }, bytes.subarray(0, MiB))
    await first.seal({ start: 0, end: MiB })
    await first.write({ start: 2 * MiB, end: 2 * MiB + 5 }, bytes.subarray(2 * MiB, 2 * MiB + 5))
    await first.abort()
    expect(await inspectPartialFile(path, { identity, size: bytes.byteLength })).toMatchObject({ stored: MiB + 5 })
    const second = await openAs(bytes.byteLength)
    expect(second.stored()).toEqual([
      { start: 0, end: MiB, sealed: true },
      { start: 2 * MiB, end: 2 * MiB + 5, sealed: false },
    ])
    await second.write({ start: MiB, end: 2 * MiB }, bytes.subarray(MiB, 2 * MiB))
    await second.write({ start: 2 * MiB + 5, end: 3 * MiB }, bytes.subarray(2 * MiB + 5))
    await second.close()
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
  })

  it('leaves nothing behind when it is aborted before the first byte', async () => {
    await (await openAs(100)).abort()
    expect(await readdir(folder)).toEqual([])
  })

  it('knows after a kill what was sealed, and of the rest all but a few MiB of each stretch', async () => {
    const size = 40 * MiB
    const first = await openAs(size)
    for (let at = 0; at < 9; at++) await first.write({ start: at * MiB, end: (at + 1) * MiB }, noise(MiB, at))
    await first.write({ start: 20 * MiB, end: 21 * MiB }, noise(MiB, 20))
    await first.seal({ start: 20 * MiB, end: 21 * MiB })
    await kill(first)
    const second = await openAs(size)
    expect(second.stored()).toEqual([
      { start: 0, end: 8 * MiB, sealed: false },
      { start: 20 * MiB, end: 21 * MiB, sealed: true },
    ])
    await second.abort()
  })

  it('tells as sealed only what the disk has, and flushes once for all that wait', async () => {
    const size = 20 * MiB
    const file = await openAs(size)
    const journal = `${path}.partial.journal`
    const gates: (() => void)[] = []
    const datasync = await spyOnDatasync(() => new Promise<void>((resolve) => gates.push(resolve)))
    const ranges = pieces(new Uint8Array(size), MiB)
    await Promise.all(ranges.map((range) => file.write(range, noise(MiB, range.start))))
    const sealing = ranges.map((range) => file.seal(range))
    await vi.waitFor(() => expect(gates.length).toBe(1))
    expect((await readJournal(journal))?.sealed.total).toBe(0)
    expect(file.stored().some(({ sealed }) => sealed)).toBe(false)
    gates[0]?.()
    await vi.waitFor(() => expect(gates.length).toBe(2))
    gates[1]?.()
    await Promise.all(sealing)
    expect(datasync).toHaveBeenCalledTimes(2)
    expect((await readJournal(journal))?.sealed.ranges).toEqual([{ start: 0, end: size }])
    await file.abort()
  })

  it('seals nothing when the flush fails', async () => {
    const file = await openAs(3 * MiB)
    await spyOnDatasync(() => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })))
    await file.write({ start: 0, end: MiB }, noise(MiB, 1))
    const full = { code: 'DISK_FULL', message: expect.stringContaining(`${2 * MiB} more bytes`) }
    await expect(file.seal({ start: 0, end: MiB })).rejects.toMatchObject(full)
    await file.abort()
    const again = await openAs(3 * MiB)
    expect(again.stored()).toEqual([{ start: 0, end: MiB, sealed: false }])
    await again.abort()
  })

  it('throws away what belongs to another bundle, or to none', async () => {
    const left = async (): Promise<void> => {
      const file = await openAs(10)
      await file.write({ start: 0, end: 5 }, noise(5, 1))
      await file.abort()
    }
    const stored = async (
      change: Partial<Parameters<typeof openPartialFile>[0]>,
      size = 10,
    ): Promise<StoredRange[]> => {
      const file = await openAs(size, change)
      const ranges = [...file.stored()]
      await file.abort()
      return ranges
    }
    await left()
    expect((await stored({})).length).toBe(1)
    expect(await stored({ identity: 'sha256:other' })).toEqual([])
    await left()
    expect(await stored({}, 11)).toEqual([])
    await left()
    await truncate(`${path}.partial`, 9)
    expect(await stored({})).toEqual([])
    await left()
    await rm(`${path}.partial.journal`)
    expect(await stored({})).toEqual([])
    await left()
    await rm(`${path}.partial`)
    expect(await stored({})).toEqual([])
    await left()
    await writeFile(`${path}.partial.journal`, 'no journal\n')
    expect(await stored({})).toEqual([])
    await left()
    await discardPartialFile(path)
    expect(await readdir(folder)).toEqual([])
  })

  it('does not write through a link that stands in the place of the partial file', async () => {
    const precious = join(folder, 'precious')
    await writeFile(precious, '0123456789')
    const file = await openAs(10)
    await file.write({ start: 0, end: 1 }, noise(1, 1))
    await file.abort()
    await rm(`${path}.partial`)
    await symlink(precious, `${path}.partial`)
    const again = await openAs(10)
    expect(again.stored()).toEqual([])
    await again.write({ start: 0, end: 10 }, noise(10, 1))
    await again.close()
    expect(await readFile(precious, 'utf8')).toBe('0123456789')
  })
})

describe('a live export', () => {
  it('is not disturbed by another one, and its remains never block', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    const owner = await ownerOf()
    const file = await openAs(10, { owner: await ownerOf(other.pid) })
    await file.write({ start: 0, end: 1 }, noise(1, 1))
    const busy = { code: 'TARGET_BUSY', message: expect.stringContaining(`process ${other.pid}`) }
    await expect(openAs(10, { owner })).rejects.toMatchObject(busy)
    await expect(openAs(10, { owner, identity: 'sha256:other' })).rejects.toMatchObject(busy)
    await expect(checkTarget(path, 'out.tar')).rejects.toMatchObject(busy)
    other.kill('SIGKILL')
    await new Promise((resolve) => other.once('exit', resolve))
    await file.abort()
    const again = await openAs(10, { owner })
    expect(again.stored()).toEqual([{ start: 0, end: 1, sealed: false }])
    await again.abort()
  })

  it('does not stand in its own way', async () => {
    const owner = await ownerOf()
    const file = await openAs(10, { owner })
    await file.write({ start: 0, end: 1 }, noise(1, 1))
    await file.seal({ start: 0, end: 1 })
    const again = await openAs(10, { owner })
    expect(again.stored()).toEqual([{ start: 0, end: 1, sealed: true }])
    await file.abort()
    await again.abort()
  })

  it.each([
    ['a process that is gone', { pid: dead.pid }],
    ['a process whose number was given to another', { start: '1' }],
    ['a process of the machine before its restart', { boot: 'before' }],
    ['a process of another machine', { host: 'elsewhere' }],
  ])('does not count as %s', async (_, change) => {
    const owner = await ownerOf()
    const file = await openAs(10, { owner: { ...owner, ...change } })
    await file.write({ start: 0, end: 1 }, noise(1, 1))
    await kill(file)
    const again = await openAs(10, { owner })
    expect(again.stored()).toEqual([])
    await again.abort()
  })

  it('does not give its name to what another one wrote', async () => {
    const file = await openAs(3)
    await file.write({ start: 0, end: 3 }, noise(3, 1))
    const other = await openAs(5, { identity: 'sha256:other' })
    await expect(file.close()).rejects.toMatchObject({ code: 'TARGET_REPLACED' })
    await other.write({ start: 0, end: 5 }, noise(5, 2))
    await other.close()
    expect(Buffer.compare(await readFile(path), noise(5, 2))).toBe(0)
  })
})

describe('a bad target', () => {
  it('is refused before anything is written', async () => {
    await mkdir(path)
    await expect(openAs(3)).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE', side: 'sink', about: 'out.tar' })
    await expect(checkTarget(path, 'out.tar')).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE', about: 'out.tar' })
    await checkTarget(join(folder, 'a', 'b', 'c.tar'))
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(checkTarget(join(file, 'x.tar'))).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE' })
    await expect(openAs(3, { path: join(file, 'x.tar') })).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE' })
    await expect(openAs(3, { path: join(folder, 'x'.repeat(300)) })).rejects.toMatchObject({
      code: 'TARGET_NOT_WRITABLE',
    })
    await mkdir(join(folder, 'other.tar.partial'))
    await expect(openAs(3, { path: join(folder, 'other.tar') })).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE' })
    expect((await readdir(folder)).sort()).toEqual(['file', 'other.tar.partial', 'out.tar'])
  })

  it('is refused when the disk is too small, with how much is needed', async () => {
    const free = await freeSpace(join(folder, 'not', 'yet', 'there.tar'))
    expect(free).toBeGreaterThan(0)
    await expect(openAs(2 ** 50, { path: join(folder, 'new', 'out.tar') })).rejects.toMatchObject({
      code: 'DISK_FULL',
      side: 'sink',
      message: expect.stringContaining(String(2 ** 50)),
    })
    expect(await readdir(folder)).toEqual([])
  })

  it('is told in words', () => {
    const codeOf = (code: string): unknown => storageError(Object.assign(new Error(code), { code }), 'x', 5).code
    expect(codeOf('ENOSPC')).toBe('DISK_FULL')
    expect(codeOf('EDQUOT')).toBe('DISK_FULL')
    expect(codeOf('EFBIG')).toBe('TARGET_FILE_TOO_LARGE')
    expect(codeOf('EROFS')).toBe('TARGET_NOT_WRITABLE')
    expect(storageError(Object.assign(new Error(), { code: 'EROFS' }), 'x', 5).message).toContain('read-only')
  })

  it('is not finished before all of it is there', async () => {
    const file = await openAs(10)
    await file.write({ start: 0, end: 4 }, noise(4, 1))
    await expect(file.close()).rejects.toMatchObject({
      code: 'TARGET_INCOMPLETE',
      message: expect.stringContaining('6 bytes'),
    })
    await file.abort()
    expect((await readdir(folder)).includes('out.tar')).toBe(false)
  })

  it('is told when the partial file is taken away', async () => {
    const file = await openAs(1)
    await file.write({ start: 0, end: 1 }, noise(1, 1))
    await rename(`${path}.partial`, `${path}.elsewhere`)
    await expect(file.close()).rejects.toMatchObject({ code: 'TARGET_REPLACED' })
    await file.abort()
    expect((await readdir(folder)).includes('out.tar')).toBe(false)
  })

  it('stays finished when a run that fails elsewhere gives up all it has opened', async () => {
    const file = await openAs(1)
    await file.write({ start: 0, end: 1 }, noise(1, 1))
    await file.close()
    await file.abort()
    expect(await readdir(folder)).toEqual(['out.tar'])
  })

  it('takes no bytes that are not those of their range', async () => {
    const file = await openAs(10)
    const invalid = { code: 'TARGET_RANGE_INVALID', side: 'internal' }
    await expect(file.write({ start: 0, end: 4 }, noise(5, 1))).rejects.toMatchObject(invalid)
    await expect(file.write({ start: 8, end: 12 }, noise(4, 1))).rejects.toMatchObject(invalid)
    await expect(file.seal({ start: 0, end: 1 })).rejects.toMatchObject(invalid)
    await file.abort()
  })
})

describe('a kill at any moment', () => {
  const size = 50_000
  const bytes = noise(size, 7)
  const ranges = pieces(bytes, 997)

  /** What was stored is right, and writing the rest gives the whole file. */
  async function finish(file: PartialFile): Promise<void> {
    const done = file.stored()
    for (const { start, end } of done) {
      expect(Buffer.compare(await collectAll(file.read({ start, end })), bytes.subarray(start, end))).toBe(0)
    }
    for (const { start, end } of ranges) {
      if (done.some((range) => range.start <= start && range.end >= end)) continue
      await file.write({ start, end }, bytes.subarray(start, end))
      await file.seal({ start, end })
    }
    await file.close()
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
  }

  it('loses no file and no truth, wherever the journal is torn', async () => {
    const step = fc.record({ piece: fc.nat(ranges.length - 1), seal: fc.boolean() })
    const life = fc.record({
      steps: fc.array(step, { maxLength: 15 }),
      abort: fc.boolean(),
      torn: fc.nat(400),
      junk: fc.constantFrom('', '{"written":[[0,', '{"sealed":[[0,50000]]}', '\0\0\0\0\n{"sealed":[[0,50000]]}\n'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
        for (const { steps, abort, torn, junk } of lives) {
          const file = await openAs(size)
          for (const { piece, seal } of steps) {
            const range = ranges[piece] ?? { start: 0, end: 0 }
            await file.write(range, bytes.subarray(range.start, range.end))
            if (seal) await file.seal(range)
          }
          if (abort) await file.abort()
          else await kill(file)
          const journal = `${path}.partial.journal`
          const length = await stat(journal).then(
            ({ size }) => size,
            () => 0,
          )
          if (length > 0) await truncate(journal, Math.max(0, length - torn))
          if (length > 0) await appendFile(journal, junk)
        }
        await finish(await openAs(size))
      }),
      { numRuns: 60 },
    )
  })
})
