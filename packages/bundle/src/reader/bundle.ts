import type { Content, Descriptor, LockedArtifact, OpenOptions, Referrer } from '@ropeway/core'
import { sizeMismatch, verifyBytes } from '@ropeway/oci'
import { openFile, readRange, type RandomAccess } from '../access.js'
import { bundleContentMissing, bundleTampered } from '../errors.js'
import type { BlobRole, PlacedBlob } from '../format.js'
import { encodeHeader } from '../tar/header.js'
import { equal, readMetadata } from './metadata.js'
import { verifyBundle, type Verification, type VerifyProgress } from './verify.js'

/** Where a blob's content stands in the file, in bytes. */
export interface BundleBlob {
  readonly offset: number
  readonly size: number
  readonly role: BlobRole
}

/** A bundle that is open for reading. It is never unpacked: content is read where it stands. */
export interface Bundle {
  /** The path as it was given. */
  readonly name: string
  /** sha256 of the metadata block. */
  readonly identity: string
  readonly size: number
  readonly chain: { readonly name: string; readonly version: string }
  /** The lock's exact bytes. */
  readonly lock: Uint8Array
  /** The lock's artifacts. */
  readonly artifacts: readonly LockedArtifact[]
  /** Platforms of the lock; none: everything as published. */
  readonly platforms: readonly string[]
  /** Every manifest, config and layer by digest, in archive order. */
  readonly blobs: ReadonlyMap<string, BundleBlob>
  /**
   * Content by digest, from anywhere in the file. Manifests are verified here, other blobs by the reader. Throws
   * `BUNDLE_CONTENT_MISSING`, `BUNDLE_TAMPERED`, `SIZE_MISMATCH`.
   */
  readonly content: Content
  /**
   * Reads the whole file once and checks every byte of it: each entry against its digest and header, and index, names and
   * table against what the embedded lock says. Throws one `BUNDLE_TAMPERED` that stands for all entries that are bad.
   */
  verify(onProgress?: (progress: VerifyProgress) => void, signal?: AbortSignal): Promise<Verification>
  close(): Promise<void>
}

/**
 * Opens a bundle by reading its metadata block. Throws `ARCHIVE_NOT_FOUND`, `ARCHIVE_UNREADABLE`, `BUNDLE_INVALID`,
 * `BUNDLE_TAMPERED`, `BUNDLE_TRUNCATED` and `BUNDLE_TOO_NEW`.
 */
export async function openBundle(file: string | RandomAccess): Promise<Bundle> {
  const access = typeof file === 'string' ? await openFile(file) : file
  const metadata = await readMetadata(access)
  const blobs = new Map(metadata.blobs.map((blob) => [blob.digest, blob]))
  const { artifacts, chain, platforms } = metadata.lock
  return {
    name: access.name,
    identity: metadata.identity,
    size: access.size,
    chain,
    lock: metadata.entries.at(-1)?.bytes ?? new Uint8Array(),
    artifacts,
    platforms,
    blobs,
    content: bundleContent(access, blobs, artifacts),
    verify: (onProgress, signal) => verifyBundle(access, metadata, onProgress, signal),
    close: async () => access.close?.(),
  }
}

function bundleContent(
  access: RandomAccess,
  blobs: ReadonlyMap<string, PlacedBlob>,
  artifacts: readonly LockedArtifact[],
): Content {
  const checked = new Set<string>()
  return {
    async *open(descriptor, options = {}) {
      const blob = blobs.get(descriptor.digest)
      if (blob === undefined) throw bundleContentMissing(access.name, descriptor.digest)
      if (blob.size !== descriptor.size) {
        throw sizeMismatch(descriptor.size, String(blob.size), { about: `${access.name}: ${blob.path}` })
      }
      if (!checked.has(blob.digest)) {
        await checkHeader(access, blob)
        checked.add(blob.digest)
      }
      yield* blob.role === 'manifest' ? readManifest(access, blob, options) : readBlob(access, blob, options)
    },
    referrers: async (subject) => referrersOf(artifacts, subject),
  }
}

/** What other readers of the tar would see there is what is read here. */
async function checkHeader(access: RandomAccess, blob: PlacedBlob): Promise<void> {
  const header = await readRange(access, { start: blob.start, end: blob.offset })
  if (!equal(header, encodeHeader(blob.path, blob.size))) {
    throw bundleTampered(access.name, blob.path, 'has a header that was changed')
  }
}

async function* readManifest(access: RandomAccess, blob: PlacedBlob, options: OpenOptions): AsyncIterable<Uint8Array> {
  const { start, end } = rangeOf(blob, options)
  const bytes = await readRange(access, { start: blob.offset, end: blob.offset + blob.size }, options.signal)
  try {
    verifyBytes(bytes, blob)
  } catch (cause) {
    throw bundleTampered(access.name, blob.path, 'has other content than its digest says', { cause })
  }
  yield bytes.subarray(start - blob.offset, end - blob.offset)
}

function readBlob(access: RandomAccess, blob: PlacedBlob, options: OpenOptions): AsyncIterable<Uint8Array> {
  return access.open(rangeOf(blob, options), options.signal)
}

function rangeOf(blob: PlacedBlob, options: OpenOptions): { start: number; end: number } {
  const end = Math.min(options.end ?? blob.size, blob.size)
  const start = Math.min(Math.max(options.offset ?? 0, 0), end)
  return { start: blob.offset + start, end: blob.offset + end }
}

function referrersOf(artifacts: readonly LockedArtifact[], subject: Descriptor): Referrer[] {
  const found = artifacts.flatMap(({ referrers }) => referrers).filter((one) => one.subject === subject.digest)
  return [...new Map(found.map((one) => [`${one.descriptor.digest} ${one.tag ?? ''}`, one])).values()]
}
