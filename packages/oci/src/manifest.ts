import type { Descriptor } from '@ropeway/core'
import type { z } from 'zod'
import { parseDigest } from './digest.js'
import { contentTooLarge, manifestInvalid, manifestSchema1, manifestUnsupported, type Subject } from './errors.js'
import {
  isForeignLayer,
  isImageManifest,
  isIndex,
  isManifestType,
  isSchema1,
  manifestLimit,
  mediaTypes,
  plainMediaType,
} from './media-types.js'
import { artifactManifestSchema, type descriptorSchema, imageManifestSchema, indexSchema } from './schema.js'

type JsonObject = Readonly<Record<string, unknown>>

interface ParsedBase {
  readonly mediaType: string
  readonly artifactType?: string | undefined
  readonly subject?: Descriptor | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** The whole document, as it was parsed. What is carried are its bytes, never this. */
  readonly raw: JsonObject
}

/** An image manifest, or any artifact that is published as one (image-spec, manifest.md; Docker schema 2). */
export interface ParsedImage extends ParsedBase {
  readonly type: 'image'
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** An image index (image-spec, image-index.md) or a Docker manifest list. */
export interface ParsedIndex extends ParsedBase {
  readonly type: 'index'
  readonly manifests: readonly Descriptor[]
}

/** The withdrawn artifact manifest: blobs without a config. */
export interface ParsedArtifactManifest extends ParsedBase {
  readonly type: 'artifact'
  readonly blobs: readonly Descriptor[]
}

export type ParsedManifest = ParsedImage | ParsedIndex | ParsedArtifactManifest

/** Content types that say nothing about what a document is. */
const generic: ReadonlySet<string> = new Set(['', 'application/json', 'text/plain', 'application/octet-stream'])

/** The fields that decide what a document is; parsers that ignore case must not find others than this one does. */
const deciding = [
  'schemaVersion',
  'mediaType',
  'config',
  'layers',
  'manifests',
  'blobs',
  'fsLayers',
  'subject',
  'artifactType',
]
const decidingByLowerCase = new Map(deciding.map((field) => [field.toLowerCase(), field]))

/**
 * Reads a manifest or index. `mediaType` is what its descriptor or the registry's `Content-Type` says; a document that
 * contradicts it, or that is an image and an index at once (CVE-2021-41190), is refused.
 * Throws `MANIFEST_INVALID`, `MANIFEST_SCHEMA1`, `MANIFEST_UNSUPPORTED`, `CONTENT_TOO_LARGE`, `DIGEST_UNSUPPORTED`.
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string, subject: Subject = {}): ParsedManifest {
  if (bytes.byteLength > manifestLimit) throw contentTooLarge(manifestLimit, subject)
  const raw = parseObject(bytes, subject)
  refuseOtherSpelling(raw, subject)
  const type = mediaTypeOf(raw, plainMediaType(mediaType ?? ''), subject)
  if (isIndex(type)) {
    refuseFields(raw, ['config', 'layers', 'blobs', 'fsLayers'], 'an index', subject)
    const { manifests, ...rest } = checked(indexSchema, raw, subject)
    return {
      type: 'index',
      ...base(rest, type, raw, subject),
      manifests: manifests.map((child) => valid(child, subject)),
    }
  }
  if (isImageManifest(type)) {
    refuseFields(raw, ['manifests', 'blobs', 'fsLayers'], 'an image manifest', subject)
    const { config, layers, ...rest } = checked(imageManifestSchema, raw, subject)
    return {
      type: 'image',
      ...base(rest, type, raw, subject),
      config: valid(config, subject),
      layers: layers.map((layer) => valid(layer, subject)),
    }
  }
  refuseFields(raw, ['manifests', 'config', 'layers', 'fsLayers'], 'an artifact manifest', subject)
  const { blobs, ...rest } = checked(artifactManifestSchema, raw, subject)
  return { type: 'artifact', ...base(rest, type, raw, subject), blobs: blobs.map((blob) => valid(blob, subject)) }
}

function parseObject(bytes: Uint8Array, subject: Subject): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw manifestInvalid('it is not JSON', { ...subject, cause })
  }
  if (!isObject(value)) throw manifestInvalid('it is not a JSON object', subject)
  return value
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuseOtherSpelling(raw: JsonObject, subject: Subject): void {
  for (const key of Object.keys(raw)) {
    const field = decidingByLowerCase.get(key.toLowerCase())
    if (field !== undefined && field !== key) {
      throw manifestInvalid(`its field "${key}" differs from "${field}" in case only`, subject)
    }
  }
}

function mediaTypeOf(raw: JsonObject, declared: string, subject: Subject): string {
  const own = typeof raw['mediaType'] === 'string' ? plainMediaType(raw['mediaType']) : ''
  if (isSchema1(declared) || isSchema1(own) || raw['schemaVersion'] === 1 || 'fsLayers' in raw) {
    throw manifestSchema1(subject)
  }
  if (own !== '' && !generic.has(declared) && own !== declared) {
    throw manifestInvalid(`it says "${own}" of itself, and it was named as "${declared}"`, subject)
  }
  const type = own !== '' ? own : generic.has(declared) ? mediaTypeByShape(raw, subject) : declared
  if (!isManifestType(type)) throw manifestUnsupported(type, subject)
  return type
}

function mediaTypeByShape(raw: JsonObject, subject: Subject): string {
  if ('manifests' in raw) return mediaTypes.ociIndex
  if ('config' in raw || 'layers' in raw) return mediaTypes.ociManifest
  throw manifestInvalid('it has no media type, no manifests and no config', subject)
}

function refuseFields(raw: JsonObject, fields: readonly string[], what: string, subject: Subject): void {
  const found = fields.filter((field) => field in raw)
  if (found.length > 0) throw manifestInvalid(`${what} has no field "${found.join('", "')}"`, subject)
}

function checked<Schema extends z.ZodType>(schema: Schema, raw: JsonObject, subject: Subject): z.output<Schema> {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const reason = issue === undefined ? 'it has another shape' : `${issue.path.join('.')}: ${issue.message}`
  throw manifestInvalid(reason, subject)
}

function valid(descriptor: z.output<typeof descriptorSchema>, subject: Subject): Descriptor {
  parseDigest(descriptor.digest, subject)
  return defined(descriptor)
}

/** Without the fields that are `undefined`, so that equal descriptors are deeply equal. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T
}

function base(
  fields: {
    artifactType?: string | undefined
    subject?: z.output<typeof descriptorSchema> | undefined
    annotations?: Record<string, string> | undefined
  },
  mediaType: string,
  raw: JsonObject,
  about: Subject,
): ParsedBase {
  const { artifactType, subject, annotations } = fields
  return defined({ mediaType, artifactType, subject: subject && valid(subject, about), annotations, raw })
}

/** What a manifest names: further manifests, blobs, and foreign layers. `subject` points upwards and is not among them. */
export interface Children {
  readonly manifests: readonly Descriptor[]
  /** Config and layers that the registry holds. */
  readonly blobs: readonly Descriptor[]
  /** Layers that may not be redistributed and are fetched from their own `urls`: they stay names in the manifest. */
  readonly foreign: readonly Descriptor[]
}

/**
 * The descriptors that a manifest names, in its order. Entries of an index that are no manifests are blobs. A foreign
 * layer is one of a non-distributable media type that says where else it lives; without `urls` it is a blob.
 */
export function childrenOf(manifest: ParsedManifest): Children {
  if (manifest.type === 'index') {
    const isManifest = (child: Descriptor): boolean => isManifestType(child.mediaType) || isSchema1(child.mediaType)
    return {
      manifests: manifest.manifests.filter(isManifest),
      blobs: manifest.manifests.filter((child) => !isManifest(child)),
      foreign: [],
    }
  }
  const content = manifest.type === 'image' ? [manifest.config, ...manifest.layers] : manifest.blobs
  return {
    manifests: [],
    blobs: content.filter((blob) => !isForeign(blob)),
    foreign: content.filter(isForeign),
  }
}

function isForeign(layer: Descriptor): boolean {
  return isForeignLayer(layer.mediaType) && layer.urls !== undefined && layer.urls.length > 0
}
