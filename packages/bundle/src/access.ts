import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { ByteRange } from '@ropeway/core'
import { archiveChanged, archiveNotFound, archiveUnreadable } from './errors.js'

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** The reader is done with a chunk when it asks for the next, so that memory may be used again. The default is `false`. */
  readonly transient?: boolean | undefined
}

/** Bytes that can be read anywhere, in any order, by several readers at once: a file, memory, an object in a store. */
export interface RandomAccess {
  /** For messages: the path as the user wrote it. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** Streams exactly the range, which lies within the size, or throws. */
  open(range: ByteRange, options?: ReadOptions): AsyncIterable<Uint8Array>
  /** Frees what it holds. Absent: nothing is held between streams. */
  close?(): Promise<void>
}

/** How much is read at once. One chunk more is read ahead while the reader works on the last. */
const chunkSize = 512 * 1024

interface FileState {
  readonly size: number
  readonly ino: number
  readonly mtimeMs: number
}

/**
 * A regular file. No handle stays open between streams, and each stream makes sure that the file is still the same one.
 * Throws `ARCHIVE_NOT_FOUND`, `ARCHIVE_UNREADABLE`; its streams `ARCHIVE_CHANGED`.
 */
export async function openFile(path: string, name = path): Promise<RandomAccess> {
  const state = await stat(path).catch((cause: unknown) => {
    throw unreadable(name, cause)
  })
  if (!state.isFile()) {
    throw archiveUnreadable(name, state.isDirectory() ? 'it is a folder' : 'it is not a regular file')
  }
  return { name, size: state.size, open: (range, options) => readFileRange(path, name, state, range, options) }
}

/** Bytes in memory. */
export function bytesAccess(bytes: Uint8Array, name = 'memory'): RandomAccess {
  return {
    name,
    size: bytes.byteLength,
    async *open({ start, end }, { signal } = {}) {
      for (let position = start; position < end; position += chunkSize) {
        signal?.throwIfAborted()
        yield bytes.subarray(position, Math.min(position + chunkSize, end))
      }
    },
  }
}

/** Reads a range into one array of its own. */
export async function readRange(access: RandomAccess, range: ByteRange, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.end - range.start)
  let filled = 0
  for await (const chunk of access.open(range, { signal, transient: true })) {
    bytes.set(chunk, filled)
    filled += chunk.byteLength
  }
  return bytes
}

async function* readFileRange(
  path: string,
  name: string,
  expected: FileState,
  range: ByteRange,
  options: ReadOptions = {},
): AsyncIterable<Uint8Array> {
  options.signal?.throwIfAborted()
  if (range.start >= range.end) return
  const handle = await openSame(path, name, expected)
  try {
    yield* readHandle(handle, name, range, options)
  } finally {
    await handle.close()
  }
}

/** Streams a range of an open file, which holds it. Throws `ARCHIVE_CHANGED`, `ARCHIVE_UNREADABLE`. */
export async function* readHandle(
  handle: FileHandle,
  name: string,
  { start, end }: ByteRange,
  { signal, transient = false }: ReadOptions = {},
): AsyncIterable<Uint8Array> {
  const length = Math.min(chunkSize, end - start)
  const pair: Buffer[] = []
  let turn = 0
  // While the reader works on one buffer, the other is filled.
  const nextBuffer = (): Buffer =>
    transient ? (pair[turn++ % 2] ??= Buffer.allocUnsafeSlow(length)) : Buffer.allocUnsafeSlow(length)
  const read = (position: number): Promise<Uint8Array> | undefined =>
    position < end ? readChunk(handle, name, nextBuffer().subarray(0, end - position), position) : undefined
  let ahead = read(start)
  try {
    for (let position = start; ahead !== undefined;) {
      const chunk: Uint8Array = await ahead
      position += chunk.byteLength
      ahead = read(position)
      // Without a reader at that moment a fault of the next chunk would count as unhandled; it is thrown when awaited.
      ahead?.catch(() => undefined)
      signal?.throwIfAborted()
      yield chunk
    }
  } finally {
    await ahead?.catch(() => undefined)
  }
}

async function openSame(path: string, name: string, expected: FileState): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY).catch((cause: unknown) => {
    throw unreadable(name, cause)
  })
  const { size, ino, mtimeMs } = await handle.stat()
  if (size === expected.size && ino === expected.ino && mtimeMs === expected.mtimeMs) return handle
  await handle.close()
  throw archiveChanged(name)
}

async function readChunk(handle: FileHandle, name: string, buffer: Uint8Array, position: number): Promise<Uint8Array> {
  const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, position).catch((cause: unknown) => {
    throw unreadable(name, cause)
  })
  if (bytesRead === 0) throw archiveChanged(name)
  return buffer.subarray(0, bytesRead)
}

function unreadable(name: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return archiveNotFound(name, cause)
  return archiveUnreadable(
    name,
    code === 'EACCES' || code === 'EPERM' ? 'permission is denied' : 'reading failed',
    cause,
  )
}
