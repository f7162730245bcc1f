import { constants } from 'node:fs'
import { access, lstat, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ByteRange, StoredRange } from '@ropeway/core'
import { readHandle } from '../access.js'
import { diskFull, targetBusy, targetIncomplete, targetRangeInvalid, targetReplaced } from '../errors.js'
import { rangeSet, type RangeSet } from '../ranges.js'
import { readJournal, removeJournal, startJournal, type Journal, type JournalState } from './journal.js'
import { isAliveBeside, ownerOf, type Owner } from './owner.js'
import { freeSpace, nearestFolder, storageError, syncFolder, unwritable } from './storage.js'

export interface PartialFileOptions {
  /** Absolute path that the finished file gets. Until then only `PATH.partial` and `PATH.partial.journal` stand beside it. */
  readonly path: string
  /** Path for messages. The default is `path`. */
  readonly name?: string | undefined
  readonly size: number
  /** Says what the file will hold: what is left of another identity is thrown away. */
  readonly identity: string
  /** The writing process. The default is this one. */
  readonly owner?: Owner | undefined
}

/** A file that is written in any order and survives the death of its writer. */
export interface PartialFile {
  /** What is stored: disjoint, ascending. `sealed` stretches were reported complete and are durable on the disk. */
  stored(): readonly StoredRange[]
  /** Stores bytes at a place. Throws `DISK_FULL`, `TARGET_NOT_WRITABLE`. */
  write(range: ByteRange, bytes: Uint8Array): Promise<void>
  /** Remembers durably that a stretch is complete and right. Calls at the same time share one flush of the disk. */
  seal(range: ByteRange): Promise<void>
  /** Reads stored bytes back. */
  read(range: ByteRange): AsyncIterable<Uint8Array>
  /** Gives the file its name, atomically, once all bytes are on the disk. Throws `TARGET_INCOMPLETE`, `TARGET_REPLACED`. */
  close(): Promise<void>
  /** Stops writing and keeps everything for the next run. */
  abort(): Promise<void>
}

/** A stretch is journalled when it has grown by this much: what a kill may cost of each. */
const markEvery = 4 * 1024 * 1024

/**
 * Opens the partial file of `path`: the one that an earlier process left of the same identity and size, or a new one, sparse
 * and of full size. Throws `TARGET_BUSY` while another process writes it, `DISK_FULL`, `TARGET_NOT_WRITABLE` and
 * `TARGET_FILE_TOO_LARGE` before anything is stored.
 */
export async function openPartialFile(options: PartialFileOptions): Promise<PartialFile> {
  const { path, name = path, size, identity } = options
  const owner = options.owner ?? (await ownerOf())
  const partial = partialPath(path)
  try {
    if (await isFolder(path)) throw unwritable('EISDIR', name)
    const left = await leftover(path, name, owner)
    await refuseFullDisk(path, name, size)
    await mkdir(dirname(path), { recursive: true })
    const resumed =
      left?.identity === identity && left.size === size && (await isWhole(partial, size)) ? left : undefined
    if (resumed === undefined) await discardPartialFile(path)
    const handle = await openData(partial, name, size, resumed !== undefined)
    try {
      const journal = await startJournal(journalPath(path), { identity, size, owner }, resumed)
      return writer({ path, name, size, handle, journal }, resumed)
    } catch (error) {
      await handle.close()
      throw error
    }
  } catch (error) {
    throw storageError(error, name, size)
  }
}

/** What an earlier process left of exactly this file: its stored bytes, as `stored` will tell them. Reads only. */
export async function inspectPartialFile(
  path: string,
  { identity, size }: { readonly identity: string; readonly size: number },
): Promise<{ readonly stored: number; readonly allocated: number } | undefined> {
  const left = await readJournal(journalPath(path))
  if (left?.identity !== identity || left.size !== size || !(await isWhole(partialPath(path), size))) return undefined
  return { stored: left.written.total, allocated: await allocated(partialPath(path)) }
}

/**
 * Proves, as far as that can be done without writing, that a file may be written at a path. Throws `TARGET_NOT_WRITABLE`
 * and `TARGET_BUSY`.
 */
export async function checkTarget(path: string, name = path): Promise<void> {
  try {
    if (await isFolder(path)) throw unwritable('EISDIR', name)
    const folder = await nearestFolder(dirname(path))
    if (!(await isFolder(folder))) throw unwritable('ENOTDIR', name)
    await access(folder, constants.W_OK | constants.X_OK)
    await leftover(path, name, await ownerOf())
  } catch (error) {
    throw storageError(error, name, 0)
  }
}

/** Removes the partial file of a path and its journal. */
export async function discardPartialFile(path: string): Promise<void> {
  await rm(partialPath(path), { force: true })
  await removeJournal(journalPath(path))
}

function partialPath(path: string): string {
  return `${path}.partial`
}

function journalPath(path: string): string {
  return `${path}.partial.journal`
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (state) => state.isDirectory(),
    () => false,
  )
}

async function isWhole(partial: string, size: number): Promise<boolean> {
  return lstat(partial).then(
    (state) => state.isFile() && state.size === size,
    () => false,
  )
}

