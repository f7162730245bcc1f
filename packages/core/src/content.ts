import type { Descriptor } from './descriptor.js'

/** A half-open range of bytes: `start` is included, `end` is not. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface OpenOptions {
  /** First byte wanted. The default is 0. */
  readonly offset?: number | undefined
  /** First byte not wanted. The default is the descriptor's size. */
  readonly end?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The bytes of one artifact. Opening is repeatable: every call starts a new stream, and several may run at once.
 * The engine verifies digest and size of all that it reads; an implementation need not.
 */
export interface Content {
  /** Streams the bytes that `descriptor` names. Throws a `RopewayError` when they cannot be had. */
  open(descriptor: Descriptor, options?: OpenOptions): AsyncIterable<Uint8Array>
  /**
   * What refers to `subject` (signatures, SBOMs, attestations): referrers of the distribution API, of the fallback tag,
   * and cosign's tags. Absent when this content can have none.
   */
  referrers?(subject: Descriptor, options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly Referrer[]>
}

/** One thing that refers to a manifest. */
export interface Referrer {
  readonly descriptor: Descriptor
  /** Digest of the manifest that it refers to. */
  readonly subject: string
  /** The tag under which it is found, for schemes that name by tag (cosign's `sha256-….sig`); else found by `subject`. */
  readonly tag?: string | undefined
}
