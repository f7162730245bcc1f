import { z } from 'zod'
import type { Artifact, Content, Descriptor, LockedArtifact, Reference } from '@ropeway/core'
import { type ResolveContext, reopenReference, resolveReference } from '@ropeway/distribution'
import {
  collect,
  formatReference,
  isImageManifest,
  manifestLimit,
  mediaTypes,
  parseReference,
  readManifest,
  type ParsedManifest,
} from '@ropeway/oci'
import { chartVersionConflict, notAChart, versionNotFound } from '../errors.js'
import { selectVersion } from '../repository/select.js'
import { tryVersion } from '../version/version.js'
import { versionTag, versionsOfTags } from '../version/tags.js'

/** A chart in a registry, as asked for. */
export interface WantedOciChart {
  /** `oci://host/path/name[:tag][@digest]` */
  readonly location: string
  /** A version or a constraint; absent: the tag of the location, else the newest stable version. */
  readonly version?: string | undefined
  readonly devel?: boolean | undefined
}

/** A chart that was found in a registry. */
export interface OciChart {
  /** As published; its content is the registry's. */
  readonly artifact: Artifact
  readonly name: string
  readonly version: string
  /** The layer with the archive. */
  readonly archive: Descriptor
}

/** Bytes that the config of a chart may have. */
const configLimit = 4 * 1024 * 1024

const ChartConfig = z.object({ name: z.string().min(1), version: z.string().min(1) })

/** Layers that hold a chart; the second is what Helm wrote before 3.7. */
const chartLayers: ReadonlySet<string> = new Set([mediaTypes.helmChart, 'application/tar+gzip'])

/** True for the address of a chart in a registry. */
export function isOciLocation(text: string): boolean {
  return text.startsWith('oci://')
}

/** The parts of an `oci://` address. Throws `REFERENCE_INVALID`. */
export function parseOciLocation(location: string): Reference {
  return parseReference(location.slice('oci://'.length).replace(/\/+$/, ''))
}

/**
 * Finds a chart in a registry and pins it. A full version is its tag; a constraint is looked up among the tags, as Helm
 * does. Throws `REFERENCE_INVALID`, `CHART_VERSION_CONFLICT`, `CHART_VERSION_NOT_FOUND`, `NOT_A_CHART`, and what the
 * registry client throws.
 */
export async function resolveOciChart(wanted: WantedOciChart, context: ResolveContext): Promise<OciChart> {
  const written = parseOciLocation(wanted.location)
  const reference = await named(written, wanted, context)
  const artifact = await resolveReference(reference, context)
  const about = formatReference(reference)
  const found = await findChart(artifact, about)
  if (found === undefined) throw notAChart(about)
  if (found.config.size > configLimit) throw notAChart(about)
  const bytes = await context.cache.fetch(found.config, () => artifact.content.open(found.config))
  const config = ChartConfig.safeParse(parseJson(bytes))
  if (!config.success) throw notAChart(about)
  if (!fits(config.data.version, wanted, written)) throw chartVersionConflict(wanted.location, wanted.version ?? '')
  return { artifact: { ...artifact, kind: 'chart' }, ...config.data, archive: found.archive }
}

/** The content of what `resolveOciChart` found and a lock remembers, without asking for anything anew. */
export function reopenOciChart(locked: Pick<LockedArtifact, 'source' | 'name'>, context: ResolveContext): Content {
  return reopenReference(locked, context)
}

/** The reference with the tag that the version means. */
async function named(written: Reference, wanted: WantedOciChart, context: ResolveContext): Promise<Reference> {
  const { version } = wanted
  const full = version !== undefined && isFullVersion(version)
  if (full && written.tag !== undefined && written.tag !== versionTag(version)) {
    throw chartVersionConflict(wanted.location, version)
  }
  if (written.tag !== undefined) return written
  if (full) return { ...written, tag: versionTag(version) }
  if (written.digest !== undefined) return written
  return { ...written, tag: await findTag(written, wanted, context) }
}

/** Whether a chart that was named by tag or digest satisfies a constraint that stands beside it. */
function fits(found: string, { version }: WantedOciChart, written: Reference): boolean {
  if (version === undefined || (written.tag === undefined && written.digest === undefined)) return true
  return selectVersion([{ version: found }], version) !== undefined
}

async function findTag(reference: Reference, wanted: WantedOciChart, context: ResolveContext): Promise<string> {
  const { version, devel } = wanted
  const { signal } = context
  const client = context.registry(reference.registry, 'source')
  // `1.2` may be a tag as well as a constraint; Helm takes the tag
  if (version !== undefined && tryVersion(version) !== undefined) {
    const tag = versionTag(version)
    if ((await client.find(reference.repository, tag, { signal })) !== undefined) return tag
  }
  const tags: string[] = []
  for await (const tag of client.tags(reference.repository, { signal })) tags.push(tag)
  const versions = versionsOfTags(tags)
  const chosen = selectVersion(versions, version, { devel })
  if (chosen !== undefined) return chosen.tag
  throw versionNotFound(
    formatReference(reference),
    version,
    versions.map((each) => each.version),
  )
}

function isFullVersion(text: string): boolean {
  return /^v?\d+\.\d+\.\d+(?:[-+]|$)/.test(text) && tryVersion(text) !== undefined
}

interface FoundChart {
  readonly config: Descriptor
  readonly archive: Descriptor
}

async function findChart({ root, content }: Artifact, about: string): Promise<FoundChart | undefined> {
  const subject = { side: 'source', about } as const
  const read = (descriptor: Descriptor) => collect(content.open(descriptor), manifestLimit, subject)
  const { manifest } = await readManifest(root, read, subject)
  if (manifest.type !== 'index') return chartOf(manifest)
  for (const child of manifest.manifests) {
    if (!isImageManifest(child.mediaType)) continue
    const found = chartOf((await readManifest(child, read, subject)).manifest)
    if (found !== undefined) return found
  }
  return undefined
}

function chartOf(manifest: ParsedManifest): FoundChart | undefined {
  if (manifest.type !== 'image' || manifest.config.mediaType !== mediaTypes.helmConfig) return undefined
  const archive = manifest.layers.find(({ mediaType }) => chartLayers.has(mediaType))
  return archive === undefined ? undefined : { config: manifest.config, archive }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
