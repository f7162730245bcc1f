import type { Content, Descriptor, RopewayError, Slot } from '@ropeway/core'
import { verified } from '@ropeway/oci'
import { adapterError } from '../resolve/guard.js'
import type { Runtime } from '../runtime/runtime.js'
import { counted } from './bytes.js'
import { withRetries } from './retry.js'
import { tee, type Branch } from './tee.js'
import type { BlobJob, OpenSink, StoreTarget } from './work.js'

/** What a job failed at: a sink, or one slot of it. */
export interface BlobFailure {
  readonly sink: OpenSink
  readonly slot?: Slot | undefined
  readonly error: RopewayError
}

/**
 * Brings one blob to all that want it: mounts where a registry has it in another repository, goes on where an archive was
 * interrupted, else reads the source once for all. Never throws but when the run is stopped; what failed where is returned.
 */
export async function runBlob(job: BlobJob, runtime: Runtime): Promise<readonly BlobFailure[]> {
  const { descriptor } = job
  const archives = job.archives.filter(({ broken }) => broken === undefined)
  const uploads = (await Promise.all(job.stores.map((target) => mountAll(job, target)))).flat()
  if (archives.length + uploads.length === 0) {
    if (job.stores.some(({ slots }) => slots.length > 0)) done(job, 'mounted', runtime)
    return []
  }
  const progress = (done: number) =>
    runtime.emit({ type: 'blob:progress', digest: descriptor.digest, done, size: descriptor.size })
  const [first] = archives
  if (first !== undefined && archives.length === 1 && uploads.length === 0) {
    const resumed = await resumeBlob(job, first, runtime, progress)
    if (resumed !== undefined) return resumed
  }
  start(job, 0, runtime)
  const { now, later } = split(uploads)
  const opened = share(job, archives.length + now.length, runtime, progress)
  const failures = await Promise.all([
    ...archives.map((sink, index) => toArchive(job, sink, opened(index), runtime)),
    ...now.map((upload, index) => toStore(job, upload, opened(archives.length + index), runtime)),
  ])
  for (const upload of later) failures.push(await toStore(job, upload, again(job, runtime), runtime))
  const failed = failures.filter((failure) => failure !== undefined)
  if (failed.length === 0) done(job, 'sent', runtime)
  return failed
}

function done({ descriptor }: BlobJob, outcome: 'sent' | 'mounted' | 'resumed', runtime: Runtime): void {
  runtime.emit({ type: 'blob:done', digest: descriptor.digest, size: descriptor.size, outcome })
}

function start({ descriptor, artifact }: BlobJob, resumedAt: number, runtime: Runtime): void {
  runtime.emit({ type: 'blob:start', digest: descriptor.digest, size: descriptor.size, artifact, resumedAt })
}

interface Upload {
  readonly target: StoreTarget
  readonly slot: Slot
  /** Repository to try to mount from, when this is not the first of its registry. */
  readonly mount?: string | undefined
}

/** Mounts into every slot that a holder allows, and returns what has to be sent. */
async function mountAll(job: BlobJob, target: StoreTarget): Promise<Upload[]> {
  const { sink, delivery, registry } = target
  const source = job.from?.registry === registry ? [job.from.repository] : []
  const holders = [...target.holders, ...source]
  const left: Slot[] = []
  for (const slot of target.slots) {
    if (await mountFromAny(slot, holders, sink, delivery)) holders.unshift(slot.repository)
    else left.push(slot)
  }
  return left.map((slot, index): Upload =>
    index === 0 ? { target, slot } : { target, slot, mount: left[0]?.repository },
  )
}

async function mountFromAny(
  slot: Slot,
  holders: readonly string[],
  sink: OpenSink,
  delivery: StoreTarget['delivery'],
): Promise<boolean> {
  if (delivery.mount === undefined || sink.mountRefused === true) return false
  const others = holders.filter((holder) => holder !== slot.repository).slice(0, 2)
  for (const holder of others) {
    if (await mounted(slot, holder, delivery)) {
      sink.receipt.counts.blobsMounted++
      return true
    }
  }
  if (others.length > 0) sink.mountRefused = true
  return false
}

async function mounted(slot: Slot, holder: string, delivery: StoreTarget['delivery']): Promise<boolean> {
  try {
    return (await delivery.mount?.(slot, holder)) === true
  } catch {
    return false
  }
}

/** Uploads that share the one reading of the source, and those that may be mounted from them afterwards. */
function split(uploads: readonly Upload[]): { now: Upload[]; later: Upload[] } {
  const now = uploads.filter(({ mount, target }) => mount === undefined || target.sink.mountRefused === true)
  return { now, later: uploads.filter((upload) => !now.includes(upload)) }
}

