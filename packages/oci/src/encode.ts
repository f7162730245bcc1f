import type { Descriptor, ManifestContent } from '@ropeway/core'
import { sha256 } from './digest.js'
import { mediaTypes } from './media-types.js'

/** Bytes and descriptor of a document that is made here: compact JSON, keys in the order given, so always the same. */
export function encodeManifest(value: object, mediaType: string): ManifestContent {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  return { bytes, descriptor: { mediaType, digest: sha256(bytes), size: bytes.byteLength } }
}

/** The empty config of artifacts (image-spec, manifest.md, "Guidance for an Empty Descriptor"). */
export const emptyConfig: { readonly descriptor: Descriptor; readonly bytes: Uint8Array } = {
  descriptor: {
    mediaType: mediaTypes.ociEmpty,
    digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    size: 2,
    data: 'e30=',
  },
  bytes: new TextEncoder().encode('{}'),
}

export interface ArtifactParts {
  readonly artifactType: string
  /** The default is the empty config. */
  readonly config?: Descriptor | undefined
  readonly layers: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly subject?: Descriptor | undefined
}

/**
 * An OCI 1.1 artifact manifest (image-spec, manifest.md, "Guidelines for Artifact Usage"). Annotations are sorted; without
 * layers the empty one stands for them. Equal parts give equal bytes.
 */
export function buildArtifact(parts: ArtifactParts): ManifestContent {
  const { artifactType, config = emptyConfig.descriptor, layers, annotations, subject } = parts
  return encodeManifest(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType,
      config: written(config),
      layers: (layers.length === 0 ? [emptyConfig.descriptor] : layers).map(written),
      ...(subject === undefined ? {} : { subject: written(subject) }),
      ...(annotations === undefined ? {} : { annotations: sorted(annotations) }),
    },
    mediaTypes.ociManifest,
  )
}

/** A descriptor's fields in a fixed order, whatever the order in which they were given. */
function written(descriptor: Descriptor): Descriptor {
  const { mediaType, digest, size, artifactType, platform, annotations, data, urls } = descriptor
  return {
    mediaType,
    digest,
    size,
    urls,
    annotations: annotations && sorted(annotations),
    data,
    platform,
    artifactType,
  }
}

function sorted(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => compare(a, b)))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * JSON for files that people keep in git: keys sorted by code unit, two spaces, a newline at the end. Fields that are
 * `undefined` are left out. Equal values give equal text.
 */
export function canonicalJson(value: unknown): string {
  return `${write(value, '')}\n`
}

function write(value: unknown, indent: string): string {
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => `${deeper}${write(item, deeper)}`)
    return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n${indent}]`
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => compare(a, b))
      .map(([key, field]) => `${deeper}${JSON.stringify(key)}: ${write(field, deeper)}`)
    return fields.length === 0 ? '{}' : `{\n${fields.join(',\n')}\n${indent}}`
  }
  return JSON.stringify(value) ?? 'null'
}
