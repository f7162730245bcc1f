import { RopewayError } from '@ropeway/core'

const makeAgain = 'copy it again from where it was made, or export it again'

/**
 * An archive became another file while it was being read: something wrote to it or replaced it. Nothing wrong was
 * delivered. Run again when nothing writes there any more.
 */
export function archiveChanged(name: string): RopewayError {
  return new RopewayError({
    code: 'ARCHIVE_CHANGED',
    side: 'source',
    message: `${name} was changed or replaced while it was being read`,
    operation: 'reading',
    about: name,
    hint: 'run again when nothing writes to the file any more',
  })
}

/** There is no file at the path that was given for a bundle or an image archive. Check the path; it is relative to the chain file, on the command line to the working folder. */
export function archiveNotFound(name: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'ARCHIVE_NOT_FOUND',
    side: 'source',
    message: `there is no file ${name}`,
    operation: 'opening',
    about: name,
    hint: 'check the path; paths in a chain are relative to the chain file',
    cause,
  })
}

/** A bundle or an image archive exists and cannot be read: it is a folder, a pipe, or the permission is missing. */
export function archiveUnreadable(name: string, reason: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'ARCHIVE_UNREADABLE',
    side: 'source',
    message: `${name} cannot be read: ${reason}`,
    operation: 'opening',
    about: name,
    hint: 'give a file that this user may read; an image layout in a folder is read by the source "files"',
    cause,
  })
}

/**
 * Two manifests name the same blob with different sizes. One of them is wrong, so the archive cannot be laid out. Find out
 * which of the two images is damaged at its origin, and leave it out or push it again.
 */
export function blobSizeConflict(digest: string, sizes: readonly [number, number], artifact: string): RopewayError {
  return new RopewayError({
    code: 'BLOB_SIZE_CONFLICT',
    side: 'source',
    message: `${artifact} names ${digest} with ${sizes[1]} bytes, another artifact with ${sizes[0]} bytes`,
    operation: 'laying out the bundle',
    about: artifact,
    hint: 'one of the two is damaged at its origin: leave it out, or push it again there',
  })
}

/** Content was asked for that a bundle does not hold. The request is wrong, or the bundle is another one than was thought. */
export function bundleContentMissing(name: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_CONTENT_MISSING',
    side: 'source',
    message: `${name} does not hold ${digest}`,
    operation: 'reading',
    about: digest,
    hint: `see what it holds: ropeway inspect ${name}`,
  })
}

/**
 * A file that should be a bundle is none, or breaks the bundle format. The message names the entry where reading stopped.
 * Images in a `docker save` archive or an OCI layout are not bundles: the source `files` reads them.
 */
export function bundleInvalid(name: string, reason: string, hint = makeAgain, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_INVALID',
    side: 'verification',
    message: `${name} is not a valid bundle: ${reason}`,
    operation: 'opening',
    about: name,
    hint,
    cause,
  })
}

/** The artifacts to be packed are not those of the lock. This is a fault of the program that asked for the archive. */
export function bundleLockMismatch(reason: string): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_LOCK_MISMATCH',
    side: 'internal',
    message: `the bundle and its lock differ: ${reason}`,
    operation: 'laying out the bundle',
    hint: 'a bundle holds exactly what its lock says: give it a lock of these artifacts alone',
  })
}

/** A manifest that an artifact needs was not handed over. This is a fault of the program that asked for the archive. */
export function bundleManifestMissing(artifact: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_MANIFEST_MISSING',
    side: 'internal',
    message: `the bytes of manifest ${digest} of ${artifact} are missing`,
    operation: 'laying out the bundle',
    about: artifact,
    hint: 'this is a fault of Ropeway or of a plugin; run again with --debug and report what it prints',
  })
}

/**
 * A bundle is not what it was when it was made: an entry has other content than its digest says, or a header, an index or a
 * name was changed. The message names the entry. Do not use it; copy it again from where it was made, and if it is damaged
 * there too, export it again.
 */