/** Gives each reader a content whose first opening shares one reading of the source, and later ones read it anew. */
function share(
  job: BlobJob,
  readers: number,
  runtime: Runtime,
  progress: (done: number) => void,
): (index: number) => Shared {
  const source = counted(verifiedSource(job, runtime), 0, progress)
  const branches = readers === 1 ? [{ stream: source, leave: () => undefined }] : tee(source, readers)
  return (index) => {
    const branch: Branch | undefined = branches[index]
    let taken = false
    const open = (descriptor: Descriptor, options?: Parameters<Content['open']>[1]) => {
      if ((options?.offset ?? 0) > 0 || options?.end !== undefined) {
        return job.content.open(descriptor, { signal: runtime.signal, ...options })
      }
      if (taken || branch === undefined) return verifiedSource(job, runtime)
      taken = true
      return branch.stream
    }
    return { content: { open }, leave: () => branch?.leave() }
  }
}

interface Shared {
  readonly content: Content
  leave(): void
}

/** A reading of its own, for what comes after the shared one. */
function again(job: BlobJob, runtime: Runtime): Shared {
  return { content: { open: () => verifiedSource(job, runtime) }, leave: () => undefined }
}

/** The whole blob, opened when its first byte is asked for. Its errors name the source, not the sink that meets them. */
async function* verifiedSource(job: BlobJob, { signal }: Runtime): AsyncIterable<Uint8Array> {
  const { descriptor, content, artifact: about } = job
  try {
    yield* verified(content.open(descriptor, { signal }), descriptor, { about })
  } catch (thrown) {
    signal.throwIfAborted()
    const operation = `reading a blob of ${about}`
    throw adapterError(thrown, { kind: 'source', adapter: job.source, operation, place: job.place })
  }
}

async function toArchive(
  job: BlobJob,
  sink: OpenSink,
  shared: Shared,
  runtime: Runtime,
): Promise<BlobFailure | undefined> {
  const { descriptor } = job
  try {
    await withRetries(job.artifact, runtime, async (attempt) => {
      if (attempt > 1) shared.leave()
      const stream = attempt === 1 ? shared.content.open(descriptor) : verifiedSource(job, runtime)
      await sink.writer?.blob(descriptor.digest, stream)
    })
    sent(sink, descriptor)
    return undefined
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    const error = sinkError(thrown, job, sink)
    sink.broken ??= error
    return { sink, error }
  } finally {
    shared.leave()
  }
}

async function toStore(
  job: BlobJob,
  upload: Upload,
  shared: Shared,
  runtime: Runtime,
): Promise<BlobFailure | undefined> {
  const { target, slot, mount } = upload
  const { sink, delivery } = target
  try {
    const outcome = await withRetries(`${slot.registry}/${slot.repository}`, runtime, (attempt) => {
      if (attempt > 1) shared.leave()
      const { content } = attempt === 1 ? shared : again(job, runtime)
      return delivery.blob(slot, content, { mount, signal: runtime.signal })
    })
    if (outcome === 'mounted') sink.receipt.counts.blobsMounted++
    else {
      if (mount !== undefined) sink.mountRefused = true
      sent(sink, job.descriptor)
    }
    return undefined
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    return { sink, slot, error: sinkError(thrown, job, sink) }
  } finally {
    shared.leave()
  }
}

function sent(sink: OpenSink, { size }: Descriptor): void {
  sink.receipt.counts.blobsSent++
  sink.receipt.counts.bytesSent += size
}

async function resumeBlob(
  job: BlobJob,
  sink: OpenSink,
  runtime: Runtime,
  progress: (done: number) => void,
): Promise<BlobFailure[] | undefined> {
  const { descriptor } = job
  try {
    const resumable = await sink.writer?.resume(descriptor, job.content, runtime.signal)
    if (resumable === undefined) return undefined
    start(job, resumable.resumedAt, runtime)
    await resumable.finish(progress)
    sink.receipt.counts.blobsSent++
    sink.receipt.counts.blobsResumed++
    sink.receipt.counts.bytesSent += descriptor.size - resumable.resumedAt
    done(job, 'resumed', runtime)
    return []
  } catch {
    runtime.signal.throwIfAborted()
    // What was stored may be damaged: the blob is read whole instead, and that reading's fault counts.
    return undefined
  }
}

function sinkError(thrown: unknown, job: BlobJob, { planned }: OpenSink): RopewayError {
  const operation = `storing a blob of ${job.artifact}`
  return adapterError(thrown, { kind: 'sink', adapter: planned.name, operation, place: planned.step.place })
}
