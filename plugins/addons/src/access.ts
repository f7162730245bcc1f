import type { Artifact, Content, Context, Json, LockedArtifact } from '@ropeway/core'
import {
  chartArtifact,
  chartContent,
  chartLocator,
  loadLocked,
  locatorInvalid,
  redacted,
  reopenOciChart,
  type Addon,
  type ChartAccess,
  type ChartParts,
} from '@ropeway/helm'
import { z } from 'zod'
import { changedContent } from './change.js'
import { listAddons } from './files.js'
import type { Located } from './locate.js'
import type { AddonsOptions } from './options.js'

/** What a lock remembers of an addon's chart that is in no registry as it travels. */
const addonLocator = z.strictObject({
  /** Whose repository it came from. */
  addon: z.string(),
  /** Where in that repository, or absent for a chart of a registry. */
  chart: chartLocator.exactOptional(),
  /** Address of the repository. Absent when it holds a query, which may be a secret: the file of addons then has it. */
  repository: z.string().exactOptional(),
  /** What was changed in the published chart. */
  changes: z
    .strictObject({ values: z.string().exactOptional(), withoutDependencies: z.boolean().exactOptional() })
    .exactOptional(),
  /** For a changed chart of a registry: its reference, and the layer with its archive. */
  reference: z.string().exactOptional(),
  archive: z.strictObject({ mediaType: z.string(), digest: z.string(), size: z.number() }).exactOptional(),
})
type AddonLocator = z.output<typeof addonLocator>

export function accessOf({ passCredentials, verifyDigest, provenance }: AddonsOptions): ChartAccess {
  return { passCredentials, verifyDigest, provenance }
}

/** The artifact with a locator that says whose repository it is from. */
export function lockedIn({ artifact, repository }: Located, addon: Addon): Artifact {
  const { locator } = artifact.source
  if (locator === undefined || repository === undefined) return artifact
  return { ...artifact, source: { ...artifact.source, locator: { chart: locator, ...ownerOf(addon, repository) } } }
}

/** What a locator says of the addon. */
export function ownerOf({ name }: Addon, repository: string | undefined): { readonly [key: string]: Json } {
  const plain = repository !== undefined && redacted(repository) === repository
  return { addon: name, ...(plain ? { repository } : {}) }
}

/** The content of a chart as locked. Throws `CHART_LOCATOR_INVALID`, `CHART_CHANGED`, and what fetching throws. */
export async function reopenAddon(locked: LockedArtifact, options: AddonsOptions, context: Context): Promise<Content> {
  if (locked.source.locator === undefined) return reopenOciChart(locked, context)
  const parsed = addonLocator.safeParse(locked.source.locator)
  if (!parsed.success) throw locatorInvalid(locked.name, parsed.error)
  const { chart, changes, reference, archive } = parsed.data
  if (chart !== undefined) {
    const load = await loaderOf(chart, parsed.data, options, context)
    if (changes !== undefined) return changedContent(locked.name, async () => (await load()).archive, changes, context)
    return chartContent(chartArtifact(await load()), locked.name, load, context)
  }
  if (changes === undefined || reference === undefined || archive === undefined) {
    throw locatorInvalid(locked.name, undefined)
  }
  const published = reopenOciChart({ name: locked.name, source: { ...locked.source, reference } }, context)
  const fetch = () => context.cache.fetch(archive, () => published.open(archive))
  return changedContent(locked.name, fetch, changes, context)
}

async function loaderOf(
  chart: z.output<typeof chartLocator>,
  locator: AddonLocator,
  options: AddonsOptions,
  context: Context,
): Promise<() => Promise<ChartParts>> {
  const repository = locator.repository ?? (await repositoryOf(locator.addon, options, context))
  return () => loadLocked(chart, { ...accessOf(options), repository }, context)
}

async function repositoryOf(name: string, options: AddonsOptions, context: Context): Promise<string | undefined> {
  const { addons } = await listAddons(options, context)
  return addons.find((addon) => addon.name === name)?.repository
}
