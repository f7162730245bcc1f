import type {
  Artifact,
  Content,
  Descriptor,
  LockedArtifact,
  ManifestContent,
  Referrer,
  RopewayError,
} from '@ropeway/core'
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
}

/** A chain resolved: every artifact pinned, and the lock that says so. */
export interface Resolution {
  readonly chain: Chain
  /** Sorted by id. */
  readonly artifacts: readonly ResolvedArtifact[]
  readonly lock: Lock
  /** What does not travel, and why. The others go on. */
  readonly failures: readonly RopewayError[]
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
