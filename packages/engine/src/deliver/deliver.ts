import { join } from 'node:path'
import { toRopewayError, withPlace, type Delivery, type PlannedArtifact, type RopewayError } from '@ropeway/core'
import { verified } from '@ropeway/oci'
import * as errors from '../errors.js'
import type { Plan, PlannedSink } from '../plan/types.js'
import { checkDelivery } from '../resolve/answers.js'
import { adapterError, guarded } from '../resolve/guard.js'
import type { Resolution, ResolvedArtifact } from '../resolve/resolved.js'
import { createLimiter } from '@ropeway/distribution'
import type { Runtime } from '../runtime/runtime.js'
import { runBlob, type BlobFailure } from './blob.js'
import { createBytesWriter } from './bytes.js'
import { openReceipt, type Receipt, type ReceiptEntry } from './receipt.js'
import { publish, repositoriesOf } from './store.js'
import { withRetries } from './retry.js'
import { presentAt, workOf, type BlobJob, type OpenSink } from './work.js'

/** How a run ended: a receipt for each sink, and all that failed. */
export interface Report {
  readonly receipts: readonly Receipt[]
  readonly failures: readonly RopewayError[]
  readonly bytes: number
  readonly milliseconds: number
}

/**
 * Does what a plan says. A sink or an artifact that fails does not stop the others, unless the chain says so; the report holds
 * every failure. Throws what keeps a plan from starting (`plan.errors`), and the signal's reason when the run is stopped.
 */
export async function deliver(plan: Plan, resolution: Resolution, runtime: Runtime): Promise<Report> {
  const { onError } = resolution.chain
  const [refused] = onError === 'stop' ? [...plan.errors, ...plan.failures] : plan.errors
  if (refused !== undefined) throw plan.errors.length === 1 ? refused : errors.planRefused(plan.errors)
  return runtime.phase('deliver', async () => {
    const began = runtime.now()
    await runtime.analysis.rest?.()
    const run: Run = { plan, resolution, runtime, failures: [...plan.failures], stopped: false }
    const idle = await Promise.all(
      plan.sinks.filter(({ nothingToDo }) => nothingToDo).map((sink) => idleReceipt(sink, run)),
    )
    const open = await openSinks(run)
    try {
      const jobs = workOf(open)
      announce(jobs, open, runtime)
      await move(jobs, open, run)
      const receipts = [...idle, ...(await Promise.all(open.map((sink) => closeSink(sink, run, began))))]
      const bytes = receipts.reduce((total, { bytesSent }) => total + bytesSent, 0)
      runtime.emit({ type: 'deliver:done', bytes, milliseconds: runtime.now() - began })
      const order = plan.sinks.map(({ location }) => location)
      receipts.sort((a, b) => order.indexOf(a.location) - order.indexOf(b.location))
      return { receipts, failures: run.failures, bytes, milliseconds: runtime.now() - began }
    } catch (thrown) {
      run.stopped = true
      await Promise.all(open.map(({ delivery }) => giveUp(delivery, thrown)))
      throw thrown
    }
  })
}

interface Run {
  readonly plan: Plan
  readonly resolution: Resolution
  readonly runtime: Runtime
  readonly failures: RopewayError[]
  /** True when nothing further is to be begun: one failure was enough (`onError: stop`), or the run is being given up. */
  stopped: boolean
}

function fail(run: Run, error: RopewayError): void {
  run.failures.push(error)
  if (run.resolution.chain.onError === 'stop') run.stopped = true
}

function receiptOf(planned: PlannedSink, run: Run) {
  const { chain, lock } = run.plan
  const folder = run.runtime.stateDirectory
  const name = `${chain.name}-${chain.version}-${planned.step.id}`.replace(/[^\w.-]+/g, '-')
  const file = folder === undefined ? undefined : join(folder, 'receipts', `${name}.json`)
  return openReceipt(
    { chain: { name: chain.name, version: chain.version }, lock, sink: planned.name, location: planned.location },
    file,
  )
}

/** The receipt of a sink that has everything already. */
async function idleReceipt(planned: PlannedSink, run: Run): Promise<Receipt> {
  const receipt = receiptOf(planned, run)
  for (const entry of entriesOf(planned, () => 'present')) receipt.add(entry)
  receipt.counts.blobsPresent = planned.blobs
  return receipt.close({ location: planned.location, complete: true, milliseconds: 0 })
}

