import { homedir } from 'node:os'
import type * as Engine from '@ropeway/engine'
import type { AdapterTable, PlanWarning, Runtime } from '@ropeway/engine'
import type { Phase, TimedEvent } from '@ropeway/core'
import * as errors from '../errors.js'
import { chooseRenderer } from '../progress/choose.js'
import { createOwners, type Owners } from '../progress/owners.js'
import type { Renderer } from '../progress/renderer.js'
import { doing } from '../progress/words.js'
import { redactDeep } from '../screen/error.js'
import { warningScreen } from '../screen/warnings.js'
import type { GlobalFlags } from './flags.js'
import { listenForInterrupt } from './interrupt.js'
import { adapterPackages, type PluginHost } from './packages.js'
import type { Faces } from './screen.js'
import { watchAdapters, type Watch } from './watch.js'

export interface SessionFlags extends GlobalFlags {
  readonly insecure?: readonly string[] | undefined
  readonly 'ca-file'?: readonly string[] | undefined
  readonly concurrency?: number | undefined
}

export interface SessionOptions {
  readonly host: PluginHost & { readonly cacheDir: string; readonly dataDir: string }
  readonly flags: SessionFlags
  readonly faces: Faces
  /** What a user may do after Ctrl-C. */
  readonly afterInterrupt: string
}

/** An engine at work for one command. */
export interface Session {
  readonly engine: typeof Engine
  readonly runtime: Runtime
  readonly signal: AbortSignal
  readonly renderer: Renderer
  /** Whose artifacts are, for the renderer. */
  readonly owners: Owners
  /** Warnings that nobody has seen yet: of the run so far, and the given ones. */
  unseen(more?: readonly PlanWarning[]): PlanWarning[]
}

/**
 * Runs a command's work with a runtime, progress on standard error, Ctrl-C, and the guard against adapters that never answer;
 * takes all of it down again, whatever happens.
 */
export async function withSession<T>(options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const { host, flags, faces } = options
  const engine = await import('@ropeway/engine')
  const watch = watchAdapters(engine.loadAdapters(adapterPackages(host)))
  const owners = createOwners()
  const renderer = await chooseRenderer({
    output: process.stderr,
    env: process.env,
    paint: faces.err.paint,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true,
    debug: flags.debug === true,
    events: flags.events,
    owners,
    redact: (value) => redactDeep(value, faces.redact),
    now: Date.now,
  })
  const interrupt = listenForInterrupt(
    process,
    () => renderer.print(['stopping; Ctrl-C again ends at once']),
    (signal) => process.exit(signal === 'SIGINT' ? 130 : 143),
  )
  let phase: Phase | undefined
  const onEvent = (event: TimedEvent) => {
    if (event.type === 'phase:start') phase = event.phase
    renderer.event(event)
  }
  const guard = hangGuard(watch, () => phase)
  let runtime: Runtime | undefined
  try {
    runtime = engine.createRuntime({ ...runtimeOptions(options, watch.table), signal: interrupt.signal, onEvent })
    const unseen = unseenWarnings(runtime, renderer)
    const session = { engine, runtime, signal: interrupt.signal, renderer, owners, unseen }
    return await Promise.race([work(session), guard.hung])
  } catch (thrown) {
    await renderer.end()
    faces.err.print(warningScreen(runtime === undefined ? [] : unseenWarnings(runtime, renderer)(), faces.err))
    if (interrupt.received !== undefined) throw errors.interrupted(options.afterInterrupt, interrupt.received)
    throw thrown
  } finally {
    guard.release()
    await runtime?.close()
    await renderer.end()
    interrupt.release()
  }
}

/** Warnings of a run were printed as they came, or not at all; those that a plan adds never were. */
function unseenWarnings(runtime: Runtime, renderer: Renderer): Session['unseen'] {
  const key = ({ code, about, message }: PlanWarning) => JSON.stringify([code, about, message])
  return (more = []) => {
    const own = runtime.warnings()
    const all = new Map([...more, ...own].map((warning) => [key(warning), warning]))
    if (renderer.warned) for (const warning of own) all.delete(key(warning))
    return [...all.values()]
  }
}

function runtimeOptions({ host, flags }: SessionOptions, adapters: AdapterTable): Engine.RuntimeOptions {
  return {
    adapters,
    env: process.env,
    home: homedir(),
    cacheDirectory: host.cacheDir,
    stateDirectory: host.dataDir,
    concurrency: flags.concurrency,
    insecure: flags.insecure,
    caFiles: flags['ca-file'],
  }
}

/** Rejects when nothing is left in the event loop while a command still waits, naming the adapter that it waits for. */
function hangGuard(watch: Watch, phase: () => Phase | undefined): { hung: Promise<never>; release(): void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const listener = () => {
    const current = phase()
    const waiting = watch.unanswered()
    reject(
      errors.adapterHung(waiting?.operation ?? (current === undefined ? 'working' : doing[current]), waiting?.adapter),
    )
  }
  process.once('beforeExit', listener)
  return { hung: promise, release: () => void process.off('beforeExit', listener) }
}
