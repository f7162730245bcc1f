import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { isRopewayError, messageOf, type OpenOptions } from '@ropeway/core'
import { createDigester, sha256, verified } from '@ropeway/oci'
import { fileChanged, fileTooLarge, sourceFileMissing, sourceFileUnreadable } from './errors.js'
import { isMissing, type LocalFile } from './find.js'
import { smallFile } from './urls.js'

/** Files up to this size are read in one piece. */
const wholeSize = 256 * 1024

/** A file that was hashed: what its content has to be from now on. */
export interface PinnedFile {
  readonly path: string
  readonly absolute: string
  readonly digest: string
  readonly size: number
}

/** Digest and size of a file, read once; small ones whole, because a stream for each of many costs more than its bytes. */
export async function hashFile(
  file: Pick<LocalFile, 'path' | 'absolute' | 'size'>,
  signal: AbortSignal,
): Promise<{ readonly digest: string; readonly size: number }> {
  signal.throwIfAborted()
  const digester = createDigester()
  if (file.size <= wholeSize) digester.update(await readWhole(file))
  else for await (const chunk of streamOf(file, { signal })) digester.update(chunk)
  return { digest: digester.digest(), size: digester.size }
}

/** A list or manifest file whole. Throws `FILE_TOO_LARGE` above 64 MiB. */
export async function readSmallFile(file: LocalFile): Promise<{ readonly bytes: Uint8Array; readonly digest: string }> {
  if (file.size > smallFile) throw listTooLarge(file.path)
  const bytes = await readWhole(file)
  return { bytes, digest: sha256(bytes) }
}

async function readWhole(file: Pick<LocalFile, 'path' | 'absolute'>): Promise<Uint8Array> {
  try {
    return await readFile(file.absolute)
  } catch (error) {
    throw readError(file, error)
  }
}

/** The error for a list or a manifest that is too large to be read into memory. */
export function listTooLarge(path: string) {
  return fileTooLarge(path, 'is larger than 64 MiB', 'lists and manifests are read whole: split it')
}

/** Streams a pinned file or a range of it. A file that is another one by now is `FILE_CHANGED`. */
export async function* openPinned(
  file: PinnedFile,
  options: OpenOptions & { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { offset = 0, end = file.size, signal } = options
  signal.throwIfAborted()
  await refuseOtherSize(file)
  if (offset >= end) return
  const stream = streamOf(file, { offset, end, signal })
  if (offset > 0 || end < file.size) {
    yield* stream
    return
  }
  try {
    yield* verified(stream, file)
  } catch (error) {
    throw changedError(file, error)
  }
}

/** Throws `FILE_CHANGED` or `SOURCE_FILE_MISSING` unless the file is what it was. Large files are hashed when they are read. */
export async function checkPinned(file: PinnedFile, signal: AbortSignal): Promise<void> {
  await refuseOtherSize(file)
  if (file.size > smallFile) return
  const { digest } = await hashFile(file, signal)
  if (digest !== file.digest) throw fileChanged(file.path, `it has ${digest} instead of ${file.digest}`)
}

async function refuseOtherSize(file: PinnedFile): Promise<void> {
  try {
    const { size } = await stat(file.absolute)
    if (size !== file.size) throw fileChanged(file.path, `it has ${size} bytes instead of ${file.size}`)
  } catch (error) {
    throw isRopewayError(error) ? error : readError(file, error)
  }
}

async function* streamOf(
  file: Pick<LocalFile, 'path' | 'absolute'>,
  { offset = 0, end, signal }: OpenOptions & { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted()
  const range = end === undefined ? { start: offset } : { start: offset, end: end - 1 }
  try {
    for await (const chunk of createReadStream(file.absolute, { ...range, highWaterMark: 256 * 1024, signal })) {
      yield chunk
    }
  } catch (error) {
    signal.throwIfAborted()
    throw isRopewayError(error) ? error : readError(file, error)
  }
}

function changedError(file: PinnedFile, error: unknown): unknown {
  const changed = isRopewayError(error) && ['DIGEST_MISMATCH', 'SIZE_MISMATCH'].includes(error.code)
  return changed ? fileChanged(file.path, error.message, error) : error
}

function readError(file: Pick<LocalFile, 'path' | 'absolute'>, error: unknown) {
  if (isMissing(error)) return sourceFileMissing(file.path, undefined, file.absolute)
  return sourceFileUnreadable(file.path, messageOf(error), error)
}
