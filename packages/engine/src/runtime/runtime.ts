import { setTimeout as delay } from 'node:timers/promises'
import { isAbsolute, join, resolve } from 'node:path'
import type { Context, Event, Phase, TimedEvent } from '@ropeway/core'
import type { Analysis } from '../analysis/analysis.js'
import { imagesAnalysis } from '../analysis/images.js'
import { pooledAnalysis } from '../analysis/pool.js'
import type { AdapterTable } from '../adapters/table.js'
import type { Chain } from '../chain/chain.js'
import type { PlanWarning } from '../plan/types.js'
import { folderCache, memoryCache } from './cache.js'
import { createEventQueue } from './events.js'
import { mirrored } from './mirrors.js'
import { createNetwork, type Network, type NetworkOptions } from './network.js'
import { folderResults, noResults, type Results } from './results.js'
import { folderState, memoryState } from './state.js'

export interface RuntimeOptions extends NetworkOptions {
  readonly adapters: AdapterTable
  /** Folder of the content cache; absent: kept in memory for this run. */
  readonly cacheDirectory?: string | undefined
  /** Folder of what resuming needs, and of receipts; absent: kept in memory, no receipts are written. */
  readonly stateDirectory?: string | undefined
  /** Blobs that move at once. The default is 6. */
  readonly concurrency?: number | undefined
  /** Hosts that may speak plain HTTP besides those that the chain names. */
  readonly insecure?: readonly string[] | undefined
  /** Files with certificates (PEM) to trust besides the system's and the chain's. */
  readonly caFiles?: readonly string[] | undefined
  /** In place of the real network: for tests, and for hosts that bring their own, and close it themselves. */
  readonly network?: Network | undefined
  /** In place of what finds and moves references: for tests. */
  readonly analysis?: Analysis | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: TimedEvent) => void) | undefined
}

/** What all phases of a run share. One runtime serves one run; `close` it in the end. */
export interface Runtime {
  readonly adapters: AdapterTable
  readonly analysis: Analysis
  /** What the analysis said in earlier runs. */
  readonly results: Results
  readonly signal: AbortSignal
  readonly concurrency: number
  readonly stateDirectory: string | undefined
  /** What an adapter of this chain may reach; paths are relative to `directory` (default: the chain's). */
  context(
    chain: Pick<Chain, 'name' | 'version' | 'directory' | 'insecure' | 'caFiles' | 'hosts'> &
      Partial<Pick<Chain, 'mirrors'>>,
    directory?: string,
  ): Context
  /** Warnings so far, each once. */
  warnings(): readonly PlanWarning[]
  emit(event: Event): void
  /** Runs one phase between its events. */
  phase<T>(phase: Phase, work: () => Promise<T>): Promise<T>
  now(): number
  random(): number
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Hands over the last events, trims the caches and closes connections. */
  close(): Promise<void>
}

export function createRuntime(options: RuntimeOptions): Runtime {
  const clock = { now: () => Date.now() }
  const events = createEventQueue(options.onEvent ?? (() => undefined), clock.now)
  const signal = options.signal ?? new AbortController().signal
  const cache =
    options.cacheDirectory === undefined ? memoryCache() : folderCache(join(options.cacheDirectory, 'content'))
  const state =
    options.stateDirectory === undefined ? memoryState() : folderState(join(options.stateDirectory, 'state'))
  const pool = pooledAnalysis({ here: imagesAnalysis, signal })
  const analysis = options.analysis ?? pool
  const results =
    options.cacheDirectory === undefined
      ? noResults
      : folderResults(join(options.cacheDirectory, 'analysis'), () => analysis.version?.())
  const warned = new Map<string, PlanWarning>()
  const networks = new Map<string, Network>()
  const contexts = new Map<string, Context>()
  const concurrency = options.concurrency ?? 6

  const log: Context['log'] = {
    debug: (message) => events.emit({ type: 'log', level: 'debug', message }),
    info: (message) => events.emit({ type: 'log', level: 'info', message }),
    warn(warning) {
      const key = `${warning.code} ${warning.about ?? ''} ${warning.message}`
      if (warned.has(key)) return
      warned.set(key, warning)
      events.emit({ type: 'warning', ...warning })
    },
  }

  function networkOf(chain: Pick<Chain, 'insecure' | 'caFiles' | 'hosts'>): Network {
    if (options.network !== undefined) return options.network
    const insecure = [...(options.insecure ?? []), ...chain.insecure]
    const caFiles = [...(options.caFiles ?? []), ...chain.caFiles]
    const key = JSON.stringify([insecure, caFiles])
    const known = networks.get(key)
    if (known !== undefined) return known
    const onEvent = (event: Event) => events.emit(event)
    const { adapters, env, home } = options
    const { hosts } = chain
    const network = createNetwork({
      adapters,
      env,
      home,
      hosts,
      insecure,
      caFiles,
      log,
      signal,
      clock,
      concurrency,
      onEvent,
    })
    networks.set(key, network)
    return network
  }

  return {
    adapters: options.adapters,
    analysis,
    results,
    signal,
    concurrency,
    stateDirectory: options.stateDirectory,
    context(chain, directory = chain.directory) {
      const { name, version, insecure, caFiles, mirrors = new Map() } = chain
      const key = JSON.stringify([name, version, directory, insecure, caFiles, [...mirrors]])
      const known = contexts.get(key)
      if (known !== undefined) return known
      const network = networkOf(chain)
      const context: Context = {
        signal,
        chain: { name, version, directory },
        log,
        cache,
        state,
        clock,
        env: options.env ?? {},
        random: () => Math.random(),
        emit: (event) => events.emit(event),
        ...network,
        registry: mirrored(network.registry, mirrors),
        resolvePath: (path) => (isAbsolute(path) ? path : resolve(directory, path)),
      }
      contexts.set(key, context)
      return context
    },
    warnings: () => [...warned.values()],
    emit: (event) => events.emit(event),
    async phase(phase, work) {
      const began = clock.now()
      events.emit({ type: 'phase:start', phase })
      const result = await work()
      events.emit({ type: 'phase:done', phase, milliseconds: clock.now() - began })
      return result
    },
    now: clock.now,
    random: () => Math.random(),
    sleep: (milliseconds, stop) => delay(milliseconds, undefined, { signal: stop }),
    async close() {
      try {
        await pool.rest()
        await Promise.all([...networks.values()].map((network) => network.close()))
        await cache.trim()
        await results.trim()
      } finally {
        await events.flush()
      }
    },
  }
}
