import {
  slotKey,
  type Content,
  type Delivery,
  type Descriptor,
  type RopewayError,
  type Slot,
  type StoreDelivery,
} from '@ropeway/core'
import { slotsOf } from '../plan/decide.js'
import type { PlannedSink } from '../plan/types.js'
import type { ResolvedArtifact } from '../resolve/resolved.js'
import type { BytesWriter } from './bytes.js'
import type { OpenReceipt } from './receipt.js'

/** One sink that is being delivered to. */
export interface OpenSink {
  readonly planned: PlannedSink
  readonly delivery: Delivery
  readonly receipt: OpenReceipt
  /** Set for a sink that stores bytes. */
  readonly writer?: BytesWriter | undefined
  /** Slot keys that a store has already. */
  readonly present: ReadonlySet<string>
  /** The first fault of a delivery that is whole or nothing: its further blobs are not read. */
  broken?: RopewayError | undefined
  /** A store that once refused to mount is sent to instead. */
  mountRefused?: boolean | undefined
}

/** One blob, and all that want it. */
export interface BlobJob {
  readonly descriptor: Descriptor
  readonly content: Content
  /** Id of the artifact that it is read for. */
  readonly artifact: string
  /** Name of the source adapter that it is read from, and where the user wrote that step. */
  readonly source: string
  readonly place?: string | undefined
  /** Where the content lives, when that is a registry: mounted from there when the sink is the same one. */
  readonly from?: { readonly registry: string; readonly repository: string } | undefined
  readonly archives: OpenSink[]
  readonly stores: StoreTarget[]
}

export interface StoreTarget {
  readonly sink: OpenSink
  readonly registry: string
  readonly delivery: StoreDelivery
  /** Repositories that lack the blob. */
  readonly slots: Slot[]
  /** Repositories of the same registry that have it. */
  readonly holders: string[]
}

/** Builds the jobs: one a blob, whoever wants it, in archive order when an archive is among the sinks. */
export function workOf(sinks: readonly OpenSink[]): readonly BlobJob[] {
  const jobs = new Map<string, BlobJob>()
  for (const sink of sinks) {
    const resolved = new Map(sink.planned.artifacts.map((artifact) => [artifact.locked.id, artifact]))
    const { delivery, planned } = sink
    if (delivery.type === 'bytes') {
      for (const artifact of planned.delivery.artifacts) {
        for (const blob of artifact.blobs) wantBytes(jobOf(jobs, blob, resolved.get(artifact.id)), sink)
      }
    } else if (delivery.type === 'store') {
      wantSlots(sink, delivery, jobs, resolved)
    }
  }
  const order = sinks.find(({ planned }) => planned.archive !== undefined)?.planned.archive
  const wanted = [...jobs.values()].filter(
    ({ archives, stores }) => archives.length > 0 || stores.some(({ slots }) => slots.length > 0),
  )
  if (order !== undefined) {
    const offset = (job: BlobJob) => order.blobs.get(job.descriptor.digest)?.offset ?? Number.MAX_SAFE_INTEGER
    wanted.sort((a, b) => offset(a) - offset(b))
  }
  return wanted
}

function wantBytes(job: BlobJob | undefined, sink: OpenSink): void {
  if (job === undefined || job.archives.includes(sink)) return
  if (sink.writer?.done(job.descriptor.digest) === true) sink.receipt.counts.blobsResumed++
  else job.archives.push(sink)
}

function jobOf(
  jobs: Map<string, BlobJob>,
  descriptor: Descriptor,
  resolved: ResolvedArtifact | undefined,
): BlobJob | undefined {
  const known = jobs.get(descriptor.digest)
  if (known !== undefined || resolved === undefined) return known
  const { content, locked, place, artifact } = resolved
  const job: BlobJob = {
    descriptor,
    content,
    artifact: locked.id,
    source: locked.source.adapter,
    place,
    from: artifact.source.reference,
    archives: [],
    stores: [],
  }
  jobs.set(descriptor.digest, job)
  return job
}

/** Keys of the slots of a plan that a store has: from its survey, and for what that left open from the store itself. */
export async function presentAt(planned: PlannedSink, delivery: StoreDelivery): Promise<ReadonlySet<string>> {
  const present = new Set<string>()
  const unknown = new Map<string, Slot>()
  for (const slot of planned.delivery.artifacts.flatMap((artifact) => slotsOf(artifact, planned.names))) {
    const key = slotKey(slot)
    if (planned.survey.present?.has(key) === true) present.add(key)
    else if (planned.survey.missing?.has(key) !== true) unknown.set(key, slot)
  }
  if (unknown.size > 0) {
    const missing = new Set((await delivery.missing([...unknown.values()])).map(slotKey))
    for (const key of unknown.keys()) if (!missing.has(key)) present.add(key)
  }
  return present
}

function wantSlots(
  sink: OpenSink,
  delivery: StoreDelivery,
  jobs: Map<string, BlobJob>,
  resolved: ReadonlyMap<string, ResolvedArtifact>,
): void {
  const { planned, present } = sink
  for (const artifact of planned.delivery.artifacts) {
    const blobs = new Set(artifact.blobs.map(({ digest }) => digest))
    for (const slot of slotsOf(artifact, planned.names)) {
      if (!blobs.has(slot.descriptor.digest)) continue
      const job = jobOf(jobs, slot.descriptor, resolved.get(artifact.id))
      if (job !== undefined) wantSlot(job, slot, sink, delivery, present.has(slotKey(slot)))
    }
  }
}

function wantSlot(job: BlobJob, slot: Slot, sink: OpenSink, delivery: StoreDelivery, present: boolean): void {
  const { registry, repository } = slot
  let target = job.stores.find((candidate) => candidate.sink === sink && candidate.registry === registry)
  if (target === undefined) {
    target = { sink, registry, delivery, slots: [], holders: [] }
    job.stores.push(target)
  }
  if (present) {
    if (!target.holders.includes(repository)) target.holders.push(repository)
  } else if (!target.slots.some((wanted) => wanted.repository === repository)) target.slots.push(slot)
}
