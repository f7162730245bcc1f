import {
  isFailure,
  toRopewayError,
  withPlace,
  type Artifact,
  type Context,
  type Discovered,
  type Json,
  type RopewayError,
} from '@ropeway/core'
import { createLimiter } from '@ropeway/distribution'
import { readChartArtifact } from '@ropeway/helm'
import type { Discovery } from '@ropeway/images'
import { formatReference, withDefaultTag } from '@ropeway/oci'
import { discoveryOf, isSubject, withSettings } from '../analysis/analyst.js'
import type { Chain, SourceStep } from '../chain/chain.js'
import * as errors from '../errors.js'
import { idOf, type Found, type Identified } from '../resolve/found.js'
import type { Runtime } from '../runtime/runtime.js'
import { catalogueOf } from './catalogue.js'
import { discoverStep } from './step.js'
import { ask, merged, wishesOf, type Request } from './requests.js'
import { canonicalOf, decide, foundImage, placeOf, undecided, type Decided } from './travel.js'
import { chartTree } from './tree.js'

/** Charts and manifests that are looked through at once: their content is read beside the work. */
const concurrency = 8

/** What discovery adds to what the sources found. */
export interface Discoveries {
  /** What was given; charts and manifests with what was found behind them. Those that could not be looked through are gone. */
  readonly found: readonly Identified[]
  /** Images behind them that no source named. */
  readonly images: readonly Found[]
  readonly failures: readonly DiscoveryFailure[]
}

/** What could not be looked through, or an image that could not be had. */
export interface DiscoveryFailure {
  readonly error: RopewayError
  /** The image, and the charts and manifests that it concerns. */
  readonly about: readonly { readonly id: string; readonly kind: string; readonly name: string }[]
  /** False when a chart or manifests could not be looked through at all. */
  readonly looked: boolean
}

interface Looked {
  readonly item: Identified
  readonly discovery: Discovery
  readonly decided: readonly Decided[]
  readonly tree: Discovered['dependencies']
}

/**
 * Finds the images behind those charts and manifests that are `wanted`, and asks the registries for the ones that travel. What was
 * found on another side already is left as it is. Throws `DISCOVERY_REFUSED` when the chain's `failOn` does not let something pass.
 */
export async function discover(
  found: readonly Identified[],
  wanted: readonly Identified[],
  chain: Chain,
  runtime: Runtime,
): Promise<Discoveries> {
  const context = runtime.context(chain, chain.discover.directory)
  const catalogue = await catalogueOf(chain.discover, context)
  const prepared = found.map((item) => ({ ...item, artifact: withSettings(item.artifact, chain.discover) }))
  const failures: DiscoveryFailure[] = []
  const limiter = createLimiter(concurrency)
  const ids = new Set(wanted.map(({ id }) => id))
  const subjects = prepared.filter(
    ({ id, artifact }) => ids.has(id) && isSubject(artifact) && artifact.discovered === undefined,
  )
  const looked = await Promise.all(
    subjects.map((item) => limiter.run(() => lookAt(item, catalogue, chain, runtime, failures), runtime.signal)),
  )
  const seen = new Map(looked.filter((each) => each !== undefined).map((each) => [each.item.id, each]))
  refuseUndecided([...seen.values()], chain)
  const images = await findImages([...seen.values()], prepared, chain, context, failures)
  const failed = new Set(subjects.map(({ id }) => id).filter((id) => !seen.has(id)))
  return {
    found: prepared
      .filter(({ id }) => !failed.has(id))
      .map((item) => {
        const own = seen.get(item.id)
        return own === undefined
          ? item
          : { ...item, artifact: { ...item.artifact, discovered: discoveredOf(own, images.ids, catalogue) } }
      }),
    images: images.found,
    failures,
  }
}

async function lookAt(
  item: Identified,
  catalogue: string | undefined,
  chain: Chain,
  runtime: Runtime,
  failures: DiscoveryFailure[],
): Promise<Looked | undefined> {
  const { id, artifact, step } = item
  const context = runtime.context(chain, step.directory)
  try {
    const discovery = await discoveryOf(artifact, catalogue, runtime, context)
    for (const message of discovery.warnings) context.log.warn(errors.discoveryNote(id, message))
    for (const site of discovery.unresolved) context.log.warn(errors.imageUnresolved(id, placeOf(site), site.reason))
    const tree =
      artifact.kind === 'chart' ? await chartTree((await readChartArtifact(artifact, context)).files) : undefined
    return { item, discovery, decided: decide(discovery, chain.discover), tree }
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    failures.push({ error: errors.discoveryFailed(id, thrown, step.place), about: [headOf(item)], looked: false })
    return undefined
  }
}

