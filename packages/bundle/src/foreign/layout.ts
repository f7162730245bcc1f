import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Content, Descriptor, OpenOptions, Referrer } from '@ropeway/core'
import {
  collect,
  isManifestType,
  isReferrerTag,
  manifestLimit,
  mediaTypes,
  parseManifest,
  sizeMismatch,
  verifyBytes,
  type ParsedManifest,
} from '@ropeway/oci'
import { z } from 'zod'
import { openFile } from '../access.js'
import { layoutBlobMissing, layoutInvalid } from '../errors.js'
import { annotations, blobPath } from '../format.js'
import { parseJson } from '../lock.js'
import { indexTar, type TarIndex } from '../tar/index-tar.js'
import type { ImageArchive, ImageRoot } from './image-archive.js'

/** A file of a layout, wherever the layout lives. */
interface LayoutFile {
  readonly size: number
  open(options?: OpenOptions): AsyncIterable<Uint8Array>
}

interface LayoutFiles {
  readonly name: string
  find(path: string): Promise<LayoutFile | undefined>
  close(): Promise<void>
}

const layoutSchema = z.object({ imageLayoutVersion: z.string().regex(/^1\./) })

/**
 * Opens an OCI image layout (image-spec, image-layout.md) in a folder or in a tar. What `index.json` names only as a
 * referrer (signatures, SBOMs: by `subject`, by containerd's annotation, by cosign's or the fallback tag) is no root and
 * comes from `content.referrers`.
 * Throws `LAYOUT_INVALID`, `MANIFEST_INVALID`, `LAYOUT_BLOB_MISSING`, and what `indexTar` throws.
 */
export async function openLayout(layout: string | TarIndex): Promise<ImageArchive> {
  const files = typeof layout === 'string' ? await filesOf(layout) : tarFiles(layout)
  await checkVersion(files)
  const index = parseManifest(await readSmall(files, 'index.json'), mediaTypes.ociIndex, {
    about: `${files.name}: index.json`,
  })
  if (index.type !== 'index') throw layoutInvalid(files.name, 'its index.json is not an index')
  const content = blobContent(files)
  const named = index.manifests.map((descriptor) => ({ descriptor, name: nameOf(descriptor) }))
  const referrers: FoundReferrer[] = []
  for (const entry of named) referrers.push(...(await referrersIn(content, files.name, entry)))
  const hidden = new Set(referrers.filter(({ only }) => only).map(({ entry }) => entry))
  return {
    type: 'layout',
    name: files.name,
    roots: rootsOf(named.filter(({ descriptor }) => !hidden.has(descriptor))),
    content: {
      open: content.open,
      referrers: async (subject) => {
        const found = referrers.filter((one) => one.referrer.subject === subject.digest)
        return [...new Map(found.map(({ referrer }) => [referrerKey(referrer), referrer])).values()]
      },
    },
    close: files.close,
  }
}

interface NamedEntry {
  readonly descriptor: Descriptor
  readonly name: string | undefined
}

interface FoundReferrer {
  readonly referrer: Referrer
  /** The entry of `index.json` in which it was found. */
  readonly entry: Descriptor
  /** True when the entry is there for nothing else. */
  readonly only: boolean
}

function nameOf({ annotations: facts }: Descriptor): string | undefined {
  return facts?.[annotations.imageName] ?? facts?.[annotations.refName]
}

function rootsOf(entries: readonly NamedEntry[]): ImageRoot[] {
  const roots = new Map<string, { descriptor: Descriptor; names: string[] }>()
  for (const { descriptor, name } of entries) {
    const root = roots.get(descriptor.digest) ?? { descriptor: withoutNames(descriptor), names: [] }
    if (name !== undefined && !root.names.includes(name)) root.names.push(name)
    roots.set(descriptor.digest, root)
  }
  return [...roots.values()]
}

