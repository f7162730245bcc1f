import {
  defineSource,
  type Artifact,
  type Content,
  type Context,
  type Failure,
  type LockedArtifact,
} from '@ropeway/core'
import { reopenReference, resolveReferences } from '@ropeway/distribution'
import { archiveLocator, readArchives, reopenArchive } from './archives.js'
import { fileNameTaken, locatorInvalid } from './errors.js'
import { fileArtifact, fileContent, fileLocator, type FileSet } from './file-artifact.js'
import { failureOf } from './find.js'
import { readImageLists } from './image-lists.js'
import { inputDigests } from './inputs.js'
import { checkPinned } from './local-content.js'
import { readManifestFiles } from './manifest-files.js'
import { filesOptions, listOf, type FilesOptions } from './options.js'
import { readPlainFiles } from './plain-files.js'
import { isUrl } from './urls.js'

/** Images of lists, manifests and archives, and files that travel as they are. */
export const filesSource = defineSource<FilesOptions>({
  name: 'files',
  summary: 'Image lists, Kubernetes manifests with their images, image archives, and plain files and folders.',
  shorthand: 'files',
  options: filesOptions,
  async *resolve(options, context) {
    context.signal.throwIfAborted()
    const lists = await readImageLists(options.images, context)
    const manifests = await readManifestFiles(options.manifests, context)
    yield* [...lists.failures, ...manifests.failures]
    const { referrers } = options
    yield* resolveReferences(lists.requests, context, { referrers })
    yield* readArchives(options, context)
    const files = await readPlainFiles(options.files, context)
    yield* files.failures
    yield* artifactsOf([...manifests.sets, ...files.sets], options, context)
  },
  reopen,
  inputs: inputDigests,
})

async function reopen(locked: LockedArtifact, options: FilesOptions, context: Context): Promise<Content> {
  const { locator } = locked.source
  const { referrers } = options
  if (locator === undefined) return reopenReference(locked, context, { referrers })
  const archive = archiveLocator.safeParse(locator)
  if (archive.success) return reopenArchive(archive.data, locked.published.digest, referrers, context)
  const { data: found, error } = fileLocator.safeParse(locator)
  if (found === undefined) throw locatorInvalid(locked.name, error)
  for (const { path, digest, size } of found.files) {
    if (path !== undefined)
      await checkPinned({ path, absolute: context.resolvePath(path), digest, size }, context.signal)
  }
  return fileContent(locked.name, found, urlsOf(options), context)
}

function* artifactsOf(
  sets: readonly FileSet[],
  options: FilesOptions,
  context: Context,
): Generator<Artifact | Failure> {
  const taken = new Map<string, string>()
  for (const set of sets) {
    try {
      const artifact = fileArtifact(set, urlsOf(options), context)
      const { path } = artifact.naming
      const first = taken.get(path)
      if (first !== undefined) throw fileNameTaken(path, first, set.location)
      taken.set(path, set.location)
      yield artifact
    } catch (error) {
      yield failureOf(set.location, error)
    }
  }
}

/** The addresses of the chain as they are written: with users and queries, which locks do not hold. */
function urlsOf({ files, manifests }: FilesOptions): readonly string[] {
  return [...listOf(files), ...listOf(manifests)].flatMap((item) => {
    if (typeof item === 'string') return isUrl(item) ? [item] : []
    return 'url' in item ? [item.url] : []
  })
}