function* entriesOf(planned: PlannedSink, outcome: (id: string) => ReceiptEntry['outcome']): Iterable<ReceiptEntry> {
  for (const { id, root } of planned.delivery.artifacts) {
    const names = planned.names.filter((name) => name.id === id)
    if (names.length === 0) yield { id, digest: root.digest, outcome: outcome(id) }
    for (const { destination, action } of names) {
      yield {
        id,
        digest: root.digest,
        destination,
        outcome: action === 'keep' ? 'kept' : action === 'present' ? 'present' : outcome(id),
      }
    }
  }
}

async function openSinks(run: Run): Promise<OpenSink[]> {
  const { signal } = run.runtime
  // A sink that shows all or nothing is not given a part, unless the lock says what is absent.
  const whole = run.plan.failures.length === 0 || run.resolution.lock.absent !== undefined
  const wanted = run.plan.sinks.filter(({ nothingToDo, takes }) => !nothingToDo && (whole || takes === 'store'))
  const outcomes = await Promise.allSettled(wanted.map((planned) => openSink(planned, run)))
  const opened = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))
  if (signal.aborted) await Promise.all(opened.map(({ delivery }) => giveUp(delivery, signal.reason)))
  signal.throwIfAborted()
  for (const outcome of outcomes) if (outcome.status === 'rejected') fail(run, toRopewayError(outcome.reason))
  return opened
}

/** Aborts a delivery. That this fails too says nothing new. */
async function giveUp(delivery: Delivery, reason: unknown): Promise<void> {
  try {
    await delivery.abort(reason)
  } catch {
    return
  }
}

async function openSink(planned: PlannedSink, run: Run): Promise<OpenSink> {
  const { runtime, resolution } = run
  const { step } = planned
  const sink = await runtime.adapters.load('sink', step.adapter)
  const asked = {
    kind: 'sink' as const,
    adapter: step.adapter,
    operation: `opening ${planned.location}`,
    place: step.place,
  }
  const context = runtime.context(resolution.chain, step.directory)
  const again = <T>(work: () => Promise<T>) =>
    guarded(asked, runtime.signal, () => withRetries(planned.location, runtime, work))
  const delivery = await again(async () =>
    checkDelivery(asked, await sink.open(planned.delivery, planned.survey, step.options, context)),
  )
  if (delivery.type !== planned.takes) {
    await giveUp(delivery, 'it is not of the type that its sink declares')
    throw errors.sinkLies(step.adapter, planned.takes, delivery.type, step.place)
  }
  try {
    const receipt = receiptOf(planned, run)
    if (delivery.type === 'store') {
      await again(() => delivery.prepare(repositoriesOf(planned.delivery.artifacts, planned.names)))
      return { planned, delivery, receipt, present: await again(() => presentAt(planned, delivery)) }
    }
    const { archive } = planned
    const writer =
      delivery.type === 'bytes' && archive !== undefined
        ? await again(() => createBytesWriter(delivery, archive))
        : undefined
    return { planned, delivery, receipt, writer, present: new Set() }
  } catch (thrown) {
    await giveUp(delivery, thrown)
    throw thrown
  }
}

function announce(jobs: readonly BlobJob[], sinks: readonly OpenSink[], runtime: Runtime): void {
  const bytes = jobs.reduce((total, { descriptor }) => total + descriptor.size, 0)
  const artifacts = sinks.reduce((total, { planned }) => total + planned.delivery.artifacts.length, 0)
  runtime.emit({
    type: 'deliver:start',
    sinks: sinks.map(({ planned }) => planned.location),
    artifacts,
    blobs: jobs.length,
    bytes,
  })
}

/** Moves all blobs, and finishes every artifact as soon as its own are there. */
async function move(jobs: readonly BlobJob[], sinks: readonly OpenSink[], run: Run): Promise<void> {
  const { runtime } = run
  const limiter = createLimiter(runtime.concurrency)
  const failed = new Map<string, Promise<readonly BlobFailure[]>>()
  for (const job of jobs) {
    const outcome = limiter.run(async () => (run.stopped ? [] : runBlob(job, runtime)), runtime.signal)
    outcome.catch(() => undefined)
    failed.set(job.descriptor.digest, outcome)
  }
  // Manifests have slots of their own: were they to wait behind blobs, finished artifacts would stay invisible for long.
  const publishing = createLimiter(runtime.concurrency)
  const finished = sinks.flatMap((sink) => {
    const resolved = new Map(sink.planned.artifacts.map((artifact) => [artifact.locked.id, artifact]))
    return sink.planned.delivery.artifacts.map(async (artifact) => {
      const known = resolved.get(artifact.id)
      if (known === undefined) return
      const outcomes = await Promise.all(artifact.blobs.flatMap(({ digest }) => failed.get(digest) ?? []))
      const faults = outcomes.flat().filter((fault) => concerns(fault, sink, artifact))
      await publishing.run(() => finishArtifact(artifact, known, sink, faults, run), runtime.signal)
    })
  })
  await Promise.all(finished)
}

