import { toRopewayError, withPlace, type Content, type Descriptor, type RopewayError, type Slot } from '@ropeway/core'
import { verified } from '@ropeway/oci'
import type { Runtime } from '../runtime/runtime.js'
import { counted } from './bytes.js'
import { withRetries } from './retry.js'
import { tee, type Branch } from './tee.js'
import type { BlobJob, OpenSink, StoreTarget } from './work.js'

/** What a job failed at: a sink, or one slot of it. */
export interface BlobFailure {
  readonly sink: OpenSink
  readonly repository?: string | undefined
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
  if (archives.length + uploads.length === 0) return []
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
  if (failed.length === 0)
    runtime.emit({ type: 'blob:done', digest: descriptor.digest, size: descriptor.size, outcome: 'sent' })
  return failed
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
  for (const holder of holders.slice(0, 2)) {
    if (holder === slot.repository) continue
    if (await delivery.mount(slot, holder).catch(() => false)) {
      sink.receipt.counts.blobsMounted++
      return true
    }
  }
  if (holders.length > 0) sink.mountRefused = true
  return false
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
      if (taken || branch === undefined || (options?.offset ?? 0) > 0 || options?.end !== undefined) {
        return job.content.open(descriptor, { signal: runtime.signal, ...options })
      }
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

function verifiedSource(job: BlobJob, runtime: Runtime): AsyncIterable<Uint8Array> {
  return verified(job.content.open(job.descriptor, { signal: runtime.signal }), job.descriptor, { about: job.artifact })
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
      const stream = attempt === 1 ? shared.content.open(descriptor) : verifiedSource(job, runtime)
      await sink.writer?.blob(descriptor.digest, stream)
    })
    sent(sink, descriptor)
    return undefined
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    sink.broken ??= placed(thrown, job)
    return { sink, error: placed(thrown, job) }
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
    const outcome = await withRetries(`${slot.registry}/${slot.repository}`, runtime, (attempt) =>
      delivery.blob(slot, (attempt === 1 ? shared : again(job, runtime)).content, { mount, signal: runtime.signal }),
    )
    if (outcome === 'mounted') sink.receipt.counts.blobsMounted++
    else {
      if (mount !== undefined) sink.mountRefused = true
      sent(sink, job.descriptor)
    }
    return undefined
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    return { sink, repository: slot.repository, error: placed(thrown, job) }
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
    runtime.emit({ type: 'blob:done', digest: descriptor.digest, size: descriptor.size, outcome: 'resumed' })
    return []
  } catch {
    runtime.signal.throwIfAborted()
    // What was stored may be damaged: the blob is read whole instead, and that reading's fault counts.
    return undefined
  }
}

function placed(thrown: unknown, job: BlobJob): RopewayError {
  return withPlace(toRopewayError(thrown), { at: job.place, operation: `moving a blob of ${job.artifact}` })
}
