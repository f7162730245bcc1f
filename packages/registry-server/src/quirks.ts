/** Ways in which real registries differ, so that a client can be tested against them. Everything left out is as the specification wants. */
export interface Quirks {
  /** False: there is no referrers API, so that clients keep the fallback tag. */
  readonly referrers?: boolean | undefined
  /** False: mounting is never agreed to; an upload session is opened instead. */
  readonly mounts?: boolean | undefined
  /** False: an upload in a single POST is not supported; a session is opened instead. */
  readonly singlePost?: boolean | undefined
  /** `Location` and `Link` are paths instead of whole addresses. */
  readonly relativeLocation?: boolean | undefined
  /** `Location` of an upload carries a query that has to come back. */
  readonly locationQuery?: boolean | undefined
  /** `Docker-Content-Digest` is never sent. */
  readonly noDigestHeader?: boolean | undefined
  /** False: what any repository has, all have. */
  readonly perRepositoryBlobs?: boolean | undefined
  /** True: an index is taken although children are missing. */
  readonly sparseIndexes?: boolean | undefined
  /** False: `Range` is ignored; the answer is 200 with the whole blob. */
  readonly ranges?: boolean | undefined
  /** A manifest is only found when `Accept` names its media type. */
  readonly strictAccept?: boolean | undefined
  /** Blobs are redirected (307) to the same path below this address, as to an object store. */
  readonly redirectBlobs?: string | undefined
  /** Most entries of one page of tags, repositories or referrers. The default is 1000. */
  readonly pageSize?: number | undefined
  /** Chunks but the last must have at least this many bytes (`OCI-Chunk-Min-Length`). */
  readonly chunkMinLength?: number | undefined
}
