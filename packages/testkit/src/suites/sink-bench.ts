import {
  slotKey,
  type ByteRange,
  type BytesDelivery,
  type Delivery,
  type DeliveryPlan,
  type ManifestContent,
  type Reference,
  type Sink,
  type Slot,
  type StoreDelivery,
  type Survey,
} from '@ropeway/core'
import { isReferrerTag, sha256 } from '@ropeway/oci'
import { must, type ContractCase } from './case.js'
import { covers } from './ranges.js'
import { sampleBytes, sampleFor, type Sample } from './samples.js'
import { inWorld, parseOptions } from './setup.js'
import type { ArtifactsTarget, BytesTarget, SampleArchive, SinkSetup, SinkWorld, StoreTarget } from './sink.js'
import { elsewhere, watchContext, type Watch } from './watch.js'

/** Everything that one delivery brings. */
export interface Cargo {
  readonly samples: readonly Sample[]
  readonly archive: SampleArchive
  readonly plan: DeliveryPlan
}

export interface Opened {
  readonly delivery: Delivery
  readonly survey: Survey
  readonly watch: Watch
}

/** A sink in the surroundings of one case. */
export interface SinkBench {
  readonly sink: Sink<unknown>
  readonly world: SinkWorld
  readonly patience: number | undefined
  readonly capabilities: NonNullable<SinkSetup['capabilities']>
  /** Samples and their plan; another seed gives other content under the same names. */
  cargo(seed?: number): Promise<Cargo>
  options(): Promise<unknown>
  /** A context as another run would have it. */
  watch(signal?: AbortSignal): Promise<Watch>
  survey(plan: DeliveryPlan): Promise<Survey>
  /** Surveys and opens, as the engine does; elsewhere: as it does where cache and state are empty. */
  open(plan: DeliveryPlan, where?: 'here' | 'elsewhere'): Promise<Opened>
  /** Surveys, opens, brings everything and closes. */
  deliver(cargo: Cargo): Promise<void>
  /** What can be seen of the cargo's names at the target, past the sink. */
  visible(cargo: Cargo): Promise<unknown>
  /** All that can be found of the cargo at the target, visible or not. */
  traces(cargo: Cargo): Promise<unknown>
  /** Works on a bench in fresh surroundings of its own. */
  beside<T>(body: (bench: SinkBench) => Promise<T>): Promise<T>
}

/** Makes a case out of a body that works on a bench. */
export function sinkCase(
  id: string,
  title: string,
  body: (bench: SinkBench) => Promise<void>,
  conditions: {
    readonly needs?: keyof NonNullable<SinkSetup['capabilities']>
    readonly only?: Sink<unknown>['takes']
  } = {},
): ContractCase<SinkSetup> {
  return {
    id: `sink/${id}`,
    title,
    ...conditions,
    run: (setup) => inWorld(setup, (world) => body(benchOf(setup, world))),
  }
}

function benchOf(setup: SinkSetup, world: SinkWorld): SinkBench {
  const sink = setup.adapter
  const bench: SinkBench = {
    sink,
    world,
    patience: setup.patience,
    capabilities: setup.capabilities ?? {},
    async cargo(seed = 1) {
      const samples = world.samples?.(seed) ?? defaultSamples(sink, world, seed)
      const archive = (await world.archive?.(seed)) ?? defaultArchive(seed)
      const plan: DeliveryPlan = {
        chain: { name: 'kit', version: '1.0.0' },
        artifacts: samples.map(({ planned }) => planned),
        archive: sink.takes === 'bytes' ? { size: archive.bytes.byteLength, identity: archive.identity } : undefined,
      }
      return { samples, archive, plan }
    },
    options: () => parseOptions(sink.options, world.options),
    watch: async (signal) => watchContext(await world.context(signal)),
    survey: async (plan) => sink.survey(plan, await bench.options(), (await bench.watch()).context),
    async open(plan, where = 'here') {
      const context = await world.context()
      const watch = watchContext(where === 'here' ? context : elsewhere(context))
      const survey = await sink.survey(plan, await bench.options(), watch.context)
      return { survey, watch, delivery: await sink.open(plan, survey, await bench.options(), watch.context) }
    },
    async deliver(cargo) {
      const { delivery } = await bench.open(cargo.plan)
      await bring(delivery, cargo)
      await delivery.close()
    },
    visible: (cargo) => visibleAt(world.target, cargo),
    traces: async (cargo) => [await visibleAt(world.target, cargo), await storedAt(world.target, cargo)],
    beside: (body) => inWorld(setup, (other) => body(benchOf(setup, other))),
  }
  return bench
}

