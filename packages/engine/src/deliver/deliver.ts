import { join } from 'node:path'
import { toRopewayError, withPlace, type PlannedArtifact, type RopewayError } from '@ropeway/core'
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
import { workOf, type OpenSink, type Work } from './work.js'

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
  const [refused] = plan.errors
  if (refused !== undefined) throw plan.errors.length === 1 ? refused : errors.planRefused(plan.errors)
  return runtime.phase('deliver', async () => {
    const began = runtime.now()
    const run: Run = { plan, resolution, runtime, failures: [], stopped: false }
    const idle = await Promise.all(
      plan.sinks.filter(({ nothingToDo }) => nothingToDo).map((sink) => idleReceipt(sink, run)),
    )
    const open = await openSinks(run)
    try {
      const work = await workOf(open, resolution)
      announce(work, open, runtime)
      await move(work, open, run)
      const receipts = [...idle, ...(await Promise.all(open.map((sink) => closeSink(sink, run, began))))]
      const bytes = receipts.reduce((total, { bytesSent }) => total + bytesSent, 0)
      runtime.emit({ type: 'deliver:done', bytes, milliseconds: runtime.now() - began })
      const order = plan.sinks.map(({ location }) => location)
      receipts.sort((a, b) => order.indexOf(a.location) - order.indexOf(b.location))
      return { receipts, failures: run.failures, bytes, milliseconds: runtime.now() - began }
    } catch (thrown) {
      await Promise.allSettled(open.map(({ delivery }) => delivery.abort(thrown)))
      throw thrown
    }
  })
}

interface Run {
  readonly plan: Plan
  readonly resolution: Resolution
  readonly runtime: Runtime
  readonly failures: RopewayError[]
  /** True when one failure was enough (`onError: stop`). */
  stopped: boolean
}

function fail(run: Run, error: RopewayError): void {
  run.failures.push(error)
  if (run.resolution.chain.onError === 'stop') run.stopped = true
}

function receiptOf(planned: PlannedSink, run: Run) {
  const { chain, lock } = run.plan
  const folder = run.runtime.stateDirectory
  const name = `${chain.name}-${chain.version}-${planned.step.id.replace(/\W+/g, '-')}`
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
  const opened = await Promise.all(
    run.plan.sinks
      .filter(({ nothingToDo }) => !nothingToDo)
      .map(async (planned): Promise<OpenSink | undefined> => {
        try {
          return await openSink(planned, run)
        } catch (thrown) {
          run.runtime.signal.throwIfAborted()
          fail(run, toRopewayError(thrown))
          return undefined
        }
      }),
  )
  return opened.filter((sink) => sink !== undefined)
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
  const delivery = await guarded(asked, runtime.signal, async () =>
    checkDelivery(asked, await sink.open(planned.delivery, planned.survey, step.options, context)),
  )
  if (delivery.type !== planned.takes) {
    await delivery.abort('it is not of the type that its sink declares')
    throw errors.sinkLies(step.adapter, planned.takes, delivery.type, step.place)
  }
  if (delivery.type === 'store') {
    await guarded(asked, runtime.signal, () =>
      delivery.prepare(repositoriesOf(planned.delivery.artifacts, planned.names)),
    )
  }
  const writer =
    delivery.type === 'bytes' && planned.archive !== undefined
      ? await createBytesWriter(delivery, planned.archive)
      : undefined
  return { planned, delivery, receipt: receiptOf(planned, run), writer }
}

function announce(work: Work, sinks: readonly OpenSink[], runtime: Runtime): void {
  const bytes = work.jobs.reduce((total, { descriptor }) => total + descriptor.size, 0)
  const artifacts = sinks.reduce((total, { planned }) => total + planned.delivery.artifacts.length, 0)
  runtime.emit({
    type: 'deliver:start',
    sinks: sinks.map(({ planned }) => planned.location),
    artifacts,
    blobs: work.jobs.length,
    bytes,
  })
}

/** Moves all blobs, and finishes every artifact as soon as its own are there. */
async function move(work: Work, sinks: readonly OpenSink[], run: Run): Promise<void> {
  const { runtime, resolution } = run
  const limiter = createLimiter(runtime.concurrency)
  const failed = new Map<string, Promise<readonly BlobFailure[]>>()
  for (const job of work.jobs) {
    const outcome = limiter.run(async () => (run.stopped ? [] : runBlob(job, runtime)), runtime.signal)
    outcome.catch(() => undefined)
    failed.set(job.descriptor.digest, outcome)
  }
  const resolved = new Map(resolution.artifacts.map((artifact) => [artifact.locked.id, artifact]))
  // Manifests have slots of their own: were they to wait behind blobs, finished artifacts would stay invisible for long.
  const publishing = createLimiter(runtime.concurrency)
  const finished = sinks.flatMap((sink) =>
    sink.planned.delivery.artifacts.map(async (artifact) => {
      const known = resolved.get(artifact.id)
      if (known === undefined) return
      const outcomes = await Promise.all(artifact.blobs.flatMap(({ digest }) => failed.get(digest) ?? []))
      const faults = outcomes.flat().filter((fault) => concerns(fault, sink, artifact))
      await publishing.run(() => finishArtifact(artifact, known, sink, faults, work, run), runtime.signal)
    }),
  )
  await Promise.all(finished)
}

function concerns(fault: BlobFailure, sink: OpenSink, artifact: PlannedArtifact): boolean {
  return (
    fault.sink === sink &&
    (fault.repository === undefined || artifact.destinations.some(({ repository }) => repository === fault.repository))
  )
}

async function finishArtifact(
  artifact: PlannedArtifact,
  resolved: ResolvedArtifact,
  sink: OpenSink,
  faults: readonly BlobFailure[],
  work: Work,
  run: Run,
): Promise<void> {
  const { runtime } = run
  const { planned, delivery, receipt } = sink
  const [fault] = faults
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
    if (delivery.type === 'store') await publish(artifact, resolved, planned.names, delivery, work.present)
    else if (delivery.type === 'artifacts')
      await delivery.put(artifact, { open: (descriptor, options) => verifiedWhole(resolved, descriptor, options) })
    else if (sink.broken !== undefined) return
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
      await delivery.abort(sink.broken ?? 'an artifact failed')
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
    await delivery.abort(thrown).catch(() => undefined)
    return receipt.close({ ...end(), complete: false })
  }
}
