import { didYouMean, isRopewayError, type Artifact, type Finding, type Reference } from '@ropeway/core'
import { formatReference, parseReference } from '@ropeway/oci'
import { mapUnused } from './errors.js'

/** What the user's map says of artifacts. */
export interface Mapping {
  /** The value of the most exact key that names the artifact. */
  valueFor(artifact: Artifact): string | undefined
  /** A warning for every key that named nothing. */
  unused(artifacts: readonly Artifact[]): Finding[]
}

/** Looks artifacts up in a map by everything that users call them: id, reference, name. */
export function createMapping(map: Readonly<Record<string, string>>): Mapping {
  const used = new Set<string>()
  const keys = new Map<string, string>()
  for (const key of Object.keys(map)) {
    const written = canonical(key)
    if (written !== undefined) keys.set(written, key)
  }
  for (const key of Object.keys(map)) keys.set(key, key)
  return {
    valueFor(artifact) {
      for (const called of namesOf(artifact)) {
        const key = keys.get(called)
        if (key === undefined) continue
        used.add(key)
        return map[key]
      }
      return undefined
    },
    unused(artifacts) {
      const known = artifacts.flatMap((artifact) => [artifact.name, ...referencesOf(artifact.source.reference)])
      return Object.keys(map)
        .filter((key) => !used.has(key))
        .map((key) => mapUnused(key, didYouMean(key, known)))
    },
  }
}

function canonical(key: string): string | undefined {
  try {
    return formatReference(parseReference(key))
  } catch (error) {
    if (isRopewayError(error)) return undefined
    throw error
  }
}

/** All that an artifact can be called in a map, the most exact first. */
function namesOf({ kind, name, version, source }: Artifact): string[] {
  const versions = version === undefined ? [] : [`${kind}:${name}:${version}`]
  const named = version === undefined ? [] : [`${name}:${version}`]
  return [...versions, ...named, ...referencesOf(source.reference), `${kind}:${name}`, name]
}

function referencesOf(reference: Reference | undefined): string[] {
  if (reference === undefined) return []
  const { registry, repository, tag, digest } = reference
  const forms: Reference[] = [{ registry, repository, tag, digest }]
  if (tag !== undefined) forms.push({ registry, repository, tag })
  if (digest !== undefined) forms.push({ registry, repository, digest })
  return [...forms, { registry, repository }].map(formatReference)
}