export function bundleTampered(
  name: string,
  entry: string,
  reason: string,
  options: { readonly errors?: readonly unknown[]; readonly cause?: unknown } = {},
): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_TAMPERED',
    side: 'verification',
    message: `${name}: ${entry} ${reason}`,
    operation: 'verifying',
    about: entry,
    hint: makeAgain,
    ...options,
  })
}

/** The bundle was made by a newer Ropeway, in a format that this one does not know. Update Ropeway. */
export function bundleTooNew(name: string, what: string, theirs: number, ours: number): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_TOO_NEW',
    side: 'verification',
    message: `${name} has version ${theirs} of the ${what}; this Ropeway reads version ${ours}`,
    operation: 'opening',
    about: name,
    hint: 'update Ropeway to the version that made it, or a later one',
  })
}

/** A bundle ends before its last entry does: copying it was cut short. The message names the first entry that is not whole. */
export function bundleTruncated(name: string, entry: string, has: number, needs: number): RopewayError {
  return new RopewayError({
    code: 'BUNDLE_TRUNCATED',
    side: 'verification',
    message: `${name} ends in ${entry}: it has ${has} bytes, ${needs} are needed`,
    operation: 'opening',
    about: entry,
    hint: makeAgain,
  })
}

/** The disk has not enough room. The message says how much is needed; what is stored already counts and is kept. */
export function diskFull(path: string, needed: number, free: number | undefined, cause?: unknown): RopewayError {
  const room = free === undefined ? '' : `, ${free} are free`
  return new RopewayError({
    code: 'DISK_FULL',
    side: 'sink',
    message: `the disk of ${path} is full: ${needed} more bytes are needed${room}`,
    operation: 'writing',
    about: path,
    hint: 'make room, or write to another disk; the same command then goes on where it stopped',
    cause,
  })
}

/**
 * A `docker save` archive cannot be understood: its `manifest.json` is missing or wrong, a layer that it names is not there,
 * or a layer is not the one that its config names. Save the image again with a current tool.
 */
export function dockerArchiveInvalid(name: string, reason: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'DOCKER_ARCHIVE_INVALID',
    side: 'source',
    message: `${name} is not a valid docker archive: ${reason}`,
    operation: 'opening',
    about: name,
    hint: 'save it again: docker save -o FILE IMAGE',
    cause,
  })
}

/** An OCI layout names content that it does not hold: it is sparse, or a file is missing. Make the layout again with all its content. */
export function layoutBlobMissing(name: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'LAYOUT_BLOB_MISSING',
    side: 'source',
    message: `${name} does not hold ${digest}, which it names`,
    operation: 'reading',
    about: digest,
    hint: 'the layout is sparse or damaged: make it again with all platforms, or select those that it holds',
  })
}

/** A folder or tar is not an OCI image layout, or breaks its rules: `oci-layout` or `index.json` is missing or wrong. */
export function layoutInvalid(name: string, reason: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'LAYOUT_INVALID',
    side: 'source',
    message: `${name} is not a valid OCI image layout: ${reason}`,
    operation: 'opening',
    about: name,
    hint: 'make it again: skopeo copy … oci:FOLDER, or docker buildx build --output type=oci,dest=FILE',
    cause,
  })
}

/**
 * Another export, which is still running, writes the same file. Wait for it, or stop it, or write to another file. The
 * remains of an export that is no longer running never stand in the way.
 */
export function targetBusy(path: string, pid?: number): RopewayError {
  return new RopewayError({
    code: 'TARGET_BUSY',
    side: 'sink',
    message: `another export${pid === undefined ? '' : ` (process ${pid})`} is writing ${path}`,
    operation: 'opening',
    about: path,
    hint: 'wait for it, stop it, or write to another file',
  })
}

/** The file system cannot hold a file of this size: FAT32, for example, ends at 4 GiB. Use exFAT, ext4 or XFS there. */
export function targetFileTooLarge(path: string, size: number, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'TARGET_FILE_TOO_LARGE',
    side: 'sink',
    message: `the file system of ${path} takes no file of ${size} bytes`,
    operation: 'writing',
    about: path,
    hint: 'write to another disk, or format this one with exFAT or ext4; FAT32 ends at 4 GiB',
    cause,
  })
}

