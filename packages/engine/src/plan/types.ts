import type {
  ArtifactClass,
  ArtifactKind,
  DeliveryPlan,
  Discovered,
  ExistingPolicy,
  LockedArtifact,
  LockedRelocation,
  PlannedArtifact,
  RopewayError,
  Survey,
} from '@ropeway/core'
import type { Archive } from '@ropeway/bundle'
import type { SinkStep } from '../chain/chain.js'
import type { ResolvedArtifact } from '../resolve/resolved.js'

/** One artifact of a plan with what a person wants to know about it. Sizes in bytes. */
export interface PlanEntry extends PlannedArtifact {
  /** All that it consists of, shared or not: manifests, configs, layers, referrers. */
  readonly bytes: number
  readonly from: string
  readonly signatures: LockedArtifact['signatures']
  readonly class: ArtifactClass
  readonly requiredBy: readonly string[]
  readonly platforms?: readonly string[] | undefined
  /** For charts and manifests: the images behind them, and the charts below. */
  readonly discovered?: Discovered | undefined
  /** How their references follow the chain's own destinations. */
  readonly relocated?: LockedRelocation | undefined
}

/** What a sink will do with a name that it already has. */
export interface NameDecision {
  readonly id: string
  readonly destination: string
  /** `deliver`: absent or to be replaced; `present`: the same; `keep`: another one, left as it is. */
  readonly action: 'deliver' | 'present' | 'keep'
  /** Digest there now. */
  readonly existing?: string | undefined
}

export interface PlannedSink {
  readonly step: SinkStep
  readonly name: string
  readonly takes: 'artifacts' | 'bytes' | 'store'
  readonly location: string
  /** What this sink is given: kinds that it does not take and artifacts that `--only` leaves out are not in it. */
  readonly delivery: DeliveryPlan
  /** The same with their content: charts and manifests as this sink gets them. */
  readonly artifacts: readonly ResolvedArtifact[]
  /** The computed archive, for a sink that stores bytes. */
  readonly archive?: Archive | undefined
  readonly survey: Survey
  readonly names: readonly NameDecision[]
  readonly existing: ExistingPolicy
  readonly blobs: number
  readonly presentBlobs: number
  readonly bytesToSend: number
  readonly nothingToDo: boolean
  /** True when it was proved that the sink can be reached and written. */
  readonly checked: boolean
  /** Ids of artifacts of kinds that this sink does not take. */
  readonly refused: readonly string[]
}

export interface PlanWarning {
  readonly code: string
  readonly message: string
  readonly about?: string | undefined
  readonly hint?: string | undefined
}

/** What a run will do, before a byte moves. */
export interface Plan {
  readonly chain: { readonly name: string; readonly version: string; readonly file?: string | undefined }
  /** sha256 of the canonical lock. */
  readonly lock: string
  readonly platforms: readonly string[]
  readonly sources: number
  readonly artifacts: readonly PlanEntry[]
  readonly totals: {
    readonly artifacts: Readonly<Partial<Record<ArtifactKind, number>>>
    readonly blobs: number
    /** Each blob and manifest once. */
    readonly bytes: number
    /** Each as often as an artifact holds it. */
    readonly bytesBeforeDedupe: number
    /** Small content that the cache keeps on this machine. */
    readonly cacheBytes: number
  }
  /** Exact size of the bundle that holds this plan. */
  readonly bundle: { readonly size: number; readonly identity: string }
  readonly sinks: readonly PlannedSink[]
  readonly warnings: readonly PlanWarning[]
  /** What keeps `deliver` from starting: too little space, names that are taken. */
  readonly errors: readonly RopewayError[]
  /** What does not travel, and why. The rest does, where a sink takes artifacts one by one. */
  readonly failures: readonly RopewayError[]
}
