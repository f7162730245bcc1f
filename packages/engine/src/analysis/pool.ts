import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { analysisStopped } from '../errors.js'
import type { Analysis } from './analysis.js'
import { moveData, unpackError, type Answer, type Job } from './jobs.js'
import { parseDiscovery, parseManifestRelocation, parseRelocation } from './kept.js'

/** What a pool needs of a thread. */
export interface Thread {
  postMessage(job: Job): void
  on(event: 'message', listener: (answer: Answer) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: () => void): unknown
  ref(): void
  unref(): void
  terminate(): Promise<unknown>
}

export interface PoolOptions {
  /** Does the work while there is little of it. */
  readonly here: Analysis
  readonly signal: AbortSignal
  /** Threads at once. Default: as many as the machine has processors; none where this code is not there as JavaScript. */
  readonly threads?: number | undefined
  /** Starts one; for tests. */
  readonly start?: (() => Thread) | undefined
}

interface Task {
  readonly job: Job
  /** Does it here. */
  readonly here: () => Promise<void>
  /** Takes what a thread made. */
  readonly take: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Seat {
  readonly thread: Thread
  task: Task | undefined
}

/** So much waiting work is done here; a thread takes as long to get going. */
const little = 2
const mostThreads = 8

const script = new URL('./worker.js', import.meta.url)

/**
 * An analysis that goes to several threads when several charts wait at once: each takes seconds of pure computing. What comes of it is the
 * same, whoever does it. Errors of threads are rebuilt; a thread that dies fails its job alone.
 */
export function pooledAnalysis({ here, signal, ...options }: PoolOptions): Analysis & Required<Pick<Analysis, 'rest'>> {
  const start = options.start ?? ((): Thread => new Worker(script))
  const most =
    options.threads ?? (existsSync(fileURLToPath(script)) ? Math.min(availableParallelism(), mostThreads) : 0)
  const waiting: Task[] = []
  const seats = new Set<Seat>()
  let busyHere = false

  function enqueue<T>(job: Job, work: () => Promise<T>, read: (value: unknown) => T): Promise<T> {
    signal.throwIfAborted()
    return new Promise<T>((resolve, reject) => {
      const take = (value: unknown): void => {
        try {
          resolve(read(value))
        } catch (error) {
          reject(error)
        }
      }
      waiting.push({ job, take, reject, here: () => work().then(resolve, reject) })
      // others may be about to ask for more
      setImmediate(distribute)
    })
  }

  function distribute(): void {
    if (seats.size === 0 && (waiting.length <= little || most < 2)) return workHere()
    while (waiting.length > 0) {
      const seat = [...seats].find(({ task }) => task === undefined) ?? (seats.size < most ? open() : undefined)
      if (seat === undefined) return
      assign(seat, waiting.shift())
    }
  }

  function workHere(): void {
    const task = busyHere ? undefined : waiting.shift()
    if (task === undefined) return
    busyHere = true
    void task.here().finally(() => {
      busyHere = false
      setImmediate(distribute)
    })
  }

  function open(): Seat {
    const thread = start()
    const seat: Seat = { thread, task: undefined }
    seats.add(seat)
    thread.on('message', (answer) => {
      const { task } = seat
      release(seat)
      if ('error' in answer) task?.reject(unpackError(answer.error))
      else task?.take(answer.value)
      distribute()
    })
    const lose = (error: unknown): void => {
      seats.delete(seat)
      seat.task?.reject(error)
      seat.task = undefined
      distribute()
    }
    thread.on('error', lose)
    thread.on('exit', () => lose(analysisStopped()))
    return seat
  }

  function assign(seat: Seat, task: Task | undefined): void {
    if (task === undefined) return
    seat.task = task
    seat.thread.ref()
    try {
      seat.thread.postMessage(task.job)
    } catch (error) {
      release(seat)
      task.reject(error)
    }
  }

  /** An idle thread does not keep the process alive. */
  function release(seat: Seat): void {
    seat.task = undefined
    seat.thread.unref()
  }

  async function stop(): Promise<void> {
    const all = [...seats]
    seats.clear()
    const reason: unknown = signal.aborted ? signal.reason : analysisStopped()
    for (const task of [...all.map((seat) => seat.task), ...waiting.splice(0)]) task?.reject(reason)
    await Promise.all(all.map(({ thread }) => thread.terminate()))
  }
  signal.addEventListener('abort', () => void stop(), { once: true })

  return {
    ...here,
    async discoverChart(files, input) {
      return enqueue({ type: 'discover chart', files, input }, () => here.discoverChart(files, input), parseDiscovery)
    },
    async relocateChart(files, options) {
      const { settings, mode, repository } = options
      const job: Job = {
        type: 'relocate chart',
        files,
        moves: moveData(options),
        options: { settings, mode, repository },
      }
      return enqueue(
        job,
        () => here.relocateChart(files, options),
        (value) => parseRelocation(value, files),
      )
    },
    async relocateManifests(files, options) {
      const job: Job = { type: 'relocate manifests', files, moves: moveData(options) }
      return enqueue(job, () => here.relocateManifests(files, options), parseManifestRelocation)
    },
    rest: stop,
  }
}
