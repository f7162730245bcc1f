import type { Descriptor, ManifestContent, Platform } from '@ropeway/core'
import { encodeManifest } from './encode.js'
import { contentTooLarge, graphTooLarge, platformMissing, type Subject } from './errors.js'
import { readManifest, type ReadDescriptor } from './graph.js'
import type { ParsedImage, ParsedIndex } from './manifest.js'
import { isImageConfig, isImageManifest, isIndex, manifestLimit } from './media-types.js'
import { formatPlatform, matchesPlatform } from './platform.js'
import { imageConfigSchema } from './schema.js'
import { verifyBytes } from './verify.js'

/** What is left of a root after platforms were selected. */
export interface Selection {
  readonly root: Descriptor
  /** Indexes that were made anew, children before parents; everything else is as published. */
  readonly made: readonly ManifestContent[]
  /** Published digest → delivered digest, for every manifest that became another one. */
  readonly digestMap: Readonly<Record<string, string>>
}

/** An entry of an index, understood. */
type Entry =
  | { readonly type: 'image'; readonly descriptor: Descriptor; readonly platform: Platform }
  | { readonly type: 'attestation'; readonly descriptor: Descriptor; readonly of: string | undefined }
  | { readonly type: 'index'; readonly descriptor: Descriptor; readonly index: ParsedIndex; readonly entries: Entry[] }
  | { readonly type: 'other'; readonly descriptor: Descriptor }

interface Reading {
  readonly read: ReadDescriptor
  readonly subject: Subject
  indexes: number
}

const deepest = 8
const indexLimit = 256

/**
 * Keeps the wanted platforms of an image. None wanted: everything stays as published. One: the root becomes that child
 * itself. Several: indexes are reduced in their order, with the BuildKit attestations of what is kept; an index that loses
 * nothing keeps its bytes. Artifacts that are no images are left alone.
 * Throws `PLATFORM_MISSING`, and what reading and parsing throw.
 */
export async function selectPlatforms(
  root: Descriptor,
  platforms: readonly Platform[],
  read: ReadDescriptor,
  subject: Subject = {},
): Promise<Selection> {
  const untouched: Selection = { root, made: [], digestMap: {} }
  if (platforms.length === 0) return untouched
  const { manifest } = await readManifest(root, read, subject)
  if (manifest.type === 'artifact') return untouched
  if (manifest.type === 'image') {
    const platform = await platformOf(manifest, read, subject)
    if (platform !== undefined) refuseMissing(platforms, [platform], subject)
    return untouched
  }
  const entries = await understand(manifest, { read, subject, indexes: 0 }, 1)
  const images = imagesOf(entries)
  if (images.length === 0) return untouched
  refuseMissing(
    platforms,
    images.map(({ platform }) => platform),
    subject,
  )
  const kept = images.filter(({ platform }) => platforms.some((wanted) => matchesPlatform(wanted, platform)))
  const only = theOnly(platforms, kept)
  if (only !== undefined) return { root: only, made: [], digestMap: { [root.digest]: only.digest } }
  return reduceRoot(root, manifest, entries, new Set(kept.map(({ descriptor }) => descriptor.digest)))
}

function refuseMissing(wanted: readonly Platform[], have: readonly Platform[], subject: Subject): void {
  const missing = wanted.filter((platform) => !have.some((existing) => matchesPlatform(platform, existing)))
  if (missing.length === 0) return
  throw platformMissing(missing.map(formatPlatform), [...new Set(have.map(formatPlatform))], subject)
}

/** The platform that an image's config names; `undefined` for artifacts, and for configs that name none. */
async function platformOf(
  manifest: ParsedImage,
  read: ReadDescriptor,
  { side, about }: Subject,
): Promise<Platform | undefined> {
  const { config } = manifest
  if (!isImageConfig(config.mediaType)) return undefined
  const named: Subject = { side, about: `the config of ${about ?? config.digest}` }
  if (config.size > manifestLimit) throw contentTooLarge(manifestLimit, named)
  const bytes = await read(config)
  verifyBytes(bytes, config, { about: named.about })
  return parseConfigPlatform(bytes)
}

