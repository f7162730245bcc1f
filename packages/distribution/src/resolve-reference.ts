import {
  messageOf,
  toRopewayError,
  withPlace,
  type Artifact,
  type ArtifactKind,
  type Content,
  type Context,
  type Descriptor,
  type Failure,
  type LockedArtifact,
  type Reference,
} from '@ropeway/core'
import {
  collect,
  formatReference,
  isImageConfig,
  manifestLimit,
  mediaTypes,
  parseManifest,
  parseReference,
  tagOrDigest,
  withDefaultTag,
  type ParsedManifest,
} from '@ropeway/oci'
import { tagMoved } from './errors.js'
import { mapOrdered } from './map-ordered.js'
import { registryContent, type RegistryContentOptions } from './registry-content.js'

export interface ResolveReferenceOptions extends RegistryContentOptions {
  /** Places in the user's files that asked for it: `images.txt:3`. */
  readonly requiredBy?: readonly string[] | undefined
}

/** One of many references to resolve. */
export interface ReferenceRequest {
  /** As the user wrote it, or parsed. */
  readonly reference: string | Reference
  /** Place in the user's files that asks for it. */
  readonly requiredBy?: string | undefined
}

/** What resolving needs of a run. */
export type ResolveContext = Pick<Context, 'registry' | 'cache' | 'signal'>

export interface ResolveReferencesOptions extends RegistryContentOptions {
  /** What they are; left out: found out from each manifest. */
  readonly kind?: ArtifactKind | undefined
}

/** Requests under way at once; what one host is asked at once is limited by its registry client. */
const concurrency = 16

/**
 * Pins a reference: asks its registry for the digest behind it and reads its root manifest, nothing else. A tag that is
 * not written is `latest`; of tag and digest the digest decides and the tag stays as a name. Throws what the registry
 * client throws (`SOURCE_NOT_FOUND` with near tags), and `MANIFEST_INVALID` and its like for what is no manifest.
 */
export async function resolveReference(
  reference: Reference,
  context: ResolveContext,
  options: ResolveReferenceOptions = {},
): Promise<Artifact> {
  const named = withDefaultTag(reference)
  const name = formatReference(named)
  const content = registryContent(named, context, options)
  const found = await findRoot(named, context)
  const bytes = await collect(content.open(found), manifestLimit, { side: 'source', about: name })
  const manifest = parseManifest(bytes, found.mediaType, { side: 'source', about: name })
  return {
    kind: kindOf(manifest),
    name,
    source: { reference: named, location: name },
    root: { mediaType: manifest.mediaType, digest: found.digest, size: found.size },
    content,
    naming: { path: named.repository, tags: named.tag === undefined ? [] : [named.tag] },
    requiredBy: options.requiredBy,
  }
}

/**
 * Resolves many references at once and yields them in the order in which they were first asked for. Equal references are
 * one artifact, required by all that asked; what cannot be resolved is a `Failure` in its place. Warns (`TAG_MOVED`) of a
 * tag that names something else than the digest beside it.
 */
export async function* resolveReferences(
  requests: Iterable<ReferenceRequest>,
  context: ResolveContext & Pick<Context, 'log'>,
  options: ResolveReferencesOptions = {},
): AsyncGenerator<Artifact | Failure> {
  const results = mapOrdered(merged(requests), concurrency, async (request): Promise<Artifact | Failure> => {
    if ('error' in request) return request
    const { reference, requiredBy } = request
    try {
      const artifact = await resolveReference(reference, context, { referrers: options.referrers, requiredBy })
      await warnOfMovedTag(artifact, context)
      return namedAs(artifact, options.kind ?? artifact.kind)
    } catch (error) {
      const about = formatReference(reference)
      return { about, error: withPlace(toRopewayError(error), { at: requiredBy[0], operation: 'resolving', about }) }
    }
  })
  for await (const result of results) {
    context.signal.throwIfAborted()
    yield result
  }
}

/** A chart is called by its name and version, as Helm does; everything else by its reference. */
function namedAs(artifact: Artifact, kind: ArtifactKind): Artifact {
  if (kind !== 'chart') return { ...artifact, kind }
  const { path, tags } = artifact.naming
  const name = path.slice(path.lastIndexOf('/') + 1)
  return { ...artifact, kind, name, version: tags[0]?.replaceAll('_', '+'), naming: { path: name, tags } }
}

/** Of tag and digest the digest decides; that the tag names something else by now is worth a word, never an error. */
async function warnOfMovedTag(
  { source, root }: Artifact,
  context: ResolveContext & Pick<Context, 'log'>,
): Promise<void> {
  const { reference } = source
  if (reference?.tag === undefined || reference.digest === undefined) return
  const about = formatReference(reference)
  try {
    const client = context.registry(reference.registry, 'source')
    const now = await client.find(reference.repository, reference.tag, { signal: context.signal })
    if (now?.digest !== root.digest) context.log.warn(tagMoved(reference.tag, now?.digest, about))
  } catch (error) {
    context.log.debug(`${about}: what the tag holds now is not known: ${messageOf(error)}`)
  }
}

/** The content of what `resolveReference` made and a lock remembers, without asking the registry for anything. */
export function reopenReference(
  locked: Pick<LockedArtifact, 'source' | 'name'>,
  context: ResolveContext,
  options: RegistryContentOptions = {},
): Content {
  return registryContent(parseReference(locked.source.reference ?? locked.name), context, options)
}

/** What kind of artifact a root manifest is: an image has an image's config, a chart Helm's; an index is an image's. */
export function kindOf(manifest: ParsedManifest): ArtifactKind {
  if (manifest.type === 'index') return manifest.artifactType === undefined ? 'image' : 'artifact'
  if (manifest.type === 'artifact') return 'artifact'
  if (manifest.config.mediaType === mediaTypes.helmConfig) return 'chart'
  return manifest.artifactType === undefined && isImageConfig(manifest.config.mediaType) ? 'image' : 'artifact'
}

async function findRoot(reference: Reference, context: ResolveContext): Promise<Descriptor> {
  const { signal } = context
  const client = context.registry(reference.registry, 'source')
  const wanted = tagOrDigest(reference)
  const found = await client.find(reference.repository, wanted, { signal })
  if (found !== undefined) return found
  // says that it does not exist, with the tags that are near; some registries do not answer HEAD
  return (await client.manifest(reference.repository, wanted, { signal })).descriptor
}

interface MergedRequest {
  readonly reference: Reference
  readonly requiredBy: readonly string[]
}

function merged(requests: Iterable<ReferenceRequest>): readonly (MergedRequest | Failure)[] {
  const known = new Map<string, string[]>()
  const order: (MergedRequest | Failure)[] = []
  for (const { reference, requiredBy } of requests) {
    try {
      const named = withDefaultTag(typeof reference === 'string' ? parseReference(reference) : reference)
      const key = formatReference(named)
      const places = known.get(key) ?? []
      if (!known.has(key)) order.push({ reference: named, requiredBy: places })
      if (requiredBy !== undefined && !places.includes(requiredBy)) places.push(requiredBy)
      known.set(key, places)
    } catch (error) {
      const about = typeof reference === 'string' ? reference : formatReference(reference)
      order.push({ about, error: withPlace(toRopewayError(error), { at: requiredBy }) })
    }
  }
  return order
}
