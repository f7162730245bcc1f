import type { Phase, TimedEvent } from '@ropeway/core'

export interface Transfer {
  readonly digest: string
  readonly artifact: string
  readonly size: number
  readonly startedAt: number
  readonly resumedAt: number
  done: number
}

/** Where a run stands, gathered from its events: what every renderer draws from. Sizes in bytes, times in milliseconds. */
export interface Progress {
  phase: Phase | undefined
  phaseStartedAt: number
  /** Artifacts that sources have found. */
  resolved: number
  delivering: boolean
  sinks: readonly string[]
  readonly artifacts: { total: number; done: number; failed: number }
  readonly blobs: { total: number; done: number }
  readonly bytes: { total: number; done: number }
  retries: number
  /** In the order they began. */
  readonly transfers: Map<string, Transfer>
  /** Bytes that moved in this process, for the speed. */
  moved: number
  readonly samples: { readonly at: number; readonly moved: number }[]
}

const speedWindow = 5000
const sampleEvery = 250

export function createProgress(): Progress {
  return {
    phase: undefined,
    phaseStartedAt: 0,
    resolved: 0,
    delivering: false,
    sinks: [],
    artifacts: { total: 0, done: 0, failed: 0 },
    blobs: { total: 0, done: 0 },
    bytes: { total: 0, done: 0 },
    retries: 0,
    transfers: new Map(),
    moved: 0,
    samples: [],
  }
}

/** Takes one event in. Events of kinds that it does not know change nothing. */
export function follow(progress: Progress, event: TimedEvent): void {
  switch (event.type) {
    case 'phase:start':
      progress.phase = event.phase
      progress.phaseStartedAt = event.at
      return
    case 'phase:done':
      if (progress.phase === event.phase) progress.phase = undefined
      return
    case 'artifact:resolved':
      progress.resolved++
      return
    case 'deliver:start':
      startDelivery(progress, event)
      return
    case 'artifact:done':
      progress.artifacts.done++
      return
    case 'artifact:failed':
      progress.artifacts.failed++
      return
    case 'blob:start':
      progress.transfers.set(event.digest, { ...event, startedAt: event.at, done: event.resumedAt })
      return
    case 'blob:progress':
      advance(progress, event.digest, event.done, event.at)
      return
    case 'blob:done':
      finish(progress, event)
      return
    case 'retry':
      progress.retries++
      return
    case 'deliver:done':
      progress.delivering = false
      progress.transfers.clear()
      return
    default:
      return
  }
}

function startDelivery(progress: Progress, event: Extract<TimedEvent, { type: 'deliver:start' }>): void {
  progress.delivering = true
  progress.sinks = event.sinks
  Object.assign(progress.artifacts, { total: event.artifacts, done: 0, failed: 0 })
  Object.assign(progress.blobs, { total: event.blobs, done: 0 })
  Object.assign(progress.bytes, { total: event.bytes, done: 0 })
  progress.samples.push({ at: event.at, moved: progress.moved })
}

function advance(progress: Progress, digest: string, done: number, at: number): void {
  const transfer = progress.transfers.get(digest)
  if (transfer === undefined) return
  progress.moved += Math.max(0, done - transfer.done)
  transfer.done = done
  sample(progress, at)
}

function finish(progress: Progress, event: Extract<TimedEvent, { type: 'blob:done' }>): void {
  if (event.outcome === 'sent' || event.outcome === 'resumed') advance(progress, event.digest, event.size, event.at)
  progress.transfers.delete(event.digest)
  progress.blobs.done++
  progress.bytes.done += event.size
}

function sample(progress: Progress, at: number): void {
  const last = progress.samples.at(-1)
  if (last !== undefined && at - last.at < sampleEvery) return
  progress.samples.push({ at, moved: progress.moved })
  while (progress.samples.length > 2 && at - (progress.samples[1]?.at ?? at) >= speedWindow) progress.samples.shift()
}

/** Bytes that are there, blobs in flight included; never more than the total. */
export function bytesDone(progress: Progress): number {
  let done = progress.bytes.done
  for (const transfer of progress.transfers.values()) done += transfer.done
  return Math.min(done, progress.bytes.total)
}

/** Bytes a second over the last seconds; `undefined` as long as there is nothing to tell it from. */
export function speedOf(progress: Progress, now: number): number | undefined {
  const first = progress.samples[0]
  if (first === undefined || now - first.at < sampleEvery) return undefined
  return ((progress.moved - first.moved) * 1000) / (now - first.at)
}

/** Milliseconds left at the present speed. */
export function timeLeft(progress: Progress, now: number): number | undefined {
  const speed = speedOf(progress, now)
  if (speed === undefined || speed < 1 || progress.bytes.total === 0) return undefined
  return ((progress.bytes.total - bytesDone(progress)) * 1000) / speed
}
