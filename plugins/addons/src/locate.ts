import { isRopewayError, type Artifact, type Context } from '@ropeway/core'
import {
  addonFoundElsewhere,
  addonNotFound,
  addressText,
  chartAddresses,
  chartFromRegistry,
  chartFromRepository,
  fetchIndex,
  parseRepository,
  type Addon,
  type ChartAccess,
  type ChartAddress,
  type RepositoryIndex,
  type WantedArtifact,
} from '@ropeway/helm'

/** Fetches indexes, each once, with the entries of all charts that are looked for in it. */
export interface Indexes {
  of(repository: string, chart: string): Promise<RepositoryIndex>
}

export function createIndexes(addons: readonly Addon[], context: Context): Indexes {
  const charts = new Map<string, Set<string>>()
  for (const address of addons.flatMap((addon) => chartAddresses(addon).slice(0, 1))) {
    if (address.type !== 'repository') continue
    charts.set(address.repository, (charts.get(address.repository) ?? new Set()).add(address.chart))
  }
  const indexes = new Map<string, Promise<RepositoryIndex>>()
  return {
    of(repository, chart) {
      const wanted = charts.get(repository)
      if (wanted?.has(chart) !== true) return fetchIndex(parseRepository(repository), [chart], context)
      const index = indexes.get(repository) ?? fetchIndex(parseRepository(repository), [...wanted], context)
      indexes.set(repository, index)
      return index
    },
  }
}

/** An addon's chart, and the repository that it was found in. */
export interface Located {
  readonly artifact: Artifact
  /** Address of the chart repository; absent for a registry. */
  readonly repository: string | undefined
}

/**
 * Finds an addon's chart: at the first of its addresses that has one. Only an answer that says it is not there leads to the next;
 * refused credentials and faults of the network do not. Throws `ADDON_NOT_FOUND` with what each address answered.
 */
export async function locateChart(
  addon: Addon,
  wanted: WantedArtifact,
  access: Omit<ChartAccess, 'repository'>,
  indexes: Indexes,
  context: Context,
): Promise<Located> {
  const addresses = chartAddresses(addon)
  const tried: string[] = []
  let cause: unknown
  for (const address of addresses) {
    try {
      const located = await locateAt(address, wanted, access, indexes, context)
      const [written] = addresses
      if (written !== undefined && address !== written) {
        context.log.warn(addonFoundElsewhere(addon.name, addressText(written), addressText(address)))
      }
      return located
    } catch (error) {
      context.signal.throwIfAborted()
      const absent = isRopewayError(error) && absences.has(error.code)
      // What is said of the address as written is said in its own words.
      if (!isRopewayError(error) || (!absent && tried.length === 0)) throw error
      tried.push(`${addressText(address)}: ${error.message}`)
      cause ??= error
      if (!absent) break
    }
  }
  throw addonNotFound(addon.name, addon.place, tried, cause)
}

/** Errors that say: here it is not. */
const absences: ReadonlySet<string> = new Set([
  'CHART_NOT_FOUND',
  'CHART_VERSION_NOT_FOUND',
  'INDEX_INVALID',
  'MANIFEST_INVALID',
  'MANIFEST_SCHEMA1',
  'MANIFEST_UNSUPPORTED',
  'NOT_A_CHART',
  'REFERENCE_INVALID',
  'SOURCE_NOT_FOUND',
])

async function locateAt(
  address: ChartAddress,
  wanted: WantedArtifact,
  access: Omit<ChartAccess, 'repository'>,
  indexes: Indexes,
  context: Context,
): Promise<Located> {
  if (address.type === 'registry') {
    return { artifact: await chartFromRegistry(address.location, wanted, context), repository: undefined }
  }
  const { repository, chart } = address
  const index = await indexes.of(repository, chart)
  const artifact = await chartFromRepository(index, { ...wanted, chart }, { ...access, repository }, context)
  return { artifact, repository }
}