/** A bundle was to be finished before all its bytes were there. The partial file stays. This is a fault of Ropeway. */
export function targetIncomplete(path: string, missing: number): RopewayError {
  return new RopewayError({
    code: 'TARGET_INCOMPLETE',
    side: 'internal',
    message: `${path} cannot be finished: ${missing} bytes were not written`,
    operation: 'finishing',
    about: path,
    hint: 'run the same command again: it goes on where it stopped',
  })
}

/** The target cannot be written: a folder stands there, the permission is missing, or the disk is mounted read-only. */
export function targetNotWritable(path: string, reason: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'TARGET_NOT_WRITABLE',
    side: 'sink',
    message: `${path} cannot be written: ${reason}`,
    operation: 'writing',
    about: path,
    hint: 'choose another path, or allow this user to write there',
    cause,
  })
}

/**
 * A stretch that was to be stored or remembered is not that of its bytes, leads out of the file, or was never written. This
 * is a fault of the program that writes the archive.
 */
export function targetRangeInvalid(path: string, start: number, end: number): RopewayError {
  return new RopewayError({
    code: 'TARGET_RANGE_INVALID',
    side: 'internal',
    message: `bytes ${start} to ${end} of ${path} cannot be stored as they were handed over`,
    operation: 'writing',
    about: path,
    hint: 'this is a fault of Ropeway or of a plugin; run again with --debug and report what it prints',
  })
}

/** The partial file was removed or replaced while it was being written, by another export or by hand. Run again. */
export function targetReplaced(path: string): RopewayError {
  return new RopewayError({
    code: 'TARGET_REPLACED',
    side: 'sink',
    message: `${path} was removed or replaced while it was being written`,
    operation: 'finishing',
    about: path,
    hint: 'make sure that one export at a time writes there, and run again',
  })
}

/** A tar is compressed as a whole. Ropeway reads archives in place, at any position, which a compressed one does not allow. Decompress it first. */
export function tarCompressed(name: string, format: string, command: string): RopewayError {
  return new RopewayError({
    code: 'TAR_COMPRESSED',
    side: 'source',
    message: `${name} is compressed with ${format}; archives are read in place, uncompressed`,
    operation: 'opening',
    about: name,
    hint: `decompress it first: ${command} ${name}`,
  })
}

/**
 * A tar holds a path or link that leads out of it, or an entry that no image archive needs (a device, the same file twice).
 * It is broken or made to do harm, and nothing of it is used.
 */
export function tarHostile(name: string, entry: string, reason: string): RopewayError {
  return new RopewayError({
    code: 'TAR_HOSTILE',
    side: 'source',
    message: `${name} is refused: entry ${JSON.stringify(entry)} ${reason}`,
    operation: 'opening',
    about: entry,
    hint: 'make sure where the archive comes from; make it again with docker save, skopeo or buildx',
  })
}

/** A file is not a tar, or its headers are damaged. The message says at which byte. */
export function tarInvalid(name: string, reason: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'TAR_INVALID',
    side: 'source',
    message: `${name} is not a valid tar: ${reason}`,
    operation: 'opening',
    about: name,
    hint: 'copy or make the archive again',
    cause,
  })
}

/** A tar has more entries, or larger headers, than any image archive. It is refused before it fills the memory. */
export function tarTooLarge(name: string, what: string, limit: number): RopewayError {
  return new RopewayError({
    code: 'TAR_TOO_LARGE',
    side: 'source',
    message: `${name} has ${what}; at most ${limit} are allowed`,
    operation: 'opening',
    about: name,
    hint: 'make sure that this is an image archive',
  })
}

/** A tar ends in the middle of an entry: copying it was cut short. */
export function tarTruncated(name: string, entry: string, has: number, needs: number): RopewayError {
  return new RopewayError({
    code: 'TAR_TRUNCATED',
    side: 'source',
    message: `${name} ends in the middle of ${entry}: it has ${has} bytes, ${needs} are needed`,
    operation: 'opening',
    about: entry,
    hint: 'copy or make the archive again',
  })
}
