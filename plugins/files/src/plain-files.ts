import type { Failure } from '@ropeway/core'
import { mapOrdered } from '@ropeway/distribution'
import { fileMediaTypes } from '@ropeway/oci'
import { sourceFolderEmpty } from './errors.js'
import type { FileContext, FilePart, FileSet } from './file-artifact.js'
import { failureOf, type LocalFile } from './find.js'
import { hashFile } from './local-content.js'
import { checkDigest, fileNameOf, locationOf, nameOf, placesOf, type Place } from './places.js'
import type { FilesOptions } from './options.js'
import { fetchUrl, publicUrl } from './urls.js'

/** Places that are read at once; how much one host is asked at once is limited by `http`. */
const concurrency = 8

/** Pins plain files, folders and addresses: each becomes one artifact. */
export async function readPlainFiles(
  items: FilesOptions['files'],
  context: FileContext,
): Promise<{ readonly sets: readonly FileSet[]; readonly failures: readonly Failure[] }> {
  const { places, failures } = await placesOf(items, context)
  const pinned = mapOrdered(places, concurrency, async (place): Promise<FileSet | Failure> => {
    try {
      context.signal.throwIfAborted()
      return setOf('file', place, await partsOf(place, context))
    } catch (error) {
      return failureOf(locationOf(place), error)
    }
  })
  const sets: FileSet[] = []
  const failed = [...failures]
  for await (const item of pinned) {
    if ('error' in item) failed.push(item)
    else sets.push(item)
  }
  return { sets, failures: failed }
}

/** The artifact-to-be of a place. */
export function setOf(kind: FileSet['kind'], place: Place, parts: readonly FilePart[]): FileSet {
  return { kind, location: locationOf(place), name: nameOf(place), fileName: fileNameOf(place), parts }
}

/** A file on disk as a part of an artifact. */
export function localPart(
  title: string,
  path: string,
  file: LocalFile,
  content: Pick<FilePart, 'mediaType' | 'digest' | 'size'>,
): FilePart {
  return { title, ...content, ...(file.executable ? { executable: true as const } : {}), path }
}

async function partsOf(place: Place, context: FileContext): Promise<readonly FilePart[]> {
  const mediaType = fileMediaTypes.file
  const fileName = fileNameOf(place)
  if (place.type === 'url') {
    const { digest, size } = await fetchUrl(place.url, place.digest, context)
    return [{ title: fileName, mediaType, digest, size, url: publicUrl(place.url) }]
  }
  if (place.type === 'file') {
    const pinned = await hashFile(place.file, context.signal)
    checkDigest(place, pinned.digest)
    return [localPart(fileName, place.file.path, place.file, { mediaType, ...pinned })]
  }
  const { folder, files } = place
  if (files.length === 0) throw sourceFolderEmpty(folder.path, 'files')
  const parts: FilePart[] = []
  for (const file of files) {
    const pinned = await hashFile(file, context.signal)
    parts.push(localPart(`${fileName}/${file.path}`, `${folder.path}/${file.path}`, file, { mediaType, ...pinned }))
  }
  return parts
}
