import type { ByteRange } from '@ropeway/core'

/** A manifest as a repository holds it: exact bytes, and the media type under which it was pushed. */
export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** Digest of the manifest that it refers to. */
  readonly subject?: string | undefined
}

/** Reads blobs. A blob is in a repository when it was pushed or mounted there. */
export interface BlobReader {
  /** Size in bytes, or `undefined` when the repository does not have the blob. */
  stat(repository: string, digest: string): Promise<number | undefined>
  /** Streams the blob or a half-open range of it. Called only for what `stat` knows. */
  open(repository: string, digest: string, range: ByteRange): AsyncIterable<Uint8Array>
  /** Size in bytes when any repository has the blob. */
  statAnywhere(digest: string): Promise<number | undefined>
}

export interface ManifestReader {
  manifest(repository: string, digest: string): Promise<StoredManifest | undefined>
  /** Digests of the repository's manifests whose subject this is, sorted. The subject itself may be missing. */
  referrers(repository: string, subject: string): Promise<readonly string[]>
}

export interface TagReader {
  /** Digest that the tag names. */
  resolve(repository: string, tag: string): Promise<string | undefined>
  /** All tags, sorted by code unit; `undefined` when there is no such repository. */
  tags(repository: string): Promise<readonly string[] | undefined>
}

/** Bytes that come in and are not visible yet. */
export interface BlobUpload {
  append(chunk: Uint8Array): Promise<void>
  /** Streams what was appended so far. */
  open(): AsyncIterable<Uint8Array>
  /** Makes the bytes visible under `digest`, which the caller has verified. */
  commit(digest: string): Promise<void>
  /** Forgets the bytes. Harmless after `commit`. */
  discard(): Promise<void>
}

export interface BlobWriter {
  begin(repository: string): Promise<BlobUpload>
  /** Makes a blob that some repository has visible in this one too. */
  link(repository: string, digest: string): Promise<void>
  /** Takes a blob out of the repository; false when it was not there. */
  unlink(repository: string, digest: string): Promise<boolean>
}

export interface ManifestWriter {
  put(repository: string, manifest: StoredManifest): Promise<void>
  /** Takes a manifest and all tags that name it out of the repository; false when it was not there. */
  remove(repository: string, digest: string): Promise<boolean>
}

export interface TagWriter {
  tag(repository: string, tag: string, digest: string): Promise<void>
  /** False when the repository has no such tag. */
  untag(repository: string, tag: string): Promise<boolean>
}

/**
 * What a registry serves, split by ability: every storage reads; one without `write` is read-only. Names, tags and digests
 * are checked by the server before a storage sees them.
 */
export interface Storage {
  /** Names of all repositories, sorted by code unit. */
  repositories(): Promise<readonly string[]>
  readonly blobs: BlobReader
  readonly manifests: ManifestReader
  readonly tags: TagReader
  readonly write?:
    | {
        readonly blobs: BlobWriter
        readonly manifests: ManifestWriter
        readonly tags: TagWriter
      }
    | undefined
}
