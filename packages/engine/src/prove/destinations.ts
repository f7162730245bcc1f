import type { Discovered, FoundImage, Reference } from '@ropeway/core'
import { dockerHub, formatReference, parseReference, withDefaultTag } from '@ropeway/oci'
import { destinationsOf } from '../resolve/names.js'
import type { ResolvedArtifact } from '../resolve/resolved.js'

/** Where the references of one chart or manifests lead by one naming. */
export interface Destinations {
  /** The new text of a reference; `undefined` when its image is not carried. */
  of(reference: string): string | undefined
  excluded(reference: string): boolean
  /** Whether any reference changes. */
  readonly moves: boolean
  /** Used images that are neither carried nor excluded. */
  readonly missing: readonly string[]
  /** All of it as plain data: equal ones need no second relocation. */
  readonly table: readonly (readonly [reference: string, text: string | null, excluded: boolean])[]
}

/** Looks artifacts up by id, and by what they are called at their source: a bundle may give other ids than its chain. */
export function artifactIndex(
  artifacts: readonly ResolvedArtifact[],
): (image: FoundImage) => ResolvedArtifact | undefined {
  const byName = new Map<string, ResolvedArtifact>()
  for (const resolved of artifacts) {
    const { reference } = resolved.artifact.source
    if (reference !== undefined) byName.set(formatReference(withDefaultTag(reference)), resolved)
  }
  const byId = new Map(artifacts.map((resolved) => [resolved.locked.id, resolved]))
  return ({ artifact, reference }) => {
    if (artifact === undefined) return undefined
    return byId.get(artifact) ?? byName.get(formatReference(withDefaultTag(parseReference(reference))))
  }
}

export function destinationsFor(
  { images }: Discovered,
  lookUp: ReturnType<typeof artifactIndex>,
  near: Reference | undefined,
): Destinations {
  const found = new Map(images.map((image) => [image.reference, image]))
  const texts = new Map<string, string>()
  for (const image of images) {
    const resolved = image.excluded === true ? undefined : lookUp(image)
    const text = resolved === undefined ? undefined : textAt(image.reference, resolved, near)
    if (text !== undefined) texts.set(image.reference, text)
  }
  const excluded = (reference: string) => found.get(reference)?.excluded === true
  return {
    of: (reference) => texts.get(reference),
    excluded,
    moves: [...texts].some(([before, after]) => before !== after),
    missing: images
      .filter(({ reference, class: own }) => own === 'used' && !excluded(reference) && !texts.has(reference))
      .map(({ reference }) => reference),
    table: images.map(({ reference }) => [reference, texts.get(reference) ?? null, excluded(reference)] as const),
  }
}

/** A reference as it is to be written: with tag and digest where they were written before. */
function textAt(written: string, resolved: ResolvedArtifact, near: Reference | undefined): string | undefined {
  const { alias } = resolved.artifact
  const destinations = destinationsOf(resolved.artifact)
  const named = destinations.find(({ registry }) => registry === near?.registry) ?? destinations[0]
  const target = alias === undefined ? named : parseReference(alias)
  if (target === undefined) return undefined
  const before = parseReference(written)
  const same = before.registry === target.registry && before.repository === target.repository
  const tagged = before.tag !== undefined || (before.digest === undefined && target.tag !== 'latest')
  const tag = tagged ? target.tag : undefined
  const pinned = before.digest !== undefined || target.tag === undefined
  const digest = pinned ? resolved.locked.root.digest : undefined
  if (alias === undefined && same && tag === before.tag && digest === before.digest) return written
  const text = formatReference({ registry: target.registry, repository: target.repository, tag, digest })
  return alias !== undefined && target.registry === dockerHub ? text.slice(dockerHub.length + 1) : text
}
