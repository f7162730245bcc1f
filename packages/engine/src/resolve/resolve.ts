import type { RopewayError } from '@ropeway/core'
import { isSubject } from '../analysis/analyst.js'
import type { Chain } from '../chain/chain.js'
import { discover, type DiscoveryFailure } from '../discover/discover.js'
import * as errors from '../errors.js'
import { isWanted, selectOnly } from '../plan/select.js'
import { prove } from '../prove/prove.js'
import type { Runtime } from '../runtime/runtime.js'
import { askAll } from './ask.js'
import { closeAll } from './close.js'
import type { Closed, Identified } from './found.js'
import { without } from './lacking.js'
import { merge } from './merge.js'
import { applyNames } from './names.js'
import { inputsOf, lockedOf, resolution, resolved } from './resolution.js'
import type { Resolution, ResolvedArtifact } from './resolved.js'

export interface ResolveOptions {
  /** Ids, kinds or globs of the artifacts that are wanted; empty or absent: everything. */
  readonly only?: readonly string[] | undefined
  /** Charts and manifests travel although not every reference in them is proved. */
  readonly allowUnproved?: boolean | undefined
  /** False: nothing is looked for behind charts and manifests, and none is relocated. */
  readonly discover?: boolean | undefined
  /** Also relocates and proves what moves nowhere. */
  readonly proveAll?: boolean | undefined
  /** What sources cannot resolve is among the `failures` of the resolution too, and the rest goes on. */
  readonly keepGoing?: boolean | undefined
  /** As `keepGoing`, and the lock says what is absent, so that sinks that show all or nothing take the rest too. */
  readonly partial?: boolean | undefined
}

/**
 * Resolves a chain anew: asks every source, applies edits, finds the images behind charts and manifests and what is below each
 * artifact, names them, relocates charts and manifests with proof, and writes the lock. Reads metadata and small content only.
 * Throws one error that holds *all* that sources cannot resolve (with `keepGoing`: sources that cannot be asked at all),
 * `ONLY_MATCHES_NOTHING`, `DISCOVERY_REFUSED`. Charts that cannot be
 * rendered or proved, images that cannot be had and what name transforms refuse are `failures` of the resolution, unless the chain says `onError: stop`.
 */
export async function resolve(chain: Chain, runtime: Runtime, options: ResolveOptions = {}): Promise<Resolution> {
  const failures: RopewayError[] = []
  const unasked: RopewayError[] = []
  const unedited: RopewayError[] = []
  const { only = [], keepGoing = false, partial = false } = options
  const declared = await runtime.phase('resolve', async () => {
    const merged = merge(await askAll(chain, runtime, failures, unasked, unedited), chain, failures)
    const behind =
      options.discover !== false && merged.some(({ artifact }) => isSubject(artifact) && looks(chain, artifact))
    const wanted = behind ? merged.filter((item) => isWanted(headOf(item), only)) : selected(merged, only)
    return { merged, behind, closed: await closeAll(wanted, chain, runtime, failures) }
  })
  const goesOn = (keepGoing || partial) && chain.onError !== 'stop'
  refuse(goesOn ? unasked : failures)
  const late: RopewayError[] = [...failures, ...unedited]
  const found = declared.behind
    ? await runtime.phase('discover', () => lookBehind(declared, chain, runtime, options, late))
    : { wanted: declared.closed, companions: await companionsOf(declared, chain, runtime) }
  if (chain.onError === 'stop') refuse(late)
  const named = await runtime.phase('name', () => name([...found.wanted, ...found.companions], chain, runtime))
  const wanted = without(named.artifacts.slice(0, found.wanted.length), named.refused, {
    allowUnproved: options.allowUnproved ?? chain.allowUnproved,
  })
  late.push(...named.failures, ...wanted.failures)
  const { artifacts } = wanted
  const companions = named.artifacts.slice(found.wanted.length).filter((each) => !named.refused.includes(each))
  const given = { artifacts, companions }
  const proved =
    options.discover === false ? { artifacts, failures: [], unproved: [] } : await prove(given, chain, runtime, options)
  late.push(...proved.failures)
  if (chain.onError === 'stop') refuse(late)
  return resolution(chain, proved.artifacts, await inputsOf(chain, runtime), {
    companions,
    failures: late,
    unproved: proved.unproved,
    partial,
  })
}

/** Whether the engine has to look behind an artifact itself. */
function looks({ discover: step }: Chain, { discovered }: Identified['artifact']): boolean {
  return discovered === undefined && step.offline !== true
}

