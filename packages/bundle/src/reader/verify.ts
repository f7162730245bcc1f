import { isRopewayError } from '@ropeway/core'
import { createDigester, sha256, type ReadDescriptor } from '@ropeway/oci'
import type { RandomAccess } from '../access.js'
import { bundleContentMissing, bundleTampered } from '../errors.js'
import type { PlacedBlob } from '../format.js'
import { planArchive, type Archive } from '../plan/archive.js'
import { encodeHeader } from '../tar/header.js'
import type { PlacedFile } from '../tar/layout.js'
import { equal, type Metadata } from './metadata.js'
import { plannedFromLock } from './planned.js'

/** How far a verification is, in bytes of the file. */
export interface VerifyProgress {
  readonly done: number
  readonly total: number
  /** The entry that is being read. */
  readonly entry: string
}

export interface Verification {
  /** Entries of the tar, all of them right. */
  readonly entries: number
}

/** A stretch of the file, and how it is checked. `finish` says what is wrong, if something is. */
interface Part {
  readonly entry: string
  readonly end: number
  take(bytes: Uint8Array, at: number): void
  finish(): string | undefined
}

/** Reads the file once from its beginning to its end. See `Bundle.verify`. */
export async function verifyBundle(
  access: RandomAccess,
  metadata: Metadata,
  onProgress?: (progress: VerifyProgress) => void,
  signal?: AbortSignal,
): Promise<Verification> {
  const problems = new Map<string, string>()
  const report = (entry: string, reason: string): void => {
    if (!problems.has(entry)) problems.set(entry, reason)
  }
  const manifestBytes = new Map<string, Uint8Array>()
  await scan(access, partsOf(access, metadata, manifestBytes), report, onProgress, signal)
  // The plan is computed from manifests, so it says nothing while one of them is damaged.
  const manifests = metadata.blobs.filter(({ role }) => role === 'manifest')
  if (manifests.every(({ path }) => !problems.has(path))) {
    await compareWithLock(access.name, metadata, manifestBytes, report)
  }
  const entries = metadata.entries.length + metadata.blobs.length
  if (problems.size > 0) throw summary(access.name, problems, entries)
  return { entries }
}

function summary(name: string, problems: ReadonlyMap<string, string>, entries: number): Error {
  const errors = [...problems].map(([entry, reason]) => bundleTampered(name, entry, reason))
  const [only] = errors
  if (only !== undefined && errors.length === 1) return only
  const shown = [...problems.keys()].slice(0, 5).join(', ')
  const more = errors.length > 5 ? ` and ${errors.length - 5} more` : ''
  return bundleTampered(name, `${errors.length} of ${entries} entries`, `are damaged: ${shown}${more}`, { errors })
}

async function scan(
  access: RandomAccess,
  parts: Iterator<Part>,
  report: (entry: string, reason: string) => void,
  onProgress: ((progress: VerifyProgress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  let done = 0
  let part = nextPart(parts, done, report)
  for await (const chunk of access.open({ start: 0, end: access.size }, { signal, transient: true })) {
    for (let taken = 0; part !== undefined && taken < chunk.byteLength;) {
      const bytes = chunk.subarray(taken, taken + part.end - done)
      part.take(bytes, done)
      taken += bytes.byteLength
      done += bytes.byteLength
      if (done === part.end) {
        finish(part, report)
        part = nextPart(parts, done, report)
      }
    }
    onProgress?.({ done, total: access.size, entry: part?.entry ?? 'the end of the archive' })
  }
}

/** The next part that has bytes; empty ones are finished at once. */
function nextPart(
  parts: Iterator<Part>,
  position: number,
  report: (entry: string, reason: string) => void,
): Part | undefined {
  for (let next = parts.next(); next.done !== true; next = parts.next()) {
    if (next.value.end > position) return next.value
    finish(next.value, report)
  }
  return undefined
}

function finish(part: Part, report: (entry: string, reason: string) => void): void {
  const reason = part.finish()
  if (reason !== undefined) report(part.entry, reason)
}

/** Everything from the first byte to the last; the bytes of manifests are put into `kept`. */
function* partsOf(access: RandomAccess, metadata: Metadata, kept: Map<string, Uint8Array>): Generator<Part, undefined> {
  for (const entry of metadata.entries) yield* partsOfFile(entry, content(entry, sha256(entry.bytes)))
  for (const blob of metadata.blobs) {
    yield* partsOfFile(blob, blob.role === 'manifest' ? keptContent(blob, kept) : content(blob, blob.digest))
  }
  yield zeros('the end of the archive', access.size)
  return undefined
}

function* partsOfFile(file: PlacedFile, inside: Part): Generator<Part, undefined> {
  yield header(file)
  yield inside
  yield zeros(file.path, file.end)
  return undefined
}

function header({ path, size, start, offset }: PlacedFile): Part {
  const expected = encodeHeader(path, size)
  let same = true
  return {
    entry: path,
    end: offset,
    take: (bytes, at) => (same &&= equal(bytes, expected.subarray(at - start, at - start + bytes.byteLength))),
    finish: () => (same ? undefined : 'has a header that was changed'),
  }
}

function content({ path, size, offset }: PlacedFile, digest: string): Part {
  const digester = createDigester(digest)
  return {
    entry: path,
    end: offset + size,
    take: (bytes) => digester.update(bytes),
    finish: () => (digester.digest() === digest ? undefined : 'has other content than its digest says'),
  }
}

function keptContent(blob: PlacedBlob, kept: Map<string, Uint8Array>): Part {
  const part = content(blob, blob.digest)
  const bytes = new Uint8Array(blob.size)
  kept.set(blob.digest, bytes)
  return {
    ...part,
    take(chunk, at) {
      bytes.set(chunk, at - blob.offset)
      part.take(chunk, at)
    },
  }
}

function zeros(entry: string, end: number): Part {
  let zero = true
  return {
    entry,
    end,
    take: (bytes) => (zero &&= bytes.every((byte) => byte === 0)),
    finish: () => (zero ? undefined : 'has bytes that are not zero where zeros belong'),
  }
}

/** The metadata block is that of the archive that the lock gives: then so is every byte that the scan has checked. */
async function compareWithLock(
  name: string,
  metadata: Metadata,
  manifests: ReadonlyMap<string, Uint8Array>,
  report: (entry: string, reason: string) => void,
): Promise<void> {
  const held = new Set(metadata.blobs.map(({ digest }) => digest))
  const read: ReadDescriptor = async ({ digest }) => {
    const bytes = manifests.get(digest)
    if (bytes === undefined) throw bundleContentMissing(name, digest)
    return bytes
  }
  let archive: Archive
  try {
    const planned = await plannedFromLock(metadata.lock, read, (digest) => held.has(digest))
    const lock = metadata.entries.at(-1)?.bytes ?? new Uint8Array()
    archive = planArchive({ ...planned, chain: metadata.lock.chain, lock })
  } catch (error) {
    if (!isRopewayError(error)) throw error
    report('ropeway.lock', `cannot be followed: ${error.message}`)
    return
  }
  if (archive.identity === metadata.identity) return
  const expected = archive.fixed[0]?.bytes ?? new Uint8Array()
  const different = metadata.entries.filter(({ path, bytes }) => {
    const place = archive.entries.find((entry) => entry.path === path)
    return place === undefined || !equal(bytes, expected.subarray(place.offset, place.offset + place.size))
  })
  // ropeway.json holds the digests of the others, so it differs whenever one of them does.
  const named = different.length > 1 ? different.filter(({ path }) => path !== 'ropeway.json') : different
  for (const { path } of named) report(path, 'does not say what the lock says')
}
