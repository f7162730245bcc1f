import { RopewayError } from '@ropeway/core'

/**
 * A lock names content that the bundle at this path no longer holds: the file is another bundle by now. Bring back the one
 * that was locked, or lock anew.
 */
export function bundleArtifactMissing(path: string, id: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_ARTIFACT_MISSING',
    side: 'source',
    message: `${path} does not hold ${digest}, the root of ${id}`,
    operation: 'opening',
    about: id,
    hint: 'the file is another bundle than the one that was locked: bring that one back, or lock anew',
  })
}

/** The tarball sink was asked for a delivery without a computed archive. This is a fault of the program that runs the chain. */
export function tarballWithoutArchive(path: string): RopewayError {
  return new RopewayError({
    code: 'TARBALL_WITHOUT_ARCHIVE',
    side: 'internal',
    message: `${path} cannot be written: the plan holds no archive`,
    operation: 'planning',
    about: path,
    hint: 'this is a fault of the program that runs the chain: a sink that takes bytes needs the archive in its plan',
  })
}
