import type { Artifact, Context, Descriptor, ManifestContent } from '@ropeway/core'
import {
  buildArtifact,
  childrenOf,
  emptyConfig,
  fileAnnotations,
  fileArtifactTypes,
  mediaTypes,
  parseManifest,
  readSmall,
  sha256,
} from '@ropeway/oci'
import { decodeText } from './text.js'

/** One file of an artifact of manifests. */
export interface ManifestFile {
  /** Its path, as it is given back. */
  readonly name: string
  readonly text: string
  readonly layer: Descriptor
}

/** Reads the files of an artifact of manifests. Throws what its content throws, and `TEXT_NOT_UTF8`. */
export async function readManifestArtifact(
  { name: about, root, content }: Pick<Artifact, 'name' | 'root' | 'content'>,
  context: Pick<Context, 'cache' | 'signal'>,
): Promise<ManifestFile[]> {
  const manifest = parseManifest(await readSmall(content, root, context), root.mediaType, { about })
  const layers = childrenOf(manifest).blobs.filter(({ mediaType }) => mediaType !== mediaTypes.ociEmpty)
  return Promise.all(
    layers.map(async (layer) => {
      const name = layer.annotations?.[fileAnnotations.title] ?? about
      return { name, layer, text: decodeText(await readSmall(content, layer, context), name) }
    }),
  )
}

/** The artifact of the same files with other texts. Equal texts give equal bytes. */
export function manifestArtifact(files: readonly ManifestFile[]): {
  readonly manifest: ManifestContent
  /** Config and layers. */
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[]
} {
  const layers = files.map(({ layer, text }) => {
    const bytes = Buffer.from(text)
    return { descriptor: { ...layer, digest: sha256(bytes), size: bytes.byteLength }, bytes }
  })
  const manifest = buildArtifact({
    artifactType: fileArtifactTypes.manifests,
    layers: layers.map(({ descriptor }) => descriptor),
  })
  return { manifest, blobs: [emptyConfig, ...layers] }
}
