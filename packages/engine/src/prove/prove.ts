import type { Context, RopewayError } from '@ropeway/core'
import { createLimiter } from '@ropeway/distribution'
import { relocationUnproved } from '@ropeway/images'
import { discoveryOf, isSubject } from '../analysis/analyst.js'
import type { Chain } from '../chain/chain.js'
import * as errors from '../errors.js'
import { destinationsOf } from '../resolve/names.js'
import type { RelocatedArtifact, ResolvedArtifact } from '../resolve/resolved.js'
import type { Runtime } from '../runtime/runtime.js'
import { artifactIndex, destinationsFor, type Destinations } from './destinations.js'
import { relocateChartArtifact, relocateManifestsArtifact, type RelocationTask } from './relocated.js'

export interface ProveOptions {
  readonly allowUnproved?: boolean | undefined
  /** Also relocates what moves nowhere. */
  readonly proveAll?: boolean | undefined
}

export interface Proved {
  /** Charts and manifests with what they became; those that could not be proved are gone. */
  readonly artifacts: readonly ResolvedArtifact[]
  readonly failures: readonly RopewayError[]
  /** What could not be proved, with its proof. */
  readonly unproved: readonly RelocatedArtifact[]
}

/**
 * Relocates charts and manifests to the destinations that their images have, and proves it. What no reference of moves is left as it
 * is. Without a proof an artifact does not travel (`RELOCATION_UNPROVED`), unless that is allowed; then it is a warning.
 */
export async function prove(
  given: { readonly artifacts: readonly ResolvedArtifact[]; readonly companions: readonly ResolvedArtifact[] },
  chain: Chain,
  runtime: Runtime,
  options: ProveOptions = {},
): Promise<Proved> {
  const lookUp = artifactIndex([...given.artifacts, ...given.companions])
  const tasks = new Map<string, RelocationTask>()
  for (const resolved of given.artifacts) {
    const task = taskOf(resolved, lookUp, chain, options)
    if (task !== undefined) tasks.set(resolved.locked.id, task)
  }
  if (tasks.size === 0) return { artifacts: given.artifacts, failures: [], unproved: [] }
  return runtime.phase('prove', () => proveAll(given.artifacts, tasks, chain, runtime, options))
}

const hint =
  'exclude images that stay outside (discover.exclude), try charts: overlay or embed, or let it travel unproved (--allow-unproved)'

/** Relocations under way at once: reading content goes on beside the work. */
const concurrency = 4

async function proveAll(
  artifacts: readonly ResolvedArtifact[],
  tasks: ReadonlyMap<string, RelocationTask>,
  chain: Chain,
  runtime: Runtime,
  { allowUnproved = chain.allowUnproved }: ProveOptions,
): Promise<Proved> {
  const limiter = createLimiter(concurrency)
  const failures: RopewayError[] = []
  const unproved: RelocatedArtifact[] = []
  const context = runtime.context(chain)
  const results = await Promise.all(
    artifacts.map((resolved) =>
      limiter.run(async () => {
        const task = tasks.get(resolved.locked.id)
        if (task === undefined) return resolved
        try {
          const relocated = await relocate(task, runtime, context)
          if (!relocated.proof.proved) {
            unproved.push(relocated)
            if (!allowUnproved) {
              failures.push(relocationUnproved(resolved.locked.id, relocated.proof, { hint, at: resolved.place }))
              return undefined
            }
            context.log.warn(errors.unprovedTravels(resolved.locked.id, relocated.proof))
          }
          return { ...relocated.bundled, relocated }
        } catch (thrown) {
          runtime.signal.throwIfAborted()
          failures.push(errors.relocationFailed(resolved.locked.id, thrown, resolved.place))
          return undefined
        }
      }, runtime.signal),
    ),
  )
  failures.sort((a, b) => ((a.about ?? '') < (b.about ?? '') ? -1 : 1))
  return { artifacts: results.filter((each) => each !== undefined), failures, unproved }
}

/** What has to be relocated, and where to; `undefined` when nothing has. */
function taskOf(
  resolved: ResolvedArtifact,
  lookUp: ReturnType<typeof artifactIndex>,
  chain: Chain,
  { proveAll: all = false }: ProveOptions,
): RelocationTask | undefined {
  const { artifact } = resolved
  const { discovered } = artifact
  const mode = chain.relocation ?? artifact.relocation ?? 'embed'
  if (!isSubject(artifact) || discovered === undefined) return undefined
  if (mode === 'as-is') return undefined
  const [near] = destinationsOf(artifact)
  const destinations = destinationsFor(discovered, lookUp, near)
  const lacking = destinations.missing.length > 0 && isNamed(resolved)
  if (!all && !destinations.moves && !lacking) return undefined
  return {
    resolved,
    discovered,
    destinations,
    near,
    mode: mode === 'overlay' && artifact.kind === 'chart' ? 'overlay' : 'embed',
  }
}

/** Whether a name transform gave it a place that is not the one where it was found. */
function isNamed({ artifact }: ResolvedArtifact): boolean {
  return (
    artifact.destinations !== undefined &&
    artifact.destinations.some((to) => to.registry !== artifact.source.reference?.registry)
  )
}

const done = new WeakMap<Runtime, Map<string, Promise<RelocatedArtifact>>>()

/** Namings that send one chart to the same places share the work. */
async function relocate(task: RelocationTask, runtime: Runtime, context: Context): Promise<RelocatedArtifact> {
  const known = done.get(runtime) ?? new Map<string, Promise<RelocatedArtifact>>()
  done.set(runtime, known)
  const key = JSON.stringify([
    task.resolved.locked.root.digest,
    task.resolved.locked.id,
    task.mode,
    task.near ?? null,
    task.destinations.table,
  ])
  const running = known.get(key)
  if (running !== undefined) return running
  const started = relocateNow(task, runtime, context)
  known.set(key, started)
  return started
}

async function relocateNow(task: RelocationTask, runtime: Runtime, context: Context): Promise<RelocatedArtifact> {
  const { artifact } = task.resolved
  const all = await discoveryOf(artifact, task.discovered.catalogue, runtime, context)
  const discovery = {
    ...all,
    images: all.images.filter((image) => image.class !== 'optional' || carried(image.reference, task.destinations)),
  }
  const work = artifact.kind === 'chart' ? relocateChartArtifact : relocateManifestsArtifact
  return work(task, discovery, runtime, context)
}

/** Optional images that do not travel are none of the proof's business. */
function carried(reference: string, destinations: Destinations): boolean {
  return destinations.of(reference) !== undefined || destinations.excluded(reference)
}
