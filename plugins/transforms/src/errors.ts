import { messageOf, RopewayError, type Artifact, type Finding } from '@ropeway/core'

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
    concerns: [first, second],
  }
}

/**
 * The name that an artifact would get is not one that registries accept: repositories are lower-case letters and digits with
 * single separators, 255 characters at most, and tags 128. Map the artifact to a valid name.
 */
export function destinationInvalid(destination: string, artifact: Artifact, reason: string): Finding {
  const about = artifact.name
  return {
    severity: 'error',
    code: 'DESTINATION_INVALID',
    message: `${about} cannot be delivered as ${destination}: ${reason}`,
    about,
    hint: `give it a name that a registry takes: map: { "${about}": "repository:tag" }`,
    concerns: [artifact],
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

/**
 * A chart or manifests cannot be changed as the overlay says: a value or a JSON pointer leads nowhere, a test fails, or a file is no
 * YAML. They travel as they are only when the overlay is mended or taken out.
 */
export function overlayFailed(artifact: string, cause: Error): Finding {
  return {
    severity: 'error',
    code: 'OVERLAY_FAILED',
    message: `${artifact} cannot be changed: ${cause.message}`,
    about: artifact,
    hint: 'correct the path in the overlay; it says where in the file the change belongs',
  }
}

/** A patch names a file that the chart or the manifests do not have. Correct its path: it is relative to the chart's folder. */
export function overlayFileMissing(artifact: string, file: string, near: string | undefined): Finding {
  return {
    severity: 'error',
    code: 'OVERLAY_FILE_MISSING',
    message: `${artifact} has no file ${file}`,
    about: artifact,
    hint: near ?? 'name a file by its path in the chart, such as values.yaml',
  }
}

/** A values file of an overlay cannot be read, or holds no map of values. Its path is relative to the chain file. */
export function overlayFileUnreadable(path: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'OVERLAY_FILE_UNREADABLE',
    side: 'transform',
    operation: 'reading values of an overlay',
    message: `the values file ${path} cannot be used: ${messageOf(cause)}`,
    about: path,
    hint: 'a values file is a YAML map; its path is relative to the chain file',
    cause,
  })
}

/** An overlay names a chart or manifests that no source brings, mostly because the name is misspelt. Correct it or take it out. */
export function overlayUnused(kind: string, name: string, near: string | undefined): Finding {
  return {
    severity: 'error',
    code: 'OVERLAY_UNUSED',
    message: `the overlay is for ${kind === 'chart' ? 'the chart' : 'the manifests'} "${name}", and no source brings ${kind === 'chart' ? 'it' : 'them'}`,
    about: name,
    hint: near ?? 'write the name as `ropeway plan` shows it, or a glob',
  }
}

/** An artifact in words that tell it from another one of the same name. */
function called({ kind, name, version, source }: Artifact): string {
  const versioned = version === undefined || name.endsWith(`:${version}`) ? name : `${name}:${version}`
  return versioned === source.location ? versioned : `${kind} ${versioned} (${source.location})`
}
