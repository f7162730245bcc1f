import type { Artifact, Finding } from '@ropeway/core'

/**
 * Two different contents would be delivered under one name, so one of them would be lost. Both are named: map one of them
 * to another name, keep the source's registry in the name (`keepRegistry`), or carry only one.
 */
export function destinationCollision(destination: string, first: Artifact, second: Artifact): Finding {
  return {
    severity: 'error',
    code: 'DESTINATION_COLLISION',
    message: `${called(first)} and ${called(second)} are different contents, and both would be ${destination}`,
    about: destination,
    hint: `give one of them another name, such as map: { "${second.name}": "another/name" }, or set keepRegistry: true`,
  }
}

/**
 * The name that an artifact would get is not one that registries accept: repositories are lower-case letters and digits with
 * single separators, 255 characters at most, and tags 128. Map the artifact to a valid name.
 */
export function destinationInvalid(destination: string, about: string, reason: string): Finding {
  return {
    severity: 'error',
    code: 'DESTINATION_INVALID',
    message: `${about} cannot be delivered as ${destination}: ${reason}`,
    about,
    hint: `give it a name that a registry takes: map: { "${about}": "repository:tag" }`,
  }
}

/**
 * A key of `map` is the name of nothing that travels, mostly because it is misspelt or because its tag changed. Correct it
 * or take it out.
 */
export function mapUnused(key: string, near: string | undefined): Finding {
  return {
    severity: 'warning',
    code: 'MAP_UNUSED',
    message: `map names "${key}", and nothing that travels is called so`,
    about: key,
    hint: near ?? 'write the reference as in the source, a name, or an id as `ropeway plan` shows it',
  }
}

/** An artifact in words that tell it from another one of the same name. */
function called({ kind, name, version, source }: Artifact): string {
  const versioned = version === undefined || name.endsWith(`:${version}`) ? name : `${name}:${version}`
  return versioned === source.location ? versioned : `${kind} ${versioned} (${source.location})`
}