function concerns(fault: BlobFailure, sink: OpenSink, artifact: PlannedArtifact): boolean {
  return (
    fault.sink === sink &&
    (fault.slot === undefined ||
      artifact.destinations.some(
        ({ registry, repository }) => registry === fault.slot?.registry && repository === fault.slot.repository,
      ))
  )
}

async function finishArtifact(
  artifact: PlannedArtifact,
  resolved: ResolvedArtifact,
  sink: OpenSink,
  faults: readonly BlobFailure[],
  run: Run,
): Promise<void> {
  const { runtime } = run
  const { planned, delivery, receipt } = sink
  const fault = faults.find(({ error }) => error === sink.broken) ?? faults[0]
  const asked = {
    kind: 'sink' as const,
    adapter: planned.name,
    operation: `delivering ${artifact.name}`,
    place: planned.step.place,
  }
  const add = (outcome: ReceiptEntry['outcome'], error?: RopewayError) => {
    for (const entry of entriesOf(
      { ...planned, delivery: { ...planned.delivery, artifacts: [artifact] } },
      () => outcome,
    )) {
      receipt.add(error === undefined ? entry : { ...entry, error: { code: error.code, message: error.message } })
    }
  }
  try {
    if (run.stopped) return
    if (fault !== undefined) throw fault.error
    runtime.emit({ type: 'artifact:start', id: artifact.id, sink: planned.location })
    if (delivery.type === 'bytes') {
      if (sink.broken !== undefined) return
    } else if (outcomeOf(artifact, planned) === 'delivered') {
      await withRetries(artifact.id, runtime, () =>
        delivery.type === 'store'
          ? publish(artifact, resolved, planned.names, delivery, sink.present)
          : delivery.put(artifact, { open: (descriptor, options) => verifiedWhole(resolved, descriptor, options) }),
      )
    }
    add('delivered')
    const bytes = [...artifact.manifests, ...artifact.blobs].reduce((total, { size }) => total + size, 0)
    runtime.emit({
      type: 'artifact:done',
      id: artifact.id,
      sink: planned.location,
      outcome: outcomeOf(artifact, planned),
      bytes,
    })
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    const error = adapterError(thrown, asked)
    add('failed', error)
    if (delivery.type !== 'bytes' || sink.broken === undefined || sink.broken === fault?.error)
      fail(run, withPlace(error, { about: artifact.id }))
    runtime.emit({
      type: 'artifact:failed',
      id: artifact.id,
      sink: planned.location,
      message: error.message,
      code: error.code,
    })
  }
}

function outcomeOf(artifact: PlannedArtifact, planned: PlannedSink): 'delivered' | 'present' | 'kept' {
  const actions = planned.names.filter(({ id }) => id === artifact.id).map(({ action }) => action)
  if (actions.length === 0 || actions.includes('deliver')) return 'delivered'
  return actions.includes('keep') ? 'kept' : 'present'
}

function verifiedWhole(
  resolved: ResolvedArtifact,
  ...[descriptor, options]: Parameters<ResolvedArtifact['content']['open']>
) {
  const stream = resolved.content.open(descriptor, options)
  const whole = (options?.offset ?? 0) === 0 && (options?.end ?? descriptor.size) === descriptor.size
  return whole ? verified(stream, descriptor, { about: resolved.locked.id }) : stream
}

async function closeSink(sink: OpenSink, run: Run, began: number): Promise<Receipt> {
  const { runtime } = run
  const { planned, delivery, receipt, writer } = sink
  const end = () => ({ location: planned.location, milliseconds: runtime.now() - began })
  const failed = receipt.entries().some(({ outcome }) => outcome === 'failed')
  receipt.counts.blobsPresent = delivery.type === 'bytes' ? 0 : planned.presentBlobs
  try {
    if (run.stopped || sink.broken !== undefined || (failed && delivery.type !== 'store')) {
      await giveUp(delivery, sink.broken ?? 'an artifact failed')
      return await receipt.close({ ...end(), complete: false })
    }
    await writer?.finish()
    const closing = await delivery.close()
    return await receipt.close({
      ...end(),
      location: closing.location,
      complete: !failed,
      next: closing.next,
      facts: closing.facts,
    })
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    const asked = {
      kind: 'sink' as const,
      adapter: planned.name,
      operation: `finishing ${planned.location}`,
      place: planned.step.place,
    }
    fail(run, adapterError(thrown, asked))
    await giveUp(delivery, thrown)
    return receipt.close({ ...end(), complete: false })
  }
}
