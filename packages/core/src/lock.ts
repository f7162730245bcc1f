import type { ArtifactClass, ArtifactKind, ChartSettings, Derived, Discovered, Json, Naming } from './artifact.js'
import type { Referrer } from './content.js'
import type { Descriptor } from './descriptor.js'

/** One artifact as it stands in a lock: plain data, no credentials, no signed addresses. */
export interface LockedArtifact {
  /** Unique in the lock: `kind:name[:version]`. */
  readonly id: string
  readonly kind: ArtifactKind
  readonly name: string
  readonly version?: string | undefined
  readonly source: {
    /** Name of the source adapter, and the step that named it (`sources[0]`). */
    readonly adapter: string
    readonly step: string
    /** Canonical reference as text. */
    readonly reference?: string | undefined
    readonly location: string
    readonly locator?: Json | undefined
  }
  /** Root as published. */
  readonly published: Descriptor
  /** Root as delivered: another one when platforms were selected or content was edited. */
  readonly root: Descriptor
  /** Present when platforms were selected. */
  readonly platforms?: readonly string[] | undefined
  /** Published digest → delivered digest, for every manifest that changed. */
  readonly digestMap?: Readonly<Record<string, string>> | undefined
  readonly naming: Naming
  /** Canonical references as text. */
  readonly destinations: readonly string[]
  /** How charts and manifests refer to it, when not by its destination. */
  readonly alias?: string | undefined
  /** The complete closure of referrers that travel with it. */
  readonly referrers: readonly Referrer[]
  readonly derived?: readonly Derived[] | undefined
  readonly requiredBy?: readonly string[] | undefined
  readonly class: ArtifactClass
  readonly reason?: string | undefined
  /** What becomes of its signatures and attestations. */
  readonly signatures: 'carried' | 'invalidated' | 'none'
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** For charts: how they are rendered. */
  readonly settings?: ChartSettings | undefined
  /** For charts and manifests: what discovery found behind them. */
  readonly discovered?: Discovered | undefined
  /** For charts and manifests whose references move: how, and what came of it. */
  readonly relocated?: LockedRelocation | undefined
}

/** A relocation to the destinations of a lock. It is made again, and compared, when the lock is replayed. */
export interface LockedRelocation {
  readonly mode: 'embed' | 'overlay'
  readonly proved: boolean
  /** The root that registries get in place of the published one; the same one when its content did not change. */
  readonly root: Descriptor
  /** The record of it (docs/media-types.md): it travels as a referrer, of the published root in a bundle, of the relocated one in a registry. */
  readonly record: Descriptor
  /** What the relocated content no longer has, because it would not hold. */
  readonly dropped?: readonly ('provenance' | 'signatures')[] | undefined
}
