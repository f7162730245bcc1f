import type { Failure } from '@ropeway/core'
import type { ReferenceRequest } from '@ropeway/distribution'
import { decodeText, parseImageList } from '@ropeway/images'
import { sourceFileUnreadable } from './errors.js'
import { failureOf, find, type FindContext, type LocalFile } from './find.js'
import { readSmallFile } from './local-content.js'
import { listOf, type FilesOptions } from './options.js'

/** The files that `images` names, each once, in order; what is not there is told item by item. */
export async function listFiles(
  items: FilesOptions['images'],
  context: FindContext,
): Promise<{ readonly files: readonly LocalFile[]; readonly failures: readonly Failure[] }> {
  const files = new Map<string, LocalFile>()
  const failures: Failure[] = []
  for (const item of listOf(items)) {
    context.signal.throwIfAborted()
    try {
      for (const found of await find(item, context)) {
        if (found.type === 'folder') throw sourceFileUnreadable(found.folder.path, 'it is a folder, not an image list')
        files.set(found.file.path, found.file)
      }
    } catch (error) {
      failures.push(failureOf(item, error))
    }
  }
  return { files: [...files.values()], failures }
}

/** The references of all image lists. Every bad line is a failure of its own. */
export async function readImageLists(
  items: FilesOptions['images'],
  context: FindContext,
): Promise<{ readonly requests: readonly ReferenceRequest[]; readonly failures: readonly Failure[] }> {
  const { files, failures } = await listFiles(items, context)
  const requests: ReferenceRequest[] = []
  const failed = [...failures]
  for (const file of files) {
    try {
      const { images, invalid } = parseImageList(decodeText((await readSmallFile(file)).bytes, file.path), file.path)
      requests.push(...images.map(({ reference, line }) => ({ reference, requiredBy: `${file.path}:${line}` })))
      failed.push(...invalid.map((error) => ({ about: error.about ?? file.path, error })))
    } catch (error) {
      failed.push(failureOf(file.path, error))
    }
  }
  return { requests, failures: failed }
}
