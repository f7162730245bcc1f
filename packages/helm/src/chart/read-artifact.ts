import type { Artifact, Context } from '@ropeway/core'
import { childrenOf, mediaTypes, parseManifest, readSmall } from '@ropeway/oci'
import { chartWithoutArchive } from '../errors.js'
import { chartFiles, type ChartFile } from './archive.js'

/** Media types of a chart's archive: Helm's, and the one before it. */
const archiveTypes = new Set<string>([mediaTypes.helmChart, 'application/tar+gzip'])

export interface ChartContent {
  readonly files: readonly ChartFile[]
  /** The packaged chart, exactly as published. */
  readonly archive: Uint8Array
  readonly provenance: Uint8Array | undefined
}

/**
 * Reads a chart's artifact: its files, and the layers that they come from. Throws what its content throws,
 * `CHART_WITHOUT_ARCHIVE`, `CHART_ARCHIVE_INVALID`.
 */
export async function readChartArtifact(
  { name, root, content }: Pick<Artifact, 'name' | 'root' | 'content'>,
  context: Pick<Context, 'cache' | 'signal'>,
): Promise<ChartContent> {
  const manifest = parseManifest(await readSmall(content, root, context), root.mediaType, { about: name })
  const { blobs: layers } = childrenOf(manifest)
  const packed = layers.find(({ mediaType }) => archiveTypes.has(mediaType))
  if (packed === undefined) throw chartWithoutArchive(name)
  const signed = layers.find(({ mediaType }) => mediaType === mediaTypes.helmProvenance)
  const archive = await readSmall(content, packed, context)
  const provenance = signed === undefined ? undefined : await readSmall(content, signed, context)
  const files: ChartFile[] = []
  for await (const file of chartFiles(archive, name)) files.push(file)
  return { files, archive, provenance }
}
