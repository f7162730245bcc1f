import type { Artifact, Content, Context, Descriptor, Json } from '@ropeway/core'
import {
  changeChart,
  chartArtifact,
  chartContent,
  readChartArchive,
  type ChartArtifact,
  type ChartChanges,
  type PackedChart,
} from '@ropeway/helm'
import {
  collect,
  formatReference,
  manifestLimit,
  mediaTypes,
  parseManifest,
  sha256,
  type ParsedManifest,
} from '@ropeway/oci'
import { z } from 'zod'

/** What of a locator an artifact that was changed needs besides. */
export interface ChangedFrom {
  /** The changes, as plain data. */
  readonly changes: { readonly values?: string; readonly withoutDependencies?: boolean }
  /** For a chart of a registry: its reference, and the layer with its archive. */
  readonly reference?: string
  readonly archive?: Descriptor
}

const JsonMap = z.record(z.string(), z.json()).catch({})

/** Layers that hold a chart's archive. */
const archiveTypes: ReadonlySet<string> = new Set([mediaTypes.helmChart, 'application/tar+gzip'])

/** The archive of a chart that is in a registry, or was made into what would be. */
export async function archiveLayer(
  artifact: Pick<Artifact, 'name' | 'root' | 'content'>,
): Promise<Descriptor | undefined> {
  const { name, root, content } = artifact
  const read = async (descriptor: Descriptor): Promise<ParsedManifest> => {
    const bytes = await collect(content.open(descriptor), manifestLimit, { side: 'source', about: name })
    return parseManifest(bytes, descriptor.mediaType, { side: 'source', about: name })
  }
  const manifest = await read(root)
  const manifests = manifest.type === 'index' ? await Promise.all(manifest.manifests.map(read)) : [manifest]
  return manifests
    .flatMap((each) => (each.type === 'image' ? each.layers : []))
    .find(({ mediaType }) => archiveTypes.has(mediaType))
}

/**
 * The chart with its changes: an artifact that was made here, without provenance, for that speaks of another archive. As it is when
 * there is nothing to change. `reload` brings the changed archive again.
 */
export async function changedArtifact(
  artifact: Artifact,
  changes: ChartChanges,
  reload: () => Promise<PackedChart>,
  context: Context,
): Promise<Artifact> {
  const { name, source } = artifact
  const layer = await archiveLayer(artifact)
  if (layer === undefined) return artifact
  const published = await context.cache.fetch(layer, () => artifact.content.open(layer))
  const packed = await changeChart(published, changes, name)
  if (packed === undefined) return artifact
  await context.cache.write(sha256(packed.archive), packed.archive)
  const made = chartArtifact(packed)
  const from: ChangedFrom = {
    changes: plainChanges(changes),
    ...(source.reference === undefined ? {} : { reference: formatReference(source.reference), archive: layer }),
  }
  const { 'helm.provenance': _, ...annotations } = artifact.annotations ?? {}
  return {
    ...artifact,
    source: { location: source.location, locator: { ...JsonMap.parse(source.locator), ...plain(from) } },
    root: made.manifest.descriptor,
    content: chartContent(made, name, reload, context),
    derived: recipes(made, sha256(packed.archive), layer.digest, from.changes),
    annotations: { ...annotations, 'addons.changed': Object.keys(from.changes).join(', ') },
  }
}

/** The content of a changed chart, from the archive as published. */
export async function changedContent(
  name: string,
  load: () => Promise<Uint8Array>,
  changes: ChartChanges,
  context: Context,
): Promise<Content> {
  const reload = () => changedChart(name, load, changes)
  return chartContent(chartArtifact(await reload()), name, reload, context)
}

/** A published archive with changes made to it. One that they do not change any more is given back as it is. */
export async function changedChart(
  name: string,
  load: () => Promise<Uint8Array>,
  changes: ChartChanges,
): Promise<PackedChart> {
  const archive = await load()
  const packed = await changeChart(archive, changes, name)
  return packed ?? { archive, metadata: (await readChartArchive(archive, name)).metadata }
}

function plainChanges({ values, withoutDependencies }: ChartChanges): ChangedFrom['changes'] {
  return {
    ...(values === undefined ? {} : { values }),
    ...(withoutDependencies === true ? { withoutDependencies } : {}),
  }
}

function recipes(made: ChartArtifact, archive: string, published: string, changes: ChangedFrom['changes']) {
  return [
    { digest: made.manifest.descriptor.digest, recipe: { type: 'helm-chart', archive } },
    { digest: made.config.descriptor.digest, recipe: { type: 'helm-chart-config', archive } },
    { digest: archive, recipe: { type: 'helm-change', from: published, ...changes } },
  ]
}

function plain({ changes, reference, archive }: ChangedFrom): { readonly [key: string]: Json } {
  if (reference === undefined || archive === undefined) return { changes }
  const { mediaType, digest, size } = archive
  return { changes, reference, archive: { mediaType, digest, size } }
}
