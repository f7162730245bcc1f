import {
  isRopewayError,
  withPlace,
  type Artifact,
  type Content,
  type Context,
  type Failure,
  type Json,
  type Reference,
} from '@ropeway/core'
import { openImageArchive, type ImageArchive, type ImageRoot } from '@ropeway/bundle'
import { kindOf } from '@ropeway/distribution'
import {
  collect,
  formatReference,
  manifestLimit,
  parseManifest,
  parseReference,
  sha256,
  withDefaultTag,
} from '@ropeway/oci'
import { z } from 'zod'
import { archiveImageMissing, archiveImageUnnamed } from './errors.js'
import { failureOf, find } from './find.js'
import { listOf, type ArchiveItem, type FilesOptions } from './options.js'

/** What `reopen` needs of an image in an archive. */
export const archiveLocator = z.strictObject({
  /** Relative to the chain. */
  archive: z.string(),
  /** Digests of a docker archive's layers by their paths in it, so that they are not hashed again. */
  layers: z.record(z.string(), z.string()).optional(),
})
export type ArchiveLocator = z.output<typeof archiveLocator>

type ArchiveContext = Pick<Context, 'resolvePath' | 'signal'>
type NamedArchive = Exclude<ArchiveItem, string>

interface OpenedArchive {
  readonly item: NamedArchive
  /** Relative to the chain. */
  readonly path: string
  readonly archive: ImageArchive
}

/** The images of all archives: one artifact for each name that an image has. */
export async function* readArchives(
  { archives, referrers }: Pick<FilesOptions, 'archives' | 'referrers'>,
  context: ArchiveContext,
): AsyncGenerator<Artifact | Failure> {
  for await (const opened of openArchives(archives, context)) {
    if ('error' in opened) {
      yield opened
      continue
    }
    for (const root of opened.archive.roots) {
      context.signal.throwIfAborted()
      try {
        for (const reference of referencesOf(root, opened)) yield await artifactOf(root, reference, opened, referrers)
      } catch (error) {
        yield failureOf(opened.path, error)
      }
    }
  }
}

/** Digests of what the archives hold, by their paths: the images and their names. Archives that cannot be read are left out. */
export async function archiveDigests(
  archives: FilesOptions['archives'],
  context: ArchiveContext,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for await (const opened of openArchives(archives, context)) {
    if ('error' in opened) continue
    const { path, archive } = opened
    const roots = archive.roots.map(({ descriptor, names }) => [descriptor.digest, ...names].join(' '))
    digests[path] = sha256(roots.sort().join('\n'))
  }
  return digests
}

/** The content of an image in an archive, as locked. Throws `ARCHIVE_IMAGE_MISSING` when the archive holds others by now. */
export async function reopenArchive(
  { archive: path, layers }: ArchiveLocator,
  digest: string,
  referrers: boolean,
  context: ArchiveContext,
): Promise<Content> {
  const digests = layers && new Map(Object.entries(layers))
  const archive = await openImageArchive(context.resolvePath(path), { digests, signal: context.signal })
  if (!archive.roots.some(({ descriptor }) => descriptor.digest === digest)) throw archiveImageMissing(path, digest)
  return contentOf(archive, referrers)
}

async function* openArchives(
  items: FilesOptions['archives'],
  context: ArchiveContext,
): AsyncGenerator<OpenedArchive | Failure> {
  for (const written of listOf(items)) {
    const item = typeof written === 'string' ? { path: written } : written
    context.signal.throwIfAborted()
    try {
      for (const found of await find(item.path, context)) {
        const { path, absolute } = found.type === 'file' ? found.file : found.folder
        yield { item, path, archive: await openImageArchive(absolute, { signal: context.signal }) }
      }
    } catch (error) {
      yield failureOf(item.path, error)
    }
  }
}

/**
 * What an image is called: as the chain says for its digest or for an archive of one image, else as the archive says, where a
 * tag alone needs the chain's name before it. A name of the chain without a tag takes the archive's tags.
 * Throws `ARCHIVE_IMAGE_UNNAMED`, `REFERENCE_INVALID`.
 */
function referencesOf({ descriptor, names }: ImageRoot, { item, path, archive }: OpenedArchive): readonly Reference[] {
  const given = item.names?.[descriptor.digest] ?? (archive.roots.length === 1 ? item.name : undefined)
  if (given !== undefined) return withTags(parse(given, path), names, path)
  const tags = names.filter(isTagAlone)
  if (names.length === 0 || (tags.length > 0 && item.name === undefined)) {
    throw archiveImageUnnamed(path, descriptor.digest, tags)
  }
  return names.map((name) => (isTagAlone(name) ? { ...parse(item.name ?? '', path), tag: name } : parse(name, path)))
}

function withTags(reference: Reference, names: readonly string[], path: string): readonly Reference[] {
  if (reference.tag !== undefined || reference.digest !== undefined) return [reference]
  const tags = new Set(names.map((name) => (isTagAlone(name) ? name : (parse(name, path).tag ?? 'latest'))))
  return tags.size === 0 ? [reference] : [...tags].map((tag) => ({ ...reference, tag }))
}

/** A name in an OCI layout with one of these characters is a reference, as containerd reads it. */
function isTagAlone(name: string): boolean {
  return !/[/:@]/.test(name)
}

function parse(text: string, path: string): Reference {
  try {
    return parseReference(text)
  } catch (error) {
    throw isRopewayError(error) ? withPlace(error, { at: path }) : error
  }
}

async function artifactOf(
  { descriptor }: ImageRoot,
  given: Reference,
  { path, archive }: OpenedArchive,
  referrers: boolean,
): Promise<Artifact> {
  const reference = withDefaultTag(given)
  const name = formatReference(reference)
  const bytes = await collect(archive.content.open(descriptor), manifestLimit, { about: `${path}: ${name}` })
  const manifest = parseManifest(bytes, descriptor.mediaType, { about: `${path}: ${name}` })
  const locator: Json =
    archive.digests === undefined ? { archive: path } : { archive: path, layers: Object.fromEntries(archive.digests) }
  return {
    kind: kindOf(manifest),
    name,
    source: { reference, location: path, locator },
    root: { mediaType: manifest.mediaType, digest: descriptor.digest, size: descriptor.size },
    content: contentOf(archive, referrers),
    naming: { path: reference.repository, tags: reference.tag === undefined ? [] : [reference.tag] },
    ...(archive.type === 'docker-archive'
      ? { derived: [{ digest: descriptor.digest, recipe: { type: 'docker-archive.manifest' } }] }
      : {}),
  }
}

function contentOf({ content }: ImageArchive, referrers: boolean): Content {
  return referrers ? content : { open: content.open.bind(content) }
}
