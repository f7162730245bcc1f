import {
  slotKey,
  type Context,
  type DeliveryPlan,
  type Descriptor,
  type PlannedArtifact,
  type Reference,
  type Survey,
} from '@ropeway/core'
import { surveyRegistries } from '@ropeway/distribution'
import { isManifestType } from '@ropeway/oci'
import type { EcrApi, FoundImage } from './api.js'
import type { Refusals } from './limits.js'
import type { Registries } from './registries.js'

/** A part of a survey. */
interface Found {
  readonly names: NonNullable<Survey['names']>
  readonly present: ReadonlySet<string>
  readonly missing: ReadonlySet<string>
}

/** One artifact at one name. */
interface Place {
  readonly artifact: PlannedArtifact
  readonly destination: Reference
}

/** What the registries of a plan have of it: private ones by batches of their API, the public one as any registry is asked. */
export async function surveyEcr(
  plan: DeliveryPlan,
  registries: Registries,
  refusals: Refusals,
  context: Context,
): Promise<Found> {
  const places = plan.artifacts.flatMap((artifact) =>
    artifact.destinations.map((destination) => ({ artifact, destination })),
  )
  const found = await Promise.all(
    [...Map.groupBy(places, ({ destination }) => destination.registry)].map(async ([host, there]) => {
      const registry = registries.registry(host)
      const possible = there.filter(({ destination }) => refusals.takes(host, destination.repository))
      return registry.kind === 'private'
        ? surveyPrivate(possible, await registries.privateApi(registry))
        : surveyRegistries(planOf(plan, possible), { ...context, registry: (name) => registries.client(name) })
    }),
  )
  return joined(found)
}

function joined(found: readonly Found[]): Found {
  return {
    names: found.flatMap(({ names }) => names),
    present: new Set(found.flatMap(({ present }) => [...present])),
    missing: new Set(found.flatMap(({ missing }) => [...missing])),
  }
}

function planOf(plan: DeliveryPlan, places: readonly Place[]): DeliveryPlan {
  const destinations = Map.groupBy(places, ({ artifact }) => artifact)
  return {
    ...plan,
    artifacts: [...destinations].map(([artifact, there]) => ({
      ...artifact,
      destinations: there.map(({ destination }) => destination),
    })),
  }
}

async function surveyPrivate(places: readonly Place[], api: EcrApi): Promise<Found> {
  const repositories = Map.groupBy(places, ({ destination }) => destination.repository)
  const known = await api.repositories([...repositories.keys()])
  const found = await Promise.all(
    [...repositories].map(([repository, there]) =>
      known.has(repository) ? surveyRepository(repository, there, api) : Promise.resolve(nothingThere(there)),
    ),
  )
  return joined(found)
}

function nothingThere(places: readonly Place[]): Found {
  return { names: [], present: new Set(), missing: new Set(places.flatMap(slotKeysOf)) }
}

function slotKeysOf({ artifact, destination }: Place): string[] {
  return [...artifact.manifests, ...artifact.blobs].map((descriptor) => slotKey({ ...destination, descriptor }))
}

/**
 * Names, roots and referrers cost one request for a repository, because ECR takes no index without its parts and no image
 * without its layers: below a root that is there everything is. The parts of what is not there are asked for after it.
 */
async function surveyRepository(repository: string, places: readonly Place[], api: EcrApi): Promise<Found> {
  const heads = await api.images(repository, idsOf(places))
  const digests = new Set(heads.map(({ digest }) => digest))
  const held = new Map(places.map((place) => [place, heldBy(place, heads)]))
  const whole = places.filter(
    (place) =>
      held.get(place) === place.artifact.root.digest &&
      place.artifact.referrers.every(({ descriptor }) => digests.has(descriptor.digest)),
  )
  const rest = places.filter((place) => !whole.includes(place))
  const there = await partsThere(repository, rest, digests, api)
  const keys = Map.groupBy(rest.flatMap(slotKeysOf), (key) => there.has(key.slice(key.lastIndexOf('@') + 1)))
  return {
    names: places.flatMap((place) => {
      const digest = held.get(place)
      return digest === undefined ? [] : [{ id: place.artifact.id, destination: place.destination, digest }]
    }),
    present: new Set([...whole.flatMap(slotKeysOf), ...(keys.get(true) ?? [])]),
    missing: new Set(keys.get(false)),
  }
}

function idsOf(places: readonly Place[]): { imageTag?: string; imageDigest?: string }[] {
  const tags = new Set(places.flatMap(({ destination: { tag } }) => tag ?? []))
  const untagged = places.filter(({ destination: { tag } }) => tag === undefined)
  const digests = new Set([
    ...untagged.map(({ artifact }) => artifact.root.digest),
    ...places.flatMap(({ artifact }) => artifact.referrers.map(({ descriptor }) => descriptor.digest)),
  ])
  return [...[...tags].map((imageTag) => ({ imageTag })), ...[...digests].map((imageDigest) => ({ imageDigest }))]
}

function heldBy({ artifact, destination: { tag } }: Place, heads: readonly FoundImage[]): string | undefined {
  const head = heads.find((image) => (tag === undefined ? image.digest === artifact.root.digest : image.tag === tag))
  return head?.digest
}

async function partsThere(
  repository: string,
  places: readonly Place[],
  known: ReadonlySet<string>,
  api: EcrApi,
): Promise<ReadonlySet<string>> {
  const parts = new Map<string, Descriptor>(
    places.flatMap(({ artifact }) => [...artifact.manifests, ...artifact.blobs]).map((part) => [part.digest, part]),
  )
  const unknown = [...parts.values()].filter(({ digest }) => !known.has(digest))
  return new Set([...known, ...(await contentThere(repository, unknown, api))])
}

/** Of these manifests and blobs the digests of those that the repository has, by hundreds. */
export async function contentThere(
  repository: string,
  wanted: readonly Descriptor[],
  api: EcrApi,
): Promise<ReadonlySet<string>> {
  const [manifests = [], blobs = []] = [true, false].map((manifest) =>
    wanted.filter(({ mediaType }) => isManifestType(mediaType) === manifest).map(({ digest }) => digest),
  )
  const [images, layers] = await Promise.all([
    api.images(
      repository,
      manifests.map((imageDigest) => ({ imageDigest })),
    ),
    api.layers(repository, blobs),
  ])
  return new Set([...images.map(({ digest }) => digest), ...layers])
}