function defaultSamples(sink: Sink<unknown>, world: SinkWorld, seed: number): readonly Sample[] {
  const { registry, prefix } = world.destination ?? { registry: 'kit.test', prefix: 'kit' }
  return sink.accepts.map((kind, index) =>
    sampleFor(kind, seed * 100 + index, { registry, repository: `${prefix}/${kind}`, tag: '1.0.0' }),
  )
}

function defaultArchive(seed: number): SampleArchive {
  const bytes = sampleBytes(seed, 300_000)
  return { bytes, identity: sha256(bytes) }
}

async function visibleAt(target: SinkWorld['target'], { samples }: Cargo): Promise<unknown> {
  if (target.type === 'artifacts') return await target.entries()
  if (target.type === 'bytes') {
    const bytes = await target.read()
    return bytes === undefined ? {} : { digest: sha256(bytes) }
  }
  const names: Record<string, string> = {}
  for (const repository of repositoriesOf(samples).map(({ repository }) => repository)) {
    for (const [tag, digest] of Object.entries(await target.names(repository))) {
      // Registries without a referrers API keep an index of referrers under a tag; nobody takes it for a name.
      if (!isReferrerTag(tag)) names[`${repository}:${tag}`] = digest
    }
  }
  return names
}

async function storedAt(target: SinkWorld['target'], { samples }: Cargo): Promise<readonly string[]> {
  if (target.type !== 'store') return []
  const stored: string[] = []
  for (const slot of samples.flatMap(slotsOf)) {
    if ((await target.read(slot.repository, slot.descriptor)) !== undefined) stored.push(slotKey(slot))
  }
  return stored
}

/** Brings the whole cargo, in the engine's order; closing is left to the caller. */
export async function bring(delivery: Delivery, cargo: Cargo): Promise<void> {
  if (delivery.type === 'store') await bringToStore(delivery, cargo.samples, 'tags')
  else if (delivery.type === 'bytes') await bringBytes(delivery, cargo.archive)
  else for (const { planned, content } of cargo.samples) await delivery.put(planned, content)
}

/** Blobs in parallel, then manifests with children first, then tags; up to and with the given step. */
export async function bringToStore(
  delivery: StoreDelivery,
  samples: readonly Sample[],
  upTo: 'blobs' | 'manifests' | 'tags',
): Promise<void> {
  await delivery.prepare(repositoriesOf(samples))
  await Promise.all(
    samples.map(async (sample) => {
      const missing = await delivery.missing(blobSlots(sample))
      await Promise.all(missing.map((slot) => delivery.blob(slot, sample.content, {})))
    }),
  )
  if (upTo === 'blobs') return
  for (const sample of samples) {
    for (const { slot, manifest } of manifestSlots(sample)) await delivery.manifest(slot, manifest)
  }
  if (upTo === 'manifests') return
  for (const sample of samples) {
    for (const { slot, manifest, tags } of manifestSlots(sample)) {
      if (tags.length > 0) await delivery.tag(slot, manifest, tags)
    }
  }
}

export function repositoriesOf(
  samples: readonly Sample[],
): readonly { readonly registry: string; readonly repository: string }[] {
  const all = samples.flatMap(({ planned }) => planned.destinations)
  const each = new Map(all.map(({ registry, repository }) => [`${registry}/${repository}`, { registry, repository }]))
  return [...each.values()]
}

/** The slots of the sample's blobs, in every repository that it goes to. */
export function blobSlots({ planned }: Sample): readonly Slot[] {
  return planned.destinations.flatMap(({ registry, repository }) =>
    planned.blobs.map((descriptor) => ({ registry, repository, descriptor })),
  )
}

