import type { Content, Context, Descriptor, LockedArtifact, Platform, Referrer } from '@ropeway/core'
import {
  readSmall,
  formatPlatform,
  isIndex,
  selectPlatforms,
  walkGraph,
  withMade,
  type Graph,
  type Selection,
} from '@ropeway/oci'
import { relocationType } from '../prove/record.js'
import type { Closure } from './resolved.js'

interface Subject {
  readonly about: string
  readonly root: Descriptor
  readonly content: Content
}

/** Referrers of referrers are followed this deep. */
const deepestReferrer = 4

/**
 * Finds everything below a root: selects platforms, walks manifests, and follows what refers to them (signatures, SBOMs,
 * attestations). With `knownReferrers` (from a lock) nothing is asked: exactly those travel.
 */
export async function closureOf(
  subject: Subject,
  platforms: readonly Platform[],
  context: Context,
  knownReferrers?: readonly Referrer[],
): Promise<Closure> {
  const { about, root: published, content: source } = subject
  const read = (content: Content) => (descriptor: Descriptor) => readSmall(content, descriptor, context)
  const selection = await selectPlatforms(published, platforms, read(source), { about })
  const content = withMade(source, new Map(selection.made.map(({ descriptor, bytes }) => [descriptor.digest, bytes])))
  const graph = await walkGraph(selection.root, read(content), { about })
  const referrers = knownReferrers ?? (await followReferrers(content, subjectsOf(graph), context))
  const trees = await Promise.all(referrers.map(({ descriptor }) => walkGraph(descriptor, read(content), { about })))
  return {
    published,
    root: selection.root,
    content,
    manifests: unique([graph, ...trees].flatMap(({ manifests }) => manifests)),
    blobs: unique([graph, ...trees].flatMap(({ blobs }) => blobs)),
    manifestBytes: new Map([graph, ...trees].flatMap(({ bytes }) => [...bytes])),
    referrers,
    made: selection.made,
    digestMap: selection.digestMap,
    platforms: platforms.length === 0 ? undefined : platforms.map(formatPlatform),
    signatures: await signaturesOf(source, published, selection, referrers, context),
  }
}

/** Manifests that may be signed: all but attestations, which nobody signs on their own. */
function subjectsOf(graph: Graph): Descriptor[] {
  return graph.manifests.filter(({ platform }) => platform?.os !== 'unknown')
}

async function followReferrers(
  content: Content,
  subjects: readonly Descriptor[],
  context: Context,
): Promise<Referrer[]> {
  const ask = content.referrers?.bind(content)
  if (ask === undefined) return []
  const found = new Map<string, Referrer>()
  const seen = new Set(subjects.map(({ digest }) => digest))
  let level = [...subjects]
  for (let depth = 0; level.length > 0 && depth < deepestReferrer; depth++) {
    const answers = await Promise.all(level.map((subject) => ask(subject, { signal: context.signal })))
    level = []
    for (const referrer of answers.flat()) {
      // It speaks of the destinations of another run.
      if (referrer.descriptor.artifactType === relocationType) continue
      found.set(`${referrer.subject} ${referrer.descriptor.digest} ${referrer.tag ?? ''}`, referrer)
      if (seen.has(referrer.descriptor.digest)) continue
      seen.add(referrer.descriptor.digest)
      level.push(referrer.descriptor)
    }
  }
  // Sorted, because registries list referrers in any order and two equal resolves must give one lock.
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? [])
}

async function signaturesOf(
  content: Content,
  published: Descriptor,
  selection: Selection,
  referrers: readonly Referrer[],
  context: Context,
): Promise<LockedArtifact['signatures']> {
  if (content.referrers === undefined) return 'none'
  if (selection.root.digest !== published.digest && isIndex(published.mediaType)) {
    // What signs the published index says nothing of the one that is delivered.
    const lost = await content.referrers(published, { signal: context.signal })
    if (lost.length > 0) return 'invalidated'
  }
  return referrers.length > 0 ? 'carried' : 'none'
}

function unique(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()]
}
