import type { Descriptor, ManifestContent } from '@ropeway/core'
import { encodeManifest, mediaTypes, sha256 } from '@ropeway/oci'
import type { ChartMetadata } from './metadata.js'
import { metadataJson } from './metadata-json.js'

/** A blob with its descriptor. */
export interface Blob {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** A chart as the OCI artifact that `helm push` makes. */
export interface ChartArtifact {
  readonly manifest: ManifestContent
  readonly config: Blob
  /** The archive and its provenance, if any, ordered by digest as Helm orders them. */
  readonly layers: readonly Blob[]
}

export interface ChartParts {
  readonly metadata: ChartMetadata
  /** The packaged chart, exactly as published. */
  readonly archive: Uint8Array
  /** The `.prov` file, exactly as published. */
  readonly provenance?: Uint8Array | undefined
}

/**
 * Helm's OCI artifact of a packaged chart: config, layers and annotations as `helm push` writes them, but without the time
 * of its making. Equal parts give equal bytes.
 */
export function chartArtifact(parts: ChartParts): ChartArtifact {
  const config = blob(new TextEncoder().encode(metadataJson(parts.metadata)), mediaTypes.helmConfig)
  const layers = [blob(parts.archive, mediaTypes.helmChart)]
  if (parts.provenance !== undefined) layers.push(blob(parts.provenance, mediaTypes.helmProvenance))
  layers.sort((a, b) => order(a.descriptor.digest, b.descriptor.digest))
  const manifest = encodeManifest(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      annotations: chartAnnotations(parts.metadata),
    },
    mediaTypes.ociManifest,
  )
  return { manifest, config, layers }
}

/** The annotations of a chart's manifest, sorted: what OCI has names for, then the chart's own. */
export function chartAnnotations(metadata: ChartMetadata): Record<string, string> {
  const fixed = {
    'org.opencontainers.image.title': metadata.name,
    'org.opencontainers.image.version': metadata.version,
  }
  const all = {
    'org.opencontainers.image.description': metadata.description,
    'org.opencontainers.image.url': metadata.home,
    'org.opencontainers.image.source': metadata.sources?.[0],
    'org.opencontainers.image.authors': authors(metadata),
  }
  const told = Object.entries(all).filter((entry): entry is [string, string] => (entry[1] ?? '').trim() !== '')
  const merged = { ...Object.fromEntries(told), ...metadata.annotations, ...fixed }
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
}

function authors({ maintainers }: ChartMetadata): string {
  return (maintainers ?? []).map(({ name = '', email = '' }) => name + (email === '' ? '' : ` (${email})`)).join(', ')
}

function blob(bytes: Uint8Array, mediaType: string): Blob {
  return { bytes, descriptor: { mediaType, digest: sha256(bytes), size: bytes.byteLength } }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
