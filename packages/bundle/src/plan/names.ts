import type { LockedArtifact } from '@ropeway/core'
import { formatReference, parseReference, withDefaultTag } from '@ropeway/oci'
import { compareText } from '../format.js'

/**
 * The names under which loaders find an artifact: one for the tag and one for the digest of each destination, because none
 * of them knows a name that has both.
 */
export function loaderNames(artifact: LockedArtifact): string[] {
  const names = artifact.destinations.flatMap((destination) => {
    const { registry, repository, tag, digest } = withDefaultTag(parseReference(destination))
    return [
      ...(tag === undefined ? [] : [formatReference({ registry, repository, tag })]),
      ...(digest === undefined ? [] : [formatReference({ registry, repository, digest })]),
    ]
  })
  return [...new Set(names)].sort(compareText)
}

/** The names with a tag, which are the only ones that docker loads. */
export function tagNames(artifact: LockedArtifact): string[] {
  return loaderNames(artifact).filter((name) => !name.includes('@'))
}
