import type { ArtifactKind } from './artifact.js'
import type { ByteRange, Content, Referrer } from './content.js'
import type { Descriptor, Reference } from './descriptor.js'
import type { ManifestContent } from './registry.js'

/** One artifact of a plan: everything that has to arrive, named. */
export interface PlannedArtifact {
  /** Unique in the plan: `kind:name[:version]`. */
  readonly id: string
  readonly kind: ArtifactKind
  readonly name: string
  readonly version?: string | undefined
  /** Root as delivered. */
  readonly root: Descriptor
  /** Where to; several names of one artifact are several references. */
  readonly destinations: readonly Reference[]
  /** Every manifest and index, each once: children before parents, the root last of its tree, then referrers in the same way. */
  readonly manifests: readonly Descriptor[]
  /** Every config and layer, each once. */
  readonly blobs: readonly Descriptor[]
  readonly referrers: readonly Referrer[]
}

/** What a sink is shown of a plan. */
export interface DeliveryPlan {
  readonly chain: { readonly name: string; readonly version: string }
  readonly artifacts: readonly PlannedArtifact[]
  /** The computed archive, for sinks that store bytes. */
  readonly archive?: { readonly size: number; readonly identity: string } | undefined
}

/** What to do with a name that the destination already has. */
export const existingPolicies = ['skip', 'verify', 'overwrite', 'fail'] as const
export type ExistingPolicy = (typeof existingPolicies)[number]

/** A piece of content in a place: where a store sink puts it. */
export interface Slot {
  readonly registry: string
  readonly repository: string
  readonly descriptor: Descriptor
}

export function slotKey(slot: Slot): string {
  return `${slot.registry}/${slot.repository}@${slot.descriptor.digest}`
}

/** What a sink has before anything moves. Read only; no field is a promise about the future. */
export interface Survey {
  /** For people: `harbor.corp:5000/mirror`, `platform-1.4.74.tar`. */
  readonly location: string
  /** Per artifact and destination: what the name holds now. Left out: absent. */
  readonly names?:
    readonly { readonly id: string; readonly destination: Reference; readonly digest: string }[] | undefined
  /** Slot keys that are there, and that are not; what is in neither is unknown and asked for in time. */
  readonly present?: ReadonlySet<string> | undefined
  readonly missing?: ReadonlySet<string> | undefined
  /** Bytes that can still be stored, and that this plan needs there. */
  readonly space?: { readonly free: number; readonly needed: number } | undefined
  /** The sink's policy for names that are taken; the engine applies it. The default is `skip`. */
  readonly existing?: ExistingPolicy | undefined
  /** True when the sink already holds exactly this plan and `open` would have nothing to do. */
  readonly complete?: boolean | undefined
  readonly notes?: readonly string[] | undefined
}

/** How a delivery ended, for the receipt. */
export interface Closing {
  readonly location: string
  /** What the user may do next, one command a line. */
  readonly next?: readonly string[] | undefined
  readonly facts?: Readonly<Record<string, string>> | undefined
}

interface DeliveryBase {
  /** Makes everything visible that is not yet, and flushes. Called once, after the last artifact. */
  close(): Promise<Closing>
  /** Gives up; what can be resumed stays, nothing half-visible does. */
  abort(reason: unknown): Promise<void>
}

/**
 * A registry-like sink. The engine calls, for each artifact: `blob` for what is missing (in parallel, across artifacts too),
 * then `manifest` children first, then `tag`. Visible artifact by artifact.
 */
export interface StoreDelivery extends DeliveryBase {
  readonly type: 'store'
  /** Creates repositories that need creating. Called once, before the first blob. */
  prepare(repositories: readonly { readonly registry: string; readonly repository: string }[]): Promise<void>
  /** Of these slots, the ones whose content is not there. Batches as the service likes. */
  missing(slots: readonly Slot[]): Promise<readonly Slot[]>
  /**
   * Stores one blob. With `mount` (a repository of the same registry that has it) it first tries to mount. `content.open`
   * may be called again when an upload has to start over.
   */
  blob(
    slot: Slot,
    content: Content,
    options: { readonly mount?: string | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<'sent' | 'mounted'>
  /** Only tries to mount; false: the engine sends the blob. Absent: never possible. */
  mount?(slot: Slot, from: string): Promise<boolean>
  manifest(slot: Slot, manifest: ManifestContent): Promise<void>
  /** Gives names, last of all. */
  tag(slot: Slot, manifest: ManifestContent, tags: readonly string[]): Promise<void>
}

/** A sink that takes whole artifacts: a release page, a chart repository. Visible at `close`. */
export interface ArtifactDelivery extends DeliveryBase {
  readonly type: 'artifacts'
  put(artifact: PlannedArtifact, content: Content): Promise<void>
}

/** A stored stretch of the archive. `sealed`: its bytes were verified and reported durable. */
export interface StoredRange extends ByteRange {
  readonly sealed: boolean
}

/**
 * A sink that stores the computed archive as bytes: a file, a multipart upload. The engine writes ranges in any order and in
 * parallel, and never a byte twice unless a blob failed its check. Visible at `close`.
 */
export interface BytesDelivery extends DeliveryBase {
  readonly type: 'bytes'
  /** Every write must start at a multiple of this and have this length, but for the archive's end. Absent: any range. */
  readonly unit?: number | undefined
  /** What an earlier, interrupted delivery of the same archive left. */
  stored(): Promise<readonly StoredRange[]>
  /** Stores the bytes at `range.start`; resolves when they may be forgotten by the caller. */
  write(range: ByteRange, bytes: Uint8Array): Promise<void>
  /** The range's content is complete and verified. Resolves when that survives the death of the process. */
  seal(range: ByteRange): Promise<void>
  /** Reads back what was stored, so that an interrupted blob goes on. Absent: it starts over. */
  read?(range: ByteRange): AsyncIterable<Uint8Array>
}

export type Delivery = StoreDelivery | ArtifactDelivery | BytesDelivery
