import type { Objection } from '@ropeway/images'
import { formatReference, parseReference, withDefaultTag } from '@ropeway/oci'
import * as errors from '../errors.js'

/** Where the names of images go. */
export interface Destinations {
  /** The destination of a reference; undefined for what is none. */
  of(reference: string): string | undefined
  /** The address below which charts go. */
  readonly registry: string
}

/**
 * `HOST[/prefix]/<path>:<tag>@<digest>`, as `rewrite` names images; a tag that is not written stays so, since names alone do not tell what it
 * stands for. Throws `FLAG_INVALID` for a registry that is none.
 */
export function destinationsAt(registry: string, command: string): Destinations {
  const base = registry.replace(/^oci:\/\//, '').replace(/\/+$/, '')
  const parsed = tryParse(`${base}/x`)
  const [host = ''] = base.split('/', 1)
  if (parsed === undefined || !/[.:]|^localhost$/.test(host)) {
    throw errors.flagInvalid(
      command,
      `--registry ${registry}: HOST[/prefix] is expected, such as harbor.example/mirror`,
    )
  }
  const prefix = base.slice(host.length + 1)
  return {
    registry: base,
    of(reference) {
      const read = tryParse(reference)
      if (read === undefined) return undefined
      const inside = prefix === '' || read.repository === prefix || read.repository.startsWith(`${prefix}/`)
      const repository = inside ? read.repository : `${prefix}/${read.repository}`
      return formatReference({ ...read, registry: host, repository })
    },
  }
}

/** References that share a destination although they name different images. */
export interface Collision {
  readonly destination: string
  /** In all the ways in which they are written. */
  readonly references: readonly string[]
  /** With registry and tag, each once. */
  readonly images: readonly string[]
}

/** The references that share destinations: by their names alone nobody can tell whether these are equal. */
export function collisionsAt(
  destinations: Pick<Destinations, 'of'>,
  references: Iterable<string>,
): readonly Collision[] {
  const byPlace = Map.groupBy(references, (reference) => {
    const to = destinations.of(reference)
    return to === undefined ? '' : imageOf(to)
  })
  byPlace.delete('')
  return [...byPlace]
    .map(([destination, own]) => ({ destination, references: own, images: [...new Set(own.map(imageOf))] }))
    .filter(({ images }) => images.length > 1)
}

/** What speaks against a reference that collides with others. */
export function objectionTo(reference: string, collisions: readonly Collision[]): Objection | undefined {
  const collision = collisions.find(({ references }) => references.includes(reference))
  if (collision === undefined) return undefined
  const own = imageOf(reference)
  const others = collision.images.filter((image) => image !== own).join(' and ')
  return {
    reason: `${own} and ${others} would both be ${collision.destination}, and names do not tell whether they are equal`,
    hint: 'make sure that they are the same image, then --allow-unproved; in a chain, rewrite gives one of them another name (map, keepRegistry)',
  }
}

/** Registry, repository, and tag or digest, however it is written. */
function imageOf(reference: string): string {
  return formatReference(withDefaultTag(parseReference(reference)))
}

function tryParse(text: string) {
  try {
    return parseReference(text)
  } catch {
    return undefined
  }
}