function headOf({ id, artifact: { kind, name } }: Identified) {
  return { id, kind, name }
}

/** What `only` keeps: the others are not looked into, so what is wrong with them stops nobody. */
function selected<T extends Identified>(found: readonly T[], only: readonly string[]): T[] {
  const heads = found.map((item) => ({ ...headOf(item), item }))
  return selectOnly(heads, only).map(({ item }) => item)
}

interface Declared {
  readonly merged: readonly Identified[]
  readonly closed: readonly Closed[]
}

interface Wanted {
  readonly wanted: readonly Closed[]
  /** Images that wanted charts refer to and that are not wanted themselves: they need names, but do not travel. */
  readonly companions: readonly Closed[]
}

async function lookBehind(
  { merged, closed }: Declared,
  chain: Chain,
  runtime: Runtime,
  { only = [], allowUnproved = chain.allowUnproved }: ResolveOptions,
  failures: RopewayError[],
): Promise<Wanted> {
  const subjects = needsAll(merged, only) ? merged : merged.filter((item) => isWanted(headOf(item), only))
  const looked = await discover(merged, subjects, chain, runtime)
  const concerning = looked.failures.filter(({ about }) => about.some((head) => isWanted(head, only)))
  failures.push(...concerning.map(({ error }) => error))
  const gone = goneWith(concerning, allowUnproved)
  const all = merge([...looked.found, ...looked.images], chain, failures).filter(({ id }) => !gone.has(id))
  const wanted =
    gone.size > 0 && only.length > 0 ? all.filter((item) => isWanted(headOf(item), only)) : selected(all, only)
  const beside = companionsIn(all, wanted)
  const known = new Map(closed.map((item) => [item.id, item]))
  const close = async (items: readonly Identified[]) => {
    const fresh = await closeAll(
      items.filter(({ id }) => !known.has(id)),
      chain,
      runtime,
      failures,
    )
    const closures = new Map([...known.values(), ...fresh].map((item) => [item.id, item]))
    return items.flatMap((item): Closed[] => {
      const own = closures.get(item.id)
      if (own === undefined) return []
      const { root, content } = own.artifact
      return [{ ...own, artifact: { ...item.artifact, root, content } }]
    })
  }
  return { wanted: await close(wanted), companions: await close(beside) }
}

/** Charts that cannot be looked through, and those whose images cannot be had. */
function goneWith(failures: readonly DiscoveryFailure[], allowUnproved: boolean): Set<string> {
  const lost = failures.filter(({ looked }) => !looked || !allowUnproved)
  return new Set(lost.flatMap(({ about }) => about.map(({ id }) => id)))
}

/** Whether what is wanted may be an image that only discovery finds, so that all charts have to be looked through. */
function needsAll(merged: readonly Identified[], only: readonly string[]): boolean {
  return only.some(
    (pattern) =>
      pattern === 'image' || /[*?]/.test(pattern) || !merged.some((item) => isWanted(headOf(item), [pattern])),
  )
}

function companionsIn<T extends Identified>(all: readonly T[], wanted: readonly T[]): T[] {
  const ids = new Set(
    wanted.flatMap(({ artifact }) => artifact.discovered?.images.map((image) => image.artifact) ?? []),
  )
  const here = new Set(wanted.map(({ id }) => id))
  return all.filter(({ id }) => ids.has(id) && !here.has(id))
}

/** What was found on another side already has its images beside it. */
async function companionsOf({ merged, closed }: Declared, chain: Chain, runtime: Runtime): Promise<readonly Closed[]> {
  const ignored: RopewayError[] = []
  return closeAll(companionsIn(merged, closed), chain, runtime, ignored)
}

function refuse(failures: readonly RopewayError[]): void {
  const [only] = failures
  if (only !== undefined) throw failures.length === 1 ? only : errors.resolveFailed(failures)
}

async function name(found: readonly Closed[], chain: Chain, runtime: Runtime) {
  const artifacts = found.map(({ artifact }) => artifact)
  const named = await applyNames(artifacts, chain.transforms, chain, runtime)
  const all = found.map((item, index): ResolvedArtifact => {
    const artifact = named.artifacts[index] ?? item.artifact
    return resolved(lockedOf({ ...item, artifact }), artifact, item.closure, item.step.place)
  })
  return { artifacts: all, refused: all.filter((_, index) => named.refused.has(index)), failures: named.failures }
}
