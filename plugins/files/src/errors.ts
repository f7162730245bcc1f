import { RopewayError } from '@ropeway/core'

const listed = (items: readonly string[]): string =>
  items.length <= 10 ? items.join(', ') : `${items.slice(0, 10).join(', ')} and ${items.length - 10} more`

/**
 * An archive that a lock names no longer holds the image that was locked: it was built anew since. Lock again to carry what
 * it holds now, or bring the old archive back.
 */
export function archiveImageMissing(archive: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'ARCHIVE_IMAGE_MISSING',
    side: 'source',
    operation: 'opening an archive as locked',
    message: `${archive} no longer holds ${digest}`,
    about: archive,
    hint: 'it was built anew since the lock was written: lock again, or bring the old archive back',
  })
}

/**
 * An archive holds an image without a name, or with a tag alone, so that there is no destination for it. Name it in the
 * chain: `{ path: …, name: registry.example/app/web:1.2.3 }`, or `names` by digest when the archive holds several. For tags
 * alone a `name` without a tag is enough.
 */
export function archiveImageUnnamed(archive: string, digest: string, tags: readonly string[]): RopewayError {
  const lacking = tags.length === 0 ? 'has no name there' : `has no name there but the tag ${listed(tags)}`
  const name = tags.length === 0 ? 'registry.example/app/web:1.2.3' : 'registry.example/app/web'
  return new RopewayError({
    code: 'ARCHIVE_IMAGE_UNNAMED',
    side: 'source',
    operation: 'reading an archive',
    message: `${archive} holds an image that ${lacking}: ${digest}`,
    about: archive,
    hint:
      `name it: archives: [{ path: "${archive}", name: ${name} }]\n` +
      `or, when the archive holds several: names: { "${digest}": ${name} }`,
  })
}

/**
 * A file is not what it was when it was locked: its size or its content changed. Lock again to carry what it is now, or bring
 * the old file back. Also seen when a file changes while it is read.
 */
export function fileChanged(file: string, what: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'FILE_CHANGED',
    side: 'source',
    operation: 'reading',
    message: `${file} changed since it was locked: ${what}`,
    about: file,
    hint: 'lock again to carry it as it is now, or bring the old file back',
    cause,
  })
}

/**
 * A file does not have the `sha256` that the chain says. Either it was replaced or damaged at its origin, or the checksum in
 * the chain belongs to another version.
 */
export function fileChecksumMismatch(file: string, expected: string, actual: string): RopewayError {
  return new RopewayError({
    code: 'FILE_CHECKSUM_MISMATCH',
    side: 'source',
    operation: 'verifying',
    message: `${file} has ${actual}, not ${expected} as the chain says`,
    about: file,
    hint: 'compare with what its publisher says; correct "sha256" when the file is the right one',
  })
}

/**
 * Content was asked for that the artifact does not have. A lock that was edited by hand, or written by another version of
 * Ropeway, can cause it: lock again.
 */
export function fileContentUnknown(artifact: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'FILE_CONTENT_UNKNOWN',
    side: 'source',
    operation: 'reading',
    message: `${artifact} has no content ${digest}`,
    about: artifact,
    hint: 'lock again',
  })
}

/**
 * A folder, or what a glob found, holds symbolic links or things that are no files (sockets, pipes, devices). They are refused,
 * because a link may lead anywhere. Name the file that the link leads to, or take it out of the folder.
 */
export function fileLinkRefused(folder: string, entries: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'FILE_LINK_REFUSED',
    side: 'source',
    operation: 'reading a folder',
    message: `${folder} holds links or other things that are no files: ${listed(entries)}`,
    about: folder,
    hint: 'take them out of it; a link that you name yourself, without a glob, is followed',
  })
}

/**
 * A lock does not say where the content of an artifact is, in the way that this version writes it: it was edited, or written by
 * another version of Ropeway. Lock again.
 */
export function locatorInvalid(artifact: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'FILE_LOCATOR_INVALID',
    side: 'source',
    operation: 'opening as locked',
    message: `the lock does not say where the content of ${artifact} is`,
    about: artifact,
    hint: 'lock again',
    cause,
  })
}

/**
 * A folder holds names that cannot be carried to every system: control characters, backslashes, or names that are not UTF-8.
 * Rename them.
 */
export function fileNameRefused(folder: string, names: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'FILE_NAME_REFUSED',
    side: 'source',
    operation: 'reading a folder',
    message: `${folder} holds names that cannot be carried: ${listed(names.map((name) => JSON.stringify(name)))}`,
    about: folder,
    hint: 'rename them: no control characters, no backslashes, UTF-8',
  })
}

/**
 * Two files would get the same name at the destination, because the last parts of their paths are equal (or become equal in
 * lower case). Give one of them another `name`, or name the folder that holds both: then it travels as one artifact.
 */
export function fileNameTaken(path: string, first: string, second: string): RopewayError {
  return new RopewayError({
    code: 'FILE_NAME_TAKEN',
    side: 'source',
    operation: 'naming',
    message: `${first} and ${second} would both be called ${path}`,
    about: second,
    hint: `give one another name: { path: ${second}, name: … }, or name the folder that holds both`,
  })
}

/**
 * An image list or a manifest file is larger than 64 MiB, or a folder holds more files than fit into one artifact (its manifest
 * may have 4 MiB, about 15,000 files). Lists and manifests are read into memory; split them. Pack large folders first.
 */
export function fileTooLarge(file: string, what: string, hint: string): RopewayError {
  return new RopewayError({
    code: 'FILE_TOO_LARGE',
    side: 'source',
    operation: 'reading',
    message: `${file} ${what}`,
    about: file,
    hint,
  })
}

/** A file, folder or archive that the chain names does not exist. Paths are relative to the chain file. */
export function sourceFileMissing(file: string, near: string | undefined, tried: string): RopewayError {
  return new RopewayError({
    code: 'SOURCE_FILE_MISSING',
    side: 'source',
    operation: 'reading',
    message: `${file} does not exist`,
    about: file,
    tried: [tried],
    hint: near ?? 'paths are relative to the chain file',
  })
}

/** A file or folder that the chain names exists and cannot be read: permissions are missing, or it is a folder where a file belongs. */
export function sourceFileUnreadable(file: string, reason: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'SOURCE_FILE_UNREADABLE',
    side: 'source',
    operation: 'reading',
    message: `${file} cannot be read: ${reason}`,
    about: file,
    hint: 'check what it is and its permissions',
    cause,
  })
}

/** A folder that the chain names holds no files (of `manifests`: no `.yaml`, `.yml` or `.json`). */
export function sourceFolderEmpty(folder: string, what: string): RopewayError {
  return new RopewayError({
    code: 'SOURCE_FOLDER_EMPTY',
    side: 'source',
    operation: 'reading a folder',
    message: `${folder} holds no ${what}`,
    about: folder,
    hint: 'name the folder that holds them, or take it out of the chain',
  })
}

/** A glob of the chain matches no file. It is an error, because a chain that silently carries less is worse. */
export function sourceGlobEmpty(glob: string, folder: string): RopewayError {
  return new RopewayError({
    code: 'SOURCE_GLOB_EMPTY',
    side: 'source',
    operation: 'reading',
    message: `${glob} matches no file`,
    about: glob,
    tried: [folder],
    hint: 'globs are relative to the chain file; "**" matches folders at any depth',
  })
}
