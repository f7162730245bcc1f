import type { Failure } from '@ropeway/core'
import { decodeText, parseManifests } from '@ropeway/images'
import { fileMediaTypes } from '@ropeway/oci'
import { sourceFolderEmpty } from './errors.js'
import type { FileContext, FilePart, FileSet } from './file-artifact.js'
import { failureOf } from './find.js'
import { listTooLarge, readSmallFile } from './local-content.js'
import type { FilesOptions } from './options.js'
import { checkDigest, fileNameOf, locationOf, placesOf, type Place } from './places.js'
import { localPart, setOf } from './plain-files.js'
import { fetchUrl, publicUrl } from './urls.js'

/** Manifests that were read. They travel, and the engine finds the images behind them. */
export interface ReadManifests {
  readonly sets: readonly FileSet[]
  readonly failures: readonly Failure[]
}

/** One manifest file with its text. */
interface ManifestFile {
  readonly part: FilePart
  /** Path or address, for people. */
  readonly shown: string
  readonly bytes: Uint8Array
}

/** Reads Kubernetes manifests of files, folders and addresses. A place with one bad file does not travel; its other files are read on. */
export async function readManifestFiles(
  items: FilesOptions['manifests'],
  context: FileContext,
): Promise<ReadManifests> {
  const { places, failures } = await placesOf(items, context)
  const sets: FileSet[] = []
  const failed = [...failures]
  for (const place of places) {
    const parts: FilePart[] = []
    const before = failed.length
    try {
      for await (const file of filesOf(place, context)) {
        parts.push(file.part)
        try {
          parseManifests(decodeText(file.bytes, file.shown), file.shown)
        } catch (error) {
          failed.push(failureOf(file.shown, error))
        }
      }
      if (parts.length === 0) throw sourceFolderEmpty(locationOf(place), 'manifests (.yaml, .yml, .json)')
    } catch (error) {
      failed.push(failureOf(locationOf(place), error))
    }
    if (failed.length === before) sets.push(setOf('manifests', place, parts))
  }
  return { sets, failures: failed }
}

async function* filesOf(place: Place, context: FileContext): AsyncGenerator<ManifestFile> {
  context.signal.throwIfAborted()
  const fileName = fileNameOf(place)
  if (place.type === 'url') {
    const shown = publicUrl(place.url)
    const { bytes, digest, size } = await fetchUrl(place.url, place.digest, context)
    if (bytes === undefined) throw listTooLarge(shown)
    yield { part: { title: fileName, mediaType: mediaTypeOf(shown), digest, size, url: shown }, shown, bytes }
    return
  }
  const { path: root, files } =
    place.type === 'file' ? { path: '', files: [place.file] } : { path: place.folder.path, files: place.files }
  for (const file of files) {
    if (root !== '' && !/\.(?:ya?ml|json)$/i.test(file.path)) continue
    const shown = root === '' ? file.path : `${root}/${file.path}`
    const title = root === '' ? fileName : `${fileName}/${file.path}`
    const { bytes, digest } = await readSmallFile(file)
    checkDigest(place, digest)
    const content = { mediaType: mediaTypeOf(shown), digest, size: bytes.byteLength }
    yield { part: localPart(title, shown, file, content), shown, bytes }
  }
}

function mediaTypeOf(path: string): string {
  return /\.json$/i.test(path) ? fileMediaTypes.json : fileMediaTypes.yaml
}
