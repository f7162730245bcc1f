import type { Context } from '@ropeway/core'
import { archiveDigests } from './archives.js'
import type { LocalFile } from './find.js'
import { listFiles } from './image-lists.js'
import { hashFile } from './local-content.js'
import type { FilesOptions } from './options.js'
import { placesOf, type Place } from './places.js'

/**
 * Digests of all local files that decide what is resolved, by their paths. Files that are not there are left out, so that a
 * lock tells that they are gone.
 */
export async function inputDigests(options: FilesOptions, context: Context): Promise<Record<string, string>> {
  const lists = await listFiles(options.images, context)
  const manifests = await placesOf(options.manifests, context)
  const plain = await placesOf(options.files, context)
  const digests: Record<string, string> = {}
  for (const file of [...lists.files, ...[...manifests.places, ...plain.places].flatMap(filesOf)]) {
    digests[file.path] = (await hashFile(file, context.signal)).digest
  }
  return { ...digests, ...(await archiveDigests(options.archives, context)) }
}

function filesOf(place: Place): readonly LocalFile[] {
  if (place.type === 'url') return []
  if (place.type === 'file') return [place.file]
  return place.files.map((file) => ({ ...file, path: `${place.folder.path}/${file.path}` }))
}
