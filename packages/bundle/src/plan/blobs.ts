import type { Descriptor, PlannedArtifact } from '@ropeway/core'
import { parseManifest, verifyBytes, type ParsedManifest } from '@ropeway/oci'
import { blobSizeConflict, bundleManifestMissing } from '../errors.js'
import { compareBlobs, type BlobRole, type SizedBlob } from '../format.js'

/** All that an archive holds, each digest once, in archive order. */
export interface Contents {
  readonly blobs: readonly SizedBlob[]
  /** By digest. */
  readonly mediaTypes: ReadonlyMap<string, string>
  /** Manifests by digest, parsed. */
  readonly parsed: ReadonlyMap<string, ParsedManifest>
}

/**
 * Gathers the blobs of all artifacts. A digest that is several things (the empty JSON is config and layer of many
 * artifacts) is a manifest before it is a config, and a config before it is a layer.
 * Throws `BLOB_SIZE_CONFLICT`, `BUNDLE_MANIFEST_MISSING`, and what verifying and parsing of manifests throws.
 */
export function gatherContents(
  artifacts: readonly PlannedArtifact[],
  manifests: ReadonlyMap<string, Uint8Array>,
): Contents {
  const found = new Map<string, { size: number; role: BlobRole; mediaType: string }>()
  const parsed = new Map<string, ParsedManifest>()
  const add = ({ digest, size, mediaType }: Descriptor, role: BlobRole, artifact: PlannedArtifact): void => {
    const known = found.get(digest)
    if (known !== undefined && known.size !== size) throw blobSizeConflict(digest, [known.size, size], artifact.id)
    const blob = { digest, size, role }
    if (known === undefined || before(blob, { digest, ...known }, mediaType, known.mediaType)) {
      found.set(digest, { size, role, mediaType })
    }
  }
  for (const artifact of artifacts) {
    for (const descriptor of artifact.manifests) {
      const { digest, mediaType } = descriptor
      add(descriptor, 'manifest', artifact)
      if (parsed.has(digest)) continue
      const about = `${artifact.id} (${digest})`
      parsed.set(digest, parseManifest(bytesOf(manifests, descriptor, artifact), mediaType, { about }))
    }
    const configs = configDigests(artifact, parsed)
    for (const blob of artifact.blobs) add(blob, configs.has(blob.digest) ? 'config' : 'layer', artifact)
  }
  const blobs = [...found].map(([digest, { size, role }]) => ({ digest, size, role })).sort(compareBlobs)
  return { blobs, parsed, mediaTypes: new Map([...found].map(([digest, { mediaType }]) => [digest, mediaType])) }
}

/** One of several descriptors of a digest is kept, the same one in whatever order they come. */
function before(blob: SizedBlob, known: SizedBlob, mediaType: string, knownMediaType: string): boolean {
  const order = compareBlobs(blob, known)
  return order < 0 || (order === 0 && mediaType < knownMediaType)
}

function bytesOf(
  manifests: ReadonlyMap<string, Uint8Array>,
  descriptor: Descriptor,
  artifact: PlannedArtifact,
): Uint8Array {
  const bytes = manifests.get(descriptor.digest)
  if (bytes === undefined) throw bundleManifestMissing(artifact.id, descriptor.digest)
  verifyBytes(bytes, descriptor, { about: `${artifact.id} (${descriptor.digest})` })
  return bytes
}

function configDigests(artifact: PlannedArtifact, parsed: ReadonlyMap<string, ParsedManifest>): Set<string> {
  const configs = artifact.manifests.map(({ digest }) => {
    const manifest = parsed.get(digest)
    return manifest?.type === 'image' ? manifest.config.digest : undefined
  })
  return new Set(configs.filter((digest) => digest !== undefined))
}
