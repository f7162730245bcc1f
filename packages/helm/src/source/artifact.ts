import type { Artifact, Content, Context, Derived, Naming } from '@ropeway/core'
import { isRepository, isTag } from '@ropeway/oci'
import { chartArtifact, type ChartArtifact, type ChartParts } from '../chart/artifact.js'
import { chartContentUnknown, chartNameLowered, chartNameRefused } from '../errors.js'
import { versionTag } from '../version/tags.js'
import { type ChartLocator, pins } from './locator.js'
import type { WantedArtifact } from './wanted.js'

/** Brings a chart's archive and provenance again when the content cache has lost them. */
export type Reload = () => Promise<ChartParts>

/** The artifact of a chart that lives in no registry. Throws `CHART_NAME_REFUSED`. */
export function derivedChart(
  parts: ChartParts,
  where: { readonly location: string; readonly locator: ChartLocator },
  wanted: WantedArtifact,
  reload: Reload,
  context: Pick<Context, 'cache' | 'signal' | 'log'>,
): Artifact {
  const { name, version } = parts.metadata
  const made = chartArtifact(parts)
  return {
    kind: 'chart',
    name,
    version,
    source: { location: where.location, locator: where.locator },
    root: made.manifest.descriptor,
    content: chartContent(made, name, reload, context),
    naming: chartNaming(name, [versionTag(version)], wanted.namespace, context),
    derived: recipes(made, parts, where.locator),
    settings: wanted.settings,
    annotations: chartNotes(parts),
  }
}

/** Manifest and config are made here; archive and provenance come from the content cache, or are fetched again. */
export function chartContent(
  made: ChartArtifact,
  name: string,
  reload: Reload,
  context: Pick<Context, 'cache' | 'signal'>,
): Content {
  const small = new Map([made.manifest, made.config].map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
  const layers = new Set(made.layers.map(({ descriptor }) => descriptor.digest))
  async function read(digest: string): Promise<Uint8Array> {
    if (!layers.has(digest)) throw chartContentUnknown(name, digest)
    const kept = await context.cache.read(digest)
    if (kept !== undefined) return kept
    const again = chartArtifact(await reload()).layers.find(({ descriptor }) => descriptor.digest === digest)
    if (again === undefined) throw chartContentUnknown(name, digest)
    return again.bytes
  }
  return {
    async *open({ digest }, { offset, end, signal = context.signal } = {}) {
      signal.throwIfAborted()
      const part = (small.get(digest) ?? (await read(digest))).subarray(offset, end)
      signal.throwIfAborted()
      if (part.byteLength > 0) yield part
    },
  }
}

/** How a chart is called at its destination, as Helm wants it: `[namespace/]name:version`. Throws `CHART_NAME_REFUSED`. */
export function chartNaming(
  name: string,
  tags: readonly string[],
  namespace: string | undefined,
  { log }: Pick<Context, 'log'>,
): Naming {
  const path = namespace === undefined ? name.toLowerCase() : `${namespace}/${name.toLowerCase()}`
  if (!isRepository(path)) throw chartNameRefused(name, `${JSON.stringify(path)} is no repository`)
  const odd = tags.find((tag) => !isTag(tag))
  if (odd !== undefined) throw chartNameRefused(name, `${JSON.stringify(odd)} is no tag`)
  if (name !== name.toLowerCase()) {
    log.warn(chartNameLowered(name))
  }
  return { path, tags: [...new Set(tags)] }
}

/** What people want to know of a chart beside its content: whether it is signed. */
function chartNotes({ provenance }: ChartParts): Readonly<Record<string, string>> | undefined {
  return provenance === undefined ? undefined : { 'helm.provenance': 'carried' }
}

function recipes(made: ChartArtifact, parts: ChartParts, locator: ChartLocator): readonly Derived[] {
  const from = pins(parts)
  return [
    { digest: made.manifest.descriptor.digest, recipe: { type: 'helm-chart', ...from } },
    { digest: made.config.descriptor.digest, recipe: { type: 'helm-chart-config', archive: from.archive } },
    ...(locator.type === 'path' && locator.packed
      ? [{ digest: from.archive, recipe: { type: 'helm-package', path: locator.path } }]
      : []),
  ]
}