/** The platform that the bytes of an image config name (image-spec, config.md); `undefined` when they name none. */
export function parseConfigPlatform(bytes: Uint8Array): Platform | undefined {
  const result = imageConfigSchema.safeParse(jsonOf(bytes))
  if (!result.success) return undefined
  const { os, architecture, ...rest } = result.data
  return os && architecture ? { os, architecture, ...rest } : undefined
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

async function understand(index: ParsedIndex, reading: Reading, depth: number): Promise<Entry[]> {
  reading.indexes++
  if (depth > deepest || reading.indexes > indexLimit) {
    throw graphTooLarge('indexes within indexes', `${deepest} levels and ${indexLimit} indexes`, reading.subject)
  }
  return Promise.all(index.manifests.map((child) => understandChild(child, reading, depth)))
}

async function understandChild(descriptor: Descriptor, reading: Reading, depth: number): Promise<Entry> {
  if (descriptor.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest') {
    return { type: 'attestation', descriptor, of: descriptor.annotations['vnd.docker.reference.digest'] }
  }
  const { read, subject } = reading
  if (isIndex(descriptor.mediaType)) {
    const { manifest } = await readManifest(descriptor, read, subject)
    if (manifest.type !== 'index') return { type: 'other', descriptor }
    return { type: 'index', descriptor, index: manifest, entries: await understand(manifest, reading, depth + 1) }
  }
  if (!isImageManifest(descriptor.mediaType)) return { type: 'other', descriptor }
  const platform = descriptor.platform ?? (await platformOfChild(descriptor, reading))
  return platform === undefined || !isRunnable(platform)
    ? { type: 'other', descriptor }
    : { type: 'image', descriptor, platform }
}

async function platformOfChild(descriptor: Descriptor, { read, subject }: Reading): Promise<Platform | undefined> {
  const { manifest } = await readManifest(descriptor, read, subject)
  return manifest.type === 'image' ? platformOf(manifest, read, subject) : undefined
}

function isRunnable({ os, architecture }: Platform): boolean {
  return os !== '' && os !== 'unknown' && architecture !== '' && architecture !== 'unknown'
}

function imagesOf(entries: readonly Entry[]): Extract<Entry, { type: 'image' }>[] {
  return entries.flatMap((entry) =>
    entry.type === 'image' ? [entry] : entry.type === 'index' ? imagesOf(entry.entries) : [],
  )
}

/** The child that stands for its index; `undefined` when several platforms, or several versions of a system, are kept. */
function theOnly(
  platforms: readonly Platform[],
  kept: readonly { readonly descriptor: Descriptor; readonly platform: Platform }[],
): Descriptor | undefined {
  const [first] = kept
  const wanted = new Set(platforms.map(formatPlatform))
  const found = new Set(kept.map(({ platform }) => formatPlatform(platform)))
  if (first === undefined || wanted.size > 1 || found.size > 1) return undefined
  const { mediaType, digest, size } = first.descriptor
  return { mediaType, digest, size, platform: first.platform }
}

function reduceRoot(
  root: Descriptor,
  index: ParsedIndex,
  entries: readonly Entry[],
  kept: ReadonlySet<string>,
): Selection {
  const made = new Map<string, ManifestContent>()
  const digestMap: Record<string, string> = {}
  const reduce = (descriptor: Descriptor, of: ParsedIndex, among: readonly Entry[]): Descriptor | undefined => {
    const children = among.map((entry) => keep(entry))
    const left = children.filter((child) => child !== undefined)
    if (left.length === 0) return undefined
    if (children.every((child, position) => child?.digest === among[position]?.descriptor.digest)) return descriptor
    const content = encodeManifest({ ...of.raw, manifests: rawChildren(of, children) }, of.mediaType)
    made.set(content.descriptor.digest, content)
    digestMap[descriptor.digest] = content.descriptor.digest
    return content.descriptor
  }
  const keep = (entry: Entry): Descriptor | undefined => {
    if (entry.type === 'index') return reduce(entry.descriptor, entry.index, entry.entries)
    const wanted =
      entry.type === 'attestation' ? entry.of : entry.type === 'image' ? entry.descriptor.digest : undefined
    return wanted !== undefined && kept.has(wanted) ? entry.descriptor : undefined
  }
  return { root: reduce(root, index, entries) ?? root, made: [...made.values()], digestMap }
}

/** The published entries of what is kept, with all their fields; a reduced index changes its digest and size there. */
function rawChildren(index: ParsedIndex, children: readonly (Descriptor | undefined)[]): object[] {
  const raw: readonly unknown[] = Array.isArray(index.raw['manifests']) ? index.raw['manifests'] : []
  return children.flatMap((child, position) => {
    const published = raw[position]
    if (child === undefined || typeof published !== 'object' || published === null) return []
    return [{ ...published, digest: child.digest, size: child.size }]
  })
}
