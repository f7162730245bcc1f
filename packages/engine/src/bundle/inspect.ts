import { openBundle } from '@ropeway/bundle'
import { isRopewayError, toRopewayError, type LockedArtifact, type RopewayError } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { parseLock } from '../lock/lock.js'

/** What a bundle holds, read from its metadata alone. */
export interface BundleSummary {
  readonly file: string
  /** sha256 of the metadata block. */
  readonly identity: string
  /** Bytes of the file. */
  readonly size: number
  readonly chain: { readonly name: string; readonly version: string }
  /** sha256 of the lock in it. */
  readonly lock: string
  readonly platforms: readonly string[]
  readonly artifacts: readonly LockedArtifact[]
  /** Configs and layers, each once. */
  readonly blobs: { readonly count: number; readonly bytes: number }
}

/** Reads a bundle's metadata. Throws `BUNDLE_…`. */
export async function inspectBundle(file: string): Promise<BundleSummary> {
  const bundle = await openBundle(file)
  try {
    const lock = parseLock(bundle.lock, `the lock in ${file}`)
    const sizes = [...bundle.blobs.values()].filter(({ role }) => role !== 'manifest').map(({ size }) => size)
    return {
      file,
      identity: bundle.identity,
      size: bundle.size,
      chain: bundle.chain,
      lock: sha256(bundle.lock),
      platforms: lock.platforms,
      artifacts: lock.artifacts,
      blobs: { count: sizes.length, bytes: sizes.reduce((total, size) => total + size, 0) },
    }
  } finally {
    await bundle.close()
  }
}

export interface Verification {
  readonly identity: string
  readonly size: number
  /** Entries of the tar; of a damaged bundle those that hold content. */
  readonly entries: number
  /** Every entry that is not what it should be; empty: the bundle is whole. */
  readonly problems: readonly RopewayError[]
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes read so far, and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Hashes every byte of a bundle. Throws only when it is no bundle at all. */
export async function verifyBundle(file: string, options: VerifyOptions = {}): Promise<Verification> {
  const bundle = await openBundle(file)
  const { identity, size, blobs } = bundle
  try {
    const { entries } = await bundle.verify(({ done, total }) => options.onProgress?.(done, total), options.signal)
    return { identity, size, entries, problems: [] }
  } catch (thrown) {
    if (!isRopewayError(thrown) || thrown.side !== 'verification') throw thrown
    const problems = thrown.errors.length > 0 ? thrown.errors.map(toRopewayError) : [thrown]
    return { identity, size, entries: blobs.size, problems }
  } finally {
    await bundle.close()
  }
}
