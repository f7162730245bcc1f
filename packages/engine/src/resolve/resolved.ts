import type {
  Artifact,
  Content,
  Descriptor,
  LockedArtifact,
  ManifestContent,
  Referrer,
  RopewayError,
} from '@ropeway/core'
import type { Proof } from '@ropeway/images'
import type { Chain } from '../chain/chain.js'
import type { Lock } from '../lock/lock.js'

/** An artifact with everything below it known: what a lock is written from and a plan is made of. */
export interface ResolvedArtifact {
  readonly locked: LockedArtifact
  /** Named, its root as delivered. */
  readonly artifact: Artifact
  /** Opens whatever the closure names, made manifests too. */
  readonly content: Content
  /** Children before parents, the root last of its tree, then referrers in the same way; each once. */
  readonly manifests: readonly Descriptor[]
  readonly blobs: readonly Descriptor[]
  /** Exact bytes of every manifest. */
  readonly manifestBytes: ReadonlyMap<string, Uint8Array>
  /** Where the user wrote what asked for it. */
  readonly place?: string | undefined
  /** How it was relocated to its destinations; absent: nothing in it moves. */
  readonly relocated?: RelocatedArtifact | undefined
}

/** A chart or manifests whose references were moved to the destinations of one naming. */
export interface RelocatedArtifact {
  readonly mode: 'embed' | 'overlay'
  readonly proof: Proof
  /** The consumer's values, for charts: to be given after the user's own files. */
  readonly overlay: string | undefined
  /** The archive of a chart that is delivered; absent for manifests. */
  readonly archive: Uint8Array | undefined
  /** Files of the chart or manifests that is delivered. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[]
  /** As it was before. */
  readonly published: ResolvedArtifact
  /** What registries get in place of the published one, with the record of it as a referrer. */
  readonly delivered: ResolvedArtifact
  /** What bundles hold: the published one, with the record of its relocation as a referrer. */
  readonly bundled: ResolvedArtifact
}

/** A chain resolved: every artifact pinned, and the lock that says so. */
export interface Resolution {
  readonly chain: Chain
  /** Sorted by id. */
  readonly artifacts: readonly ResolvedArtifact[]
  readonly lock: Lock
  /** Named, but not delivered: images that charts refer to while `only` leaves them out. */
  readonly companions: readonly ResolvedArtifact[]
  /** What does not travel and why: charts that cannot be rendered or proved, images that cannot be had. The others go on. */
  readonly failures: readonly RopewayError[]
  /** Charts and manifests that could not be proved, whether they travel or not. */
  readonly unproved: readonly RelocatedArtifact[]
  /** Canonical JSON of the lock. */
  readonly lockBytes: Uint8Array
  /** sha256 of `lockBytes`. */
  readonly lockDigest: string
}

/** The closure of one artifact, before it has a name at the destination. */
export interface Closure {
  readonly published: Descriptor
  readonly root: Descriptor
  readonly content: Content
  readonly manifests: readonly Descriptor[]
  readonly blobs: readonly Descriptor[]
  readonly manifestBytes: ReadonlyMap<string, Uint8Array>
  readonly referrers: readonly Referrer[]
  readonly made: readonly ManifestContent[]
  readonly digestMap: Readonly<Record<string, string>>
  readonly platforms?: readonly string[] | undefined
  readonly signatures: LockedArtifact['signatures']
}