/** The slots of the sample's manifests with the tags that each gets, in delivery order. */
export function manifestSlots({
  planned,
  tree,
}: Sample): readonly { readonly slot: Slot; readonly manifest: ManifestContent; readonly tags: readonly string[] }[] {
  return planned.destinations.flatMap((destination) =>
    tree.manifests.map((manifest) => {
      const { registry, repository } = destination
      const { descriptor } = manifest
      return { slot: { registry, repository, descriptor }, manifest, tags: tagsOf(destination, manifest, planned) }
    }),
  )
}

function tagsOf({ tag }: Reference, { descriptor }: ManifestContent, planned: Sample['planned']): readonly string[] {
  const own = descriptor.digest === planned.root.digest && tag !== undefined ? [tag] : []
  const referring = planned.referrers.filter((referrer) => referrer.descriptor.digest === descriptor.digest)
  return [...own, ...referring.flatMap((referrer) => referrer.tag ?? [])]
}

/** All slots of the sample. */
export function slotsOf(sample: Sample): readonly Slot[] {
  const slots = [...blobSlots(sample), ...manifestSlots(sample).map(({ slot }) => slot)]
  return [...new Map(slots.map((slot) => [slotKey(slot), slot])).values()]
}

/** The archive's ranges as this delivery takes them. */
export function rangesOf(delivery: BytesDelivery, size: number): readonly ByteRange[] {
  const length = delivery.unit ?? 65_536
  const starts = Array.from({ length: Math.ceil(size / length) }, (_, index) => index * length)
  return starts.map((start) => ({ start, end: Math.min(start + length, size) }))
}

/** Every second one first, from the end: an order in which nobody would write by chance. */
export function shuffled<T>(items: readonly T[]): readonly T[] {
  const backwards = items.toReversed()
  return [...backwards.filter((_, index) => index % 2 === 0), ...backwards.filter((_, index) => index % 2 === 1)]
}

/** Writes and seals ranges, all at once. */
export async function writeRanges(
  delivery: BytesDelivery,
  { bytes }: SampleArchive,
  ranges: readonly ByteRange[],
): Promise<void> {
  await Promise.all(
    ranges.map(async (range) => {
      await delivery.write(range, bytes.slice(range.start, range.end))
      await delivery.seal(range)
    }),
  )
}

async function bringBytes(delivery: BytesDelivery, archive: SampleArchive): Promise<void> {
  const sealed = (await delivery.stored()).filter((range) => range.sealed)
  const open = rangesOf(delivery, archive.bytes.byteLength).filter((range) => !covers(sealed, range))
  await writeRanges(delivery, archive, open)
}

/** Options and a context with which nothing can be delivered. */
export async function refusedBy(bench: SinkBench) {
  const { refused, context, options } = bench.world
  must(
    refused.options !== undefined || refused.context !== undefined,
    'the setup has neither options nor a context in `refused`',
  )
  const watch = watchContext(await (refused.context === undefined ? context() : refused.context()))
  return { watch, context: watch.context, options: await parseOptions(bench.sink.options, refused.options ?? options) }
}

export function storeOf({ delivery }: Opened): StoreDelivery {
  must(delivery.type === 'store', `the sink takes a store, and open gave a delivery of type "${delivery.type}"`)
  return delivery
}

export function bytesOf({ delivery }: Opened): BytesDelivery {
  must(delivery.type === 'bytes', `the sink takes bytes, and open gave a delivery of type "${delivery.type}"`)
  return delivery
}

export function storeTarget({ world: { target } }: SinkBench): StoreTarget {
  must(target.type === 'store', 'the target of the setup is not that of a store')
  return target
}

export function bytesTarget({ world: { target } }: SinkBench): BytesTarget {
  must(target.type === 'bytes', 'the target of the setup is not that of bytes')
  return target
}

export function artifactsTarget({ world: { target } }: SinkBench): ArtifactsTarget {
  must(target.type === 'artifacts', 'the target of the setup is not that of artifacts')
  return target
}
