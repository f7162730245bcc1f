import { z } from 'zod'
import { sortNewestFirst, tryVersion } from '../version/version.js'

/** Index files are written by many hands: numbers stand where texts belong. */
const Text = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)])
const Optional = Text.nullish()
  .catch(undefined)
  .transform((text) => (text === null || text === '' ? undefined : text))

const IndexEntry = z.object({
  name: Text,
  version: Text,
  appVersion: Optional,
  urls: z
    .array(Text)
    .nullish()
    .transform((urls) => urls ?? []),
  digest: Optional,
  created: Optional,
  deprecated: z.union([z.boolean(), z.literal('true').transform(() => true)]).catch(false),
})

/** One version of a chart in a repository's index. `version` and `appVersion` are as written there. */
export type ChartVersion = z.output<typeof IndexEntry>

/** All versions of one chart. */
export interface ChartVersions {
  /** Newest first. */
  readonly versions: readonly ChartVersion[]
  /** Entries that cannot be used, each with the reason. Helm skips them too. */
  readonly skipped: readonly string[]
}

/** Sorts out the entries of one chart. */
export function chartVersions(items: readonly unknown[]): ChartVersions {
  const versions: ChartVersion[] = []
  const skipped: string[] = []
  for (const [index, item] of items.entries()) {
    const parsed = IndexEntry.safeParse(item)
    const problem = parsed.success ? problemOf(parsed.data) : 'it is no entry with a name and a version'
    if (parsed.success && problem === undefined) versions.push(parsed.data)
    else skipped.push(`entry ${String(index + 1)}: ${problem ?? ''}`)
  }
  return { versions: sortNewestFirst(versions, ({ version }) => version), skipped }
}

function problemOf({ name, version }: ChartVersion): string | undefined {
  if (name === '' || name.includes('/')) return `${JSON.stringify(name)} is no chart's name`
  return tryVersion(version) === undefined ? `${JSON.stringify(version)} is no version` : undefined
}