async function leftover(path: string, name: string, owner: Owner): Promise<JournalState | undefined> {
  const left = await readJournal(journalPath(path))
  if (left === undefined || left.closed) return left
  if (await isAliveBeside(left.owner, owner)) throw targetBusy(name, left.owner.pid)
  return left
}

/** What a partial file takes counts as there: it goes on, or makes room for another one. */
async function refuseFullDisk(path: string, name: string, size: number): Promise<void> {
  const free = await freeSpace(path)
  const needed = size - (await allocated(partialPath(path)))
  if (free !== undefined && free < needed) throw diskFull(name, needed, free)
}

/** Bytes of the disk that a sparse file takes. */
async function allocated(path: string): Promise<number> {
  return stat(path).then(
    ({ blocks, size }) => Math.min(blocks * 512, size),
    () => 0,
  )
}

async function openData(partial: string, name: string, size: number, resumed: boolean): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | (resumed ? 0 : constants.O_CREAT | constants.O_EXCL)
  const handle = await open(partial, flags).catch((error: unknown) => {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw exists ? targetBusy(name) : error
  })
  try {
    if (!resumed) await handle.truncate(size)
    return handle
  } catch (error) {
    await handle.close()
    await rm(partial, { force: true })
    throw error
  }
}

interface Target {
  readonly path: string
  readonly name: string
  readonly size: number
  readonly handle: FileHandle
  readonly journal: Journal
}

function writer(target: Target, resumed: JournalState | undefined): PartialFile {
  const { path, name, size, handle, journal } = target
  const written = rangeSet(resumed?.written.ranges)
  const sealed = rangeSet(resumed?.sealed.ranges)
  /** Written, not in the journal yet. */
  const unmarked = rangeSet()
  /** To be sealed with the next flush, and that flush, once someone waits for it. */
  let waiting = rangeSet()
  let flushing: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  const failed = (error: unknown): Error => storageError(error, name, size - written.total)
  const mark = async (ranges: readonly ByteRange[]): Promise<void> => {
    if (ranges.length === 0) return
    ranges.forEach((range) => unmarked.remove(range))
    await journal.mark('written', ranges)
  }
  const flush = async (): Promise<void> => {
    const batch = waiting
    waiting = rangeSet()
    next = undefined
    await handle.datasync()
    await journal.mark('sealed', batch.ranges)
    batch.ranges.forEach((range) => sealed.add(range))
  }
  /** One flush at a time; what comes meanwhile shares the next one. */
  const flushed = (range: ByteRange): Promise<void> => {
    waiting.add(range)
    if (next === undefined) {
      next = flushing.then(flush)
      flushing = next.catch(() => undefined)
    }
    return next
  }

  return {
    stored: () => storedRanges(written, sealed),
    async write(range, bytes) {
      if (range.end - range.start !== bytes.byteLength || range.end > size) {
        throw targetRangeInvalid(name, range.start, range.end)
      }
      try {
        await writeAt(handle, bytes, range.start)
        written.add(range)
        const grown = unmarked.add(range)
        if (grown.end - grown.start >= markEvery) await mark([grown])
      } catch (error) {
        throw failed(error)
      }
    },
    async seal(range) {
      if (!written.covers(range)) throw targetRangeInvalid(name, range.start, range.end)
      if (sealed.covers(range)) return
      try {
        // Until the flush has ended, a kill must not cost what is written.
        await mark([range])
        await flushed(range)
      } catch (error) {
        throw failed(error)
      }
    },
    read: (range) => readHandle(handle, name, range),
    async close() {
      if (!written.covers({ start: 0, end: size })) throw targetIncomplete(name, size - written.total)
      try {
        await flushing
        await handle.sync()
        await publish(target)
      } catch (error) {
        await journal.release().catch(() => undefined)
        throw failed(error)
      } finally {
        await journal.close()
        await handle.close()
      }
      await removeJournal(journalPath(path))
      await syncFolder(dirname(path))
    },
    async abort() {
      await flushing
      await mark([...unmarked.ranges]).catch(() => undefined)
      await journal.release().catch(() => undefined)
      await journal.close()
      const empty = written.total === 0 && (await isInPlace(target))
      await handle.close()
      if (empty) await discardPartialFile(path)
    },
  }
}

async function publish(target: Target): Promise<void> {
  const { path, name } = target
  if (!(await isInPlace(target))) throw targetReplaced(name)
  await rename(partialPath(path), path)
  await syncFolder(dirname(path))
}

/** Whether the file that is being written still stands at its place, and not that of another export. */
async function isInPlace({ path, handle }: Target): Promise<boolean> {
  const mine = await handle.stat().catch(() => undefined)
  const there = await stat(partialPath(path)).catch(() => undefined)
  return mine !== undefined && there?.ino === mine.ino && there.dev === mine.dev
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done)
    done += bytesWritten
  }
}

function storedRanges(written: RangeSet, sealed: RangeSet): StoredRange[] {
  const unsealed = rangeSet(written.ranges)
  sealed.ranges.forEach((range) => unsealed.remove(range))
  return [
    ...sealed.ranges.map((range) => ({ ...range, sealed: true })),
    ...unsealed.ranges.map((range) => ({ ...range, sealed: false })),
  ].sort((a, b) => a.start - b.start)
}
