import type { Failure } from '@ropeway/core'
import { fileChecksumMismatch, sourceFileUnreadable } from './errors.js'
import { failureOf, filesBelow, find, type FindContext, type LocalFile, type LocalFolder } from './find.js'
import { baseName } from './names.js'
import { listOf, type FilesOptions, type Item } from './options.js'
import { isUrl, publicUrl, urlFileName, withAlgorithm } from './urls.js'

interface Wishes {
  /** The user's name for it. */
  readonly name?: string | undefined
  /** Digest that it must have. */
  readonly digest?: string | undefined
}

/** One thing that an item of `files` or `manifests` names. */
export type Place = Wishes &
  (
    | { readonly type: 'file'; readonly file: LocalFile }
    /** Paths of its files are relative to it. */
    | { readonly type: 'folder'; readonly folder: LocalFolder; readonly files: readonly LocalFile[] }
    | { readonly type: 'url'; readonly url: string }
  )

/** All that the items name, each once, in their order; what is not there is told item by item. */
export async function placesOf(
  items: FilesOptions['files'],
  context: FindContext,
): Promise<{ readonly places: readonly Place[]; readonly failures: readonly Failure[] }> {
  const places = new Map<string, Place>()
  const failures: Failure[] = []
  for (const item of listOf(items)) {
    context.signal.throwIfAborted()
    try {
      for (const place of await placesOfItem(item, context)) {
        places.set(JSON.stringify([locationOf(place), fileNameOf(place)]), place)
      }
    } catch (error) {
      failures.push(failureOf(aboutItem(item), error))
    }
  }
  return { places: [...places.values()], failures }
}

/** Where it is, for people and locks: a path relative to the chain, or an address without user and query. */
export function locationOf(place: Place): string {
  if (place.type === 'url') return publicUrl(place.url)
  return place.type === 'file' ? place.file.path : place.folder.path
}

/** Its name without the way to it. */
export function fileNameOf(place: Place): string {
  if (place.name !== undefined) return place.name
  return place.type === 'url' ? urlFileName(place.url) : baseName(locationOf(place))
}

/** What people call it: files by their path, so that two of one name can be told apart. */
export function nameOf(place: Place): string {
  return place.name ?? (place.type === 'url' ? urlFileName(place.url) : locationOf(place))
}

/** Throws `FILE_CHECKSUM_MISMATCH` unless the place has the digest that the chain says. */
export function checkDigest(place: Place, actual: string): void {
  const { digest } = place
  if (digest !== undefined && digest !== actual) throw fileChecksumMismatch(locationOf(place), digest, actual)
}

async function placesOfItem(item: Item, context: FindContext): Promise<readonly Place[]> {
  const { path, url, name, sha256 } = written(item)
  const wishes: Wishes = { name, digest: sha256 === undefined ? undefined : withAlgorithm(sha256) }
  if (url !== undefined) return [{ type: 'url', url, ...wishes }]
  const places: Place[] = []
  for (const found of await find(path ?? '.', context)) {
    if (found.type === 'file') {
      places.push({ ...found, ...wishes })
      continue
    }
    if (sha256 !== undefined) {
      throw sourceFileUnreadable(found.folder.path, 'it is a folder, and "sha256" is the checksum of a file')
    }
    places.push({ ...found, ...wishes, files: await filesBelow(found.folder, context) })
  }
  return places
}

function written(item: Item): { path?: string; url?: string; name?: string | undefined; sha256?: string | undefined } {
  if (typeof item !== 'string') return item
  return isUrl(item) ? { url: item } : { path: item }
}

function aboutItem(item: Item): string {
  const { path, url } = written(item)
  return url === undefined ? (path ?? '') : publicUrl(url)
}
