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
} from '@ropeway/helm'
import { z } from 'zod'
import { listAddons } from './files.js'
import type { Located } from './locate.js'
import type { AddonsOptions } from './options.js'

/** What a lock remembers of an addon's chart that is in no registry. */
const addonLocator = z.strictObject({
  chart: chartLocator,
  /** Whose repository it came from. */
  addon: z.string(),
  /** Address of the repository. Absent when it holds a query, which may be a secret: the file of addons then has it. */
  repository: z.string().exactOptional(),
})

export function accessOf({ passCredentials, verifyDigest, provenance }: AddonsOptions): ChartAccess {
  return { passCredentials, verifyDigest, provenance }
}

/** The artifact with a locator that says whose repository it is from. */
export function lockedIn({ artifact, repository }: Located, addon: Addon): Artifact {
  const { locator } = artifact.source
  if (locator === undefined || repository === undefined) return artifact
  const plain = redacted(repository)
  const whole: Json = { chart: locator, addon: addon.name, ...(plain === repository ? { repository } : {}) }
  return { ...artifact, source: { ...artifact.source, locator: whole } }
}

/** The content of a chart as locked. Throws `CHART_LOCATOR_INVALID`, `CHART_CHANGED`, and what fetching throws. */
export async function reopenAddon(locked: LockedArtifact, options: AddonsOptions, context: Context): Promise<Content> {
  if (locked.source.locator === undefined) return reopenOciChart(locked, context)
  const parsed = addonLocator.safeParse(locked.source.locator)
  if (!parsed.success) throw locatorInvalid(locked.name, parsed.error)
  const { chart, addon } = parsed.data
  const repository = parsed.data.repository ?? (await repositoryOf(addon, options, context))
  const reload = () => loadLocked(chart, { ...accessOf(options), repository }, context)
  return chartContent(chartArtifact(await reload()), locked.name, reload, context)
}

async function repositoryOf(name: string, options: AddonsOptions, context: Context): Promise<string | undefined> {
  const { addons } = await listAddons(options, context)
  return addons.find((addon) => addon.name === name)?.repository
}
