import type { Artifact, Content, Context, Descriptor, Json, ManifestContent } from '@ropeway/core'
import { buildArtifact, emptyConfig, fileAnnotations, fileArtifactTypes, manifestLimit } from '@ropeway/oci'
import { z } from 'zod'
import { fileContentUnknown, fileTooLarge } from './errors.js'
import { openPinned } from './local-content.js'
import { repositoryName, tagOf } from './names.js'
import { openUrl, publicUrl, smallFile, type UrlContext } from './urls.js'

/** One file of an artifact, pinned. Locks hold it as it is here, without secrets. */
const partSchema = z.strictObject({
  /** Path that it is given back under. */
  title: z.string(),
  mediaType: z.string(),
  digest: z.string(),
  size: z.number(),
  executable: z.literal(true).optional(),
  /** Relative to the chain; or `url`, without user and query. */
  path: z.string().optional(),
  url: z.string().optional(),
})
export type FilePart = z.output<typeof partSchema>

/** What `reopen` needs of an artifact of files. */
export const fileLocator = z.strictObject({ artifactType: z.string(), files: z.array(partSchema) })
export type FileLocator = z.output<typeof fileLocator>

export type FileContext = UrlContext & Pick<Context, 'chain' | 'resolvePath'>

/** Files that travel as one artifact. */
export interface FileSet {
  readonly kind: 'manifests' | 'file'
  /** Where it is: a path relative to the chain, or an address without user and query. */
  readonly location: string
  /** What people call it. */
  readonly name: string
  /** Its name at the destination, before it is made one that registries take. */
  readonly fileName: string
  readonly parts: readonly FilePart[]
}

/**
 * The OCI artifact of some files (docs/media-types.md): one layer a file, an empty config, no dates. Its manifest is made here,
 * so its recipe stands with it. `urls` are the addresses as the chain has them, with what locks do not hold.
 * Throws `FILE_TOO_LARGE` when its manifest would be larger than registries take.
 */
export function fileArtifact(set: FileSet, urls: readonly string[], context: FileContext): Artifact {
  const { kind, name, location, fileName, parts } = set
  const locator: FileLocator = { artifactType: fileArtifactTypes[kind], files: [...parts] }
  const manifest = manifestOf(locator)
  if (manifest.bytes.byteLength > manifestLimit) {
    throw fileTooLarge(
      location,
      `holds ${parts.length} files, too many for one artifact`,
      'pack it (tar) and name the archive',
    )
  }
  return {
    kind,
    name,
    source: { location, locator: plain(locator) },
    root: manifest.descriptor,
    content: fileContent(name, locator, urls, context),
    naming: {
      path: `${repositoryName(context.chain.name)}/${repositoryName(fileName)}`,
      tags: [tagOf(context.chain.version)],
    },
    derived: [
      { digest: manifest.descriptor.digest, recipe: { type: 'files.manifest', artifactType: locator.artifactType } },
      { digest: emptyConfig.descriptor.digest, recipe: { type: 'oci.empty' } },
    ],
  }
}

/** The content of an artifact of files: its manifest made again, its layers from disk and from addresses. */
export function fileContent(
  name: string,
  locator: FileLocator,
  urls: readonly string[],
  context: FileContext,
): Content {
  const manifest = manifestOf(locator)
  const made = new Map([manifest, emptyConfig].map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
  const parts = new Map(locator.files.map((part) => [part.digest, part]))
  return {
    async *open(descriptor, options = {}) {
      const { offset, end, signal = context.signal } = options
      signal.throwIfAborted()
      const bytes = made.get(descriptor.digest)
      const part = parts.get(descriptor.digest)
      if (bytes !== undefined) yield bytes.subarray(offset, end)
      else if (part !== undefined) yield* openPart(part, urls, { offset, end, signal }, context)
      else throw fileContentUnknown(name, descriptor.digest)
    },
  }
}

async function* openPart(
  part: FilePart,
  urls: readonly string[],
  options: { readonly offset?: number | undefined; readonly end?: number | undefined; readonly signal: AbortSignal },
  context: FileContext,
): AsyncGenerator<Uint8Array> {
  const { path, url, digest, size } = part
  if (path !== undefined) {
    yield* openPinned({ path, absolute: context.resolvePath(path), digest, size }, options)
    return
  }
  const address = urls.find((each) => publicUrl(each) === url) ?? url
  if (address === undefined) return
  if (size > smallFile) yield* openUrl(address, context, options)
  else {
    const bytes = await context.cache.fetch(part, () => openUrl(address, context, { signal: options.signal }))
    yield bytes.subarray(options.offset, options.end)
  }
}

function manifestOf({ artifactType, files }: FileLocator): ManifestContent {
  return buildArtifact({ artifactType, layers: files.map(layerOf) })
}

function layerOf({ mediaType, digest, size, title, executable }: FilePart): Descriptor {
  const annotations = {
    [fileAnnotations.title]: title,
    ...(executable === undefined ? {} : { [fileAnnotations.executable]: 'true' }),
  }
  return { mediaType, digest, size, annotations }
}

/** Without fields that are left out, as it comes back from a lock. */
function plain(locator: FileLocator): Json {
  return JSON.parse(JSON.stringify(locator)) as Json
}
