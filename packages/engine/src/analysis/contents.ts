import type { Artifact, Content, Context, Descriptor } from '@ropeway/core'
import { chartFiles, type ChartFile } from '@ropeway/helm'
import { decodeText } from '@ropeway/images'
import { childrenOf, collect, fileAnnotations, manifestLimit, mediaTypes, parseManifest, verified } from '@ropeway/oci'
import * as errors from '../errors.js'
import { smallContentLimit } from '../runtime/cache.js'
import type { ManifestText } from './analysis.js'

type Readable = Pick<Artifact, 'name' | 'root' | 'content'>
type ReadContext = Pick<Context, 'cache' | 'signal'>

/** Media types of a chart's archive: Helm's, and the one before it. */
const archiveTypes = new Set<string>([mediaTypes.helmChart, 'application/tar+gzip'])

export interface ChartContent {
  readonly files: readonly ChartFile[]
  readonly archive: Uint8Array
  readonly provenance: Uint8Array | undefined
}

/** A chart's files, and the layers that they come from. Throws what its source throws, `CHART_ARCHIVE_INVALID`. */
export async function readChart(artifact: Readable, context: ReadContext): Promise<ChartContent> {
  const layers = await layersOf(artifact, context)
  const packed = layers.find(({ mediaType }) => archiveTypes.has(mediaType))
  if (packed === undefined) throw errors.chartWithoutArchive(artifact.name)
  const signed = layers.find(({ mediaType }) => mediaType === mediaTypes.helmProvenance)
  const archive = await readSmall(artifact.content, packed, context)
  const provenance = signed === undefined ? undefined : await readSmall(artifact.content, signed, context)
  const files: ChartFile[] = []
  for await (const file of chartFiles(archive, artifact.name)) files.push(file)
  return { files, archive, provenance }
}

export interface ManifestContentFile extends ManifestText {
  readonly layer: Descriptor
}

/** The files of a manifests artifact. Throws what its source throws, `TEXT_NOT_UTF8`. */
export async function readManifestTexts(artifact: Readable, context: ReadContext): Promise<ManifestContentFile[]> {
  const layers = await layersOf(artifact, context)
  return Promise.all(
    layers.map(async (layer) => {
      const name = layer.annotations?.[fileAnnotations.title] ?? artifact.name
      return { name, layer, text: decodeText(await readSmall(artifact.content, layer, context), name) }
    }),
  )
}

async function layersOf({ name, root, content }: Readable, context: ReadContext): Promise<readonly Descriptor[]> {
  const bytes = await readSmall(content, root, context, manifestLimit)
  const { blobs } = childrenOf(parseManifest(bytes, root.mediaType, { about: name }))
  return blobs.filter(({ mediaType }) => mediaType !== mediaTypes.ociEmpty && mediaType !== mediaTypes.helmConfig)
}

async function readSmall(
  content: Content,
  descriptor: Descriptor,
  { cache, signal }: ReadContext,
  limit = smallContentLimit,
): Promise<Uint8Array> {
  const kept = await cache.read(descriptor.digest)
  if (kept?.byteLength === descriptor.size) return kept
  const bytes = await collect(verified(content.open(descriptor, { signal }), descriptor), limit)
  await cache.write(descriptor.digest, bytes)
  return bytes
}