function refuseUndecided(looked: readonly Looked[], { discover: step }: Chain): void {
  const lines = looked.flatMap(({ item, discovery, decided }) => undecided(item.id, discovery, decided, step))
  if (lines.length > 0) throw errors.discoveryRefused(lines, step.place)
}

interface FoundImages {
  readonly found: readonly Found[]
  /** Canonical reference → id of the artifact that it travels as. */
  readonly ids: ReadonlyMap<string, string>
}

async function findImages(
  looked: readonly Looked[],
  known: readonly Identified[],
  chain: Chain,
  context: Context,
  failures: DiscoveryFailure[],
): Promise<FoundImages> {
  const { discover: step } = chain
  const own = discoverStep(chain)
  const named = step.images.flatMap((text) => canonicalOf(text) ?? [])
  const wishes = [
    ...named.map((canonical) => ({
      ...{ canonical, class: 'declared' as const, reason: 'the chain names it under discover', ask: false },
      ...{ step: own, by: [] },
      requiredBy: step.place === undefined ? [] : [step.place],
    })),
    ...looked.flatMap(({ item, decided }) => wishesOf(headOf(item), decided, item.step)),
  ]
  const ids = new Map(known.flatMap(({ artifact, id }) => canonicalNames(artifact).map((name) => [name, id] as const)))
  const requests = merged(wishes)
  const answers = await ask(
    requests.filter(({ canonical }) => !ids.has(canonical)),
    step.referrers,
    context,
  )
  const found: Found[] = []
  for (const request of requests) {
    const declared = known.find(({ id }) => id === ids.get(request.canonical))
    const answer = declared?.artifact ?? answers.get(request.canonical)
    if (answer === undefined) continue
    if (!isFailure(answer)) {
      if (declared === undefined && request.ask)
        context.log.warn(errors.suspectedCarried(request.canonical, request.requiredBy))
      ids.set(request.canonical, declared?.id ?? idOf(answer))
      found.push(itemOf(request, answer, declared?.step ?? stepFor(request, own, failures)))
    } else if (request.ask) {
      context.log.warn(errors.suspectedLeft(request.canonical, request.reason, request.requiredBy))
    } else {
      const [at] = request.requiredBy
      const error = withPlace(toRopewayError(answer.error), { at, about: request.canonical })
      failures.push({ error, about: [imageHead(request), ...request.by], looked: true })
    }
  }
  return { found, ids }
}

/** What an artifact of a registry is called there. */
function canonicalNames({ kind, source }: Artifact): string[] {
  return kind === 'chart' || source.reference === undefined ? [] : [formatReference(withDefaultTag(source.reference))]
}

/** The step of a found image: its own, with the platforms of the steps that want it. */
function stepFor(request: Request, own: SourceStep, failures: DiscoveryFailure[]): SourceStep {
  const [first] = request.steps
  const other = request.steps.find((step) => platformsKey(step) !== platformsKey(first))
  if (other !== undefined) {
    const error = errors.platformsDisagree(request.canonical, first?.place, other.place)
    failures.push({ error, about: [imageHead(request), ...request.by], looked: true })
  }
  return { ...own, platforms: first?.platforms, place: own.place ?? first?.place }
}

function imageHead({ canonical }: Request) {
  return { id: `image:${canonical}`, kind: 'image', name: canonical }
}

function headOf({ id, artifact: { kind, name } }: Identified) {
  return { id, kind, name }
}

function platformsKey(step: SourceStep | undefined): string {
  return JSON.stringify(step?.platforms ?? null)
}

function itemOf(request: Request, artifact: Artifact, step: SourceStep): Found {
  const { requiredBy, class: own, reason } = request
  return {
    artifact: { ...artifact, requiredBy, class: artifact.class ?? own, reason: artifact.reason ?? reason },
    step,
  }
}

function discoveredOf(
  { discovery, decided, tree }: Looked,
  ids: ReadonlyMap<string, string>,
  catalogue: string | undefined,
): Discovered {
  const images = decided.map((each) => {
    const travels = each.decision === 'travels' || each.decision === 'ask'
    return foundImage(each, travels && each.canonical !== undefined ? ids.get(each.canonical) : undefined)
  })
  const filled = discovery.filled as Readonly<Record<string, Json>>
  return {
    images: images.toSorted((a, b) => (a.reference < b.reference ? -1 : 1)),
    filled: Object.keys(filled).length === 0 ? undefined : filled,
    catalogue,
    dependencies: tree,
  }
}
