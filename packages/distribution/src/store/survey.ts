import {
  isRopewayError,
  slotKey,
  type Context,
  type DeliveryPlan,
  type Descriptor,
  type PlannedArtifact,
  type Reference,
  type Survey,
} from '@ropeway/core'

/**
 * Content smaller than this is sent again rather than asked for, where nothing is known of a repository: asking costs as
 * much as sending it.
 */
const cheapToSend = 1024 * 1024

interface Place {
  readonly artifact: PlannedArtifact
  readonly destination: Reference
  /** Digest of what the name holds now. */
  readonly held: string | undefined
}

/** What registries have of a plan: what each name holds, and which content each repository has. Asks all at once. */
export async function surveyRegistries(
  plan: DeliveryPlan,
  context: Pick<Context, 'registry' | 'signal'>,
): Promise<{ readonly [Part in 'names' | 'present' | 'missing']: NonNullable<Survey[Part]> }> {
  const places = await Promise.all(
    plan.artifacts.flatMap((artifact) =>
      artifact.destinations.map((destination) => look(artifact, destination, context)),
    ),
  )
  const present = new Set<string>()
  const missing = new Set<string>()
  const note = (place: Place, descriptor: Descriptor, there: boolean): void =>
    void (there ? present : missing).add(slotKey({ ...place.destination, descriptor }))
  await Promise.all([
    ...places.filter(isThere).map((place) => surveyReferrers(place, context, note)),
    ...byRepository(places.filter((place) => !isThere(place))).map((group) => surveyRepository(group, context, note)),
  ])
  const names = places.flatMap(({ artifact: { id }, destination, held: digest }) =>
    digest === undefined ? [] : [{ id, destination, digest }],
  )
  return { names, present, missing }
}

type Note = (place: Place, descriptor: Descriptor, there: boolean) => void

async function look(
  artifact: PlannedArtifact,
  destination: Reference,
  context: Pick<Context, 'registry' | 'signal'>,
): Promise<Place> {
  const { registry, repository, tag } = destination
  const found = await context
    .registry(registry, 'sink')
    .find(repository, tag ?? artifact.root.digest, { signal: context.signal })
  return { artifact, destination, held: found?.digest }
}

function isThere({ artifact, held }: Place): boolean {
  return held === artifact.root.digest
}

/** A registry holds all that is below a root that it has; what refers to it may have come into being since. */
async function surveyReferrers(place: Place, context: Pick<Context, 'registry' | 'signal'>, note: Note): Promise<void> {
  const { manifests, blobs, referrers } = place.artifact
  const there = await Promise.all(referrers.map(({ descriptor }) => has(place, descriptor, context)))
  if (there.every(Boolean)) for (const descriptor of [...manifests, ...blobs]) note(place, descriptor, true)
  else referrers.forEach(({ descriptor }, index) => note(place, descriptor, there[index] === true))
}

async function surveyRepository(
  places: readonly Place[],
  context: Pick<Context, 'registry' | 'signal'>,
  note: Note,
): Promise<void> {
  const slots = new Map(
    places.flatMap((place) =>
      [...place.artifact.blobs, ...place.artifact.manifests].map((descriptor) => [
        descriptor.digest,
        { place, descriptor },
      ]),
    ),
  )
  const known = places.some(({ held }) => held !== undefined) || (await exists(places[0], context))
  await Promise.all(
    [...slots.values()].map(async ({ place, descriptor }) => {
      if (known) note(place, descriptor, await has(place, descriptor, context))
      else if (descriptor.size < cheapToSend) note(place, descriptor, false)
      // larger content stays unknown: an upload that was interrupted before the first tag leaves no trace but itself
    }),
  )
}

async function exists(place: Place | undefined, context: Pick<Context, 'registry' | 'signal'>): Promise<boolean> {
  if (place === undefined) return false
  const { registry, repository } = place.destination
  try {
    for await (const _ of context.registry(registry, 'sink').tags(repository, { signal: context.signal })) break
    return true
  } catch (error) {
    if (isRopewayError(error) && error.code === 'SINK_NOT_FOUND') return false
    throw error
  }
}

function has(
  { destination }: Place,
  descriptor: Descriptor,
  context: Pick<Context, 'registry' | 'signal'>,
): Promise<boolean> {
  return context
    .registry(destination.registry, 'sink')
    .has(destination.repository, descriptor, { signal: context.signal })
}

function byRepository(places: readonly Place[]): readonly (readonly Place[])[] {
  return [...Map.groupBy(places, ({ destination }) => `${destination.registry}/${destination.repository}`).values()]
}
