import type { Content, Descriptor, LockedArtifact, OpenOptions, Referrer } from '@ropeway/core'
import { collect, sizeMismatch, verifyBytes } from '@ropeway/oci'
import { openFile, type RandomAccess } from '../access.js'
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
  return {
    async *open(descriptor, options = {}) {
      const blob = blobs.get(descriptor.digest)
      if (blob === undefined) throw bundleContentMissing(access.name, descriptor.digest)
      if (blob.size !== descriptor.size) {
        throw sizeMismatch(descriptor.size, String(blob.size), { about: `${access.name}: ${blob.path}` })
      }
      const { start, end } = rangeOf(blob, options)
      const { signal } = options
      if (blob.role === 'manifest') yield (await readManifest(access, blob, signal)).subarray(start, end)
      else if (start === 0) yield* headed(access, blob, end, signal)
      else yield* access.open({ start: blob.offset + start, end: blob.offset + end }, { signal })
    },
    referrers: async (subject) => referrersOf(artifacts, subject),
  }
}

/**
 * Content from its beginning, after the header before it was compared with what it should be: what other readers of the tar
 * see there is what is read here.
 */
async function* headed(
  access: RandomAccess,
  blob: PlacedBlob,
  end: number,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  const expected = encodeHeader(blob.path, blob.size)
  let position = 0
  for await (const chunk of access.open({ start: blob.start, end: blob.offset + end }, { signal })) {
    const header = chunk.subarray(0, Math.max(expected.byteLength - position, 0))
    if (!equal(header, expected.subarray(position, position + header.byteLength))) {
      throw bundleTampered(access.name, blob.path, 'has a header that was changed')
    }
    position += chunk.byteLength
    if (chunk.byteLength > header.byteLength) yield chunk.subarray(header.byteLength)
  }
}

async function readManifest(
  access: RandomAccess,
  blob: PlacedBlob,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await collect(headed(access, blob, blob.size, signal), blob.size)
  try {
    verifyBytes(bytes, blob)
  } catch (cause) {
    throw bundleTampered(access.name, blob.path, 'has other content than its digest says', { cause })
  }
  return bytes
}

/** The wanted part of a blob. */
function rangeOf({ size }: PlacedBlob, options: OpenOptions): { start: number; end: number } {
  const end = Math.min(options.end ?? size, size)
  return { start: Math.min(Math.max(options.offset ?? 0, 0), end), end }
}

function referrersOf(artifacts: readonly LockedArtifact[], subject: Descriptor): Referrer[] {
  const found = artifacts.flatMap(({ referrers }) => referrers).filter((one) => one.subject === subject.digest)
  return [...new Map(found.map((one) => [`${one.descriptor.digest} ${one.tag ?? ''}`, one])).values()]
}