/** Annotations of `index.json` are facts of the layout, not of the image. */
function withoutNames({ annotations: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor
}

async function referrersIn(
  content: Content,
  layout: string,
  { descriptor, name }: NamedEntry,
): Promise<FoundReferrer[]> {
  const tag = name?.slice(name.lastIndexOf(':') + 1)
  const tagged = tag !== undefined && isReferrerTag(tag)
  const annotated = descriptor.annotations?.[annotations.subject]
  const manifest = await readRoot(content, layout, descriptor)
  const plain = withoutNames(descriptor)
  const found = (referrer: Referrer, only: boolean): FoundReferrer => ({ referrer, entry: descriptor, only })
  if (tagged && manifest?.type === 'index' && !tag.includes('.')) {
    return manifest.manifests.map((child) => found({ descriptor: child, subject: subjectOfTag(tag) }, true))
  }
  if (tagged) return [found({ descriptor: plain, subject: subjectOfTag(tag), tag }, true)]
  const subject = annotated ?? manifest?.subject?.digest
  return subject === undefined ? [] : [found({ descriptor: plain, subject }, name === undefined)]
}

/** `sha256-<hex>.sig` → `sha256:<hex>`. */
function subjectOfTag(tag: string): string {
  return tag.replace(/\..*$/, '').replace('-', ':')
}

async function readRoot(content: Content, layout: string, descriptor: Descriptor): Promise<ParsedManifest | undefined> {
  if (!isManifestType(descriptor.mediaType)) return undefined
  const about = `${layout}: ${descriptor.digest}`
  const bytes = await collect(content.open(descriptor), manifestLimit, { about })
  return parseManifest(bytes, descriptor.mediaType, { about })
}

function referrerKey({ descriptor, tag }: Referrer): string {
  return `${descriptor.digest} ${tag ?? ''}`
}

function blobContent(files: LayoutFiles): Content {
  return {
    async *open(descriptor, options = {}) {
      const { digest, size, mediaType } = descriptor
      const file = await files.find(blobPath(digest))
      if (file === undefined) throw layoutBlobMissing(files.name, digest)
      const about = `${files.name}: ${digest}`
      if (file.size !== size) throw sizeMismatch(size, String(file.size), { side: 'source', about })
      if (!isManifestType(mediaType) || size > manifestLimit) yield* file.open(options)
      else {
        const bytes = await collect(file.open({ signal: options.signal }), manifestLimit, { about })
        verifyBytes(bytes, descriptor, { side: 'source', about })
        yield bytes.subarray(options.offset ?? 0, options.end ?? size)
      }
    },
  }
}

async function checkVersion(files: LayoutFiles): Promise<void> {
  if ((await files.find('oci-layout')) === undefined) throw layoutInvalid(files.name, 'it has no file oci-layout')
  const value = parseJson(await readSmall(files, 'oci-layout'))
  if (!value.ok || !layoutSchema.safeParse(value.json).success) {
    throw layoutInvalid(files.name, 'its oci-layout does not say "imageLayoutVersion": "1.0.0"')
  }
}

async function readSmall(files: LayoutFiles, path: string): Promise<Uint8Array> {
  const file = await files.find(path)
  if (file === undefined) throw layoutInvalid(files.name, `it has no file ${path}`)
  return collect(file.open(), manifestLimit, { about: `${files.name}: ${path}` })
}

async function filesOf(path: string): Promise<LayoutFiles> {
  const state = await stat(path).catch(() => undefined)
  return state?.isDirectory() === true ? folderFiles(path) : tarFiles(await indexTar(path))
}

function folderFiles(folder: string): LayoutFiles {
  return {
    name: folder,
    async find(path) {
      const file = join(folder, path)
      const exists = await stat(file).then(
        () => true,
        () => false,
      )
      if (!exists) return undefined
      const access = await openFile(file)
      return {
        size: access.size,
        open: ({ offset = 0, end = access.size, signal } = {}) =>
          access.open({ start: offset, end: Math.min(end, access.size) }, { signal }),
      }
    },
    close: async () => undefined,
  }
}

function tarFiles(tar: TarIndex): LayoutFiles {
  return {
    name: tar.name,
    async find(path) {
      const entry = tar.find(path)
      return entry && { size: entry.size, open: (options) => tar.open(entry, options) }
    },
    close: tar.close,
  }
}
