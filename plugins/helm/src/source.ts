import { defineSource, toRopewayError, withPlace, type Artifact, type Context, type Failure } from '@ropeway/core'
import {
  chartArtifact,
  chartContent,
  chartFromAddress,
  chartFromPath,
  chartFromRegistry,
  chartFromRepository,
  fetchIndex,
  loadLocked,
  parseRepository,
  readLocator,
  redacted,
  reopenOciChart,
  type ChartAccess,
  type RepositoryIndex,
} from '@ropeway/helm'
import { inputDigests } from './inputs.js'
import { type HelmOptions, type NamedChart, helmOptions, namedCharts } from './options.js'
import { placeOf } from './place.js'
import { settingsOf } from './settings.js'

/** Charts of classic repositories, of registries, and from disk. */
export const helmSource = defineSource<HelmOptions>({
  name: 'helm',
  summary: 'Helm charts from chart repositories, registries, folders and archives.',
  shorthand: 'chart',
  options: helmOptions,
  async *resolve(options, context) {
    context.signal.throwIfAborted()
    const charts = namedCharts(options)
    const index = await findIndex(charts, options, context)
    if (index !== undefined && 'error' in index) yield index
    const items = charts.map((named) => resolveNamed(named, index, options, context))
    for (const item of items) {
      const found = await item
      context.signal.throwIfAborted()
      if (found !== undefined) yield found
    }
  },
  async reopen(locked, options, context) {
    if (locked.source.locator === undefined) return reopenOciChart(locked, context)
    const locator = readLocator(locked.source.locator, locked.name)
    const reload = () => loadLocked(locator, accessOf(options), context)
    return chartContent(chartArtifact(await reload()), locked.name, reload, context)
  },
  inputs: inputDigests,
})

/** The index of the repository, when some chart is looked for in it. */
async function findIndex(
  charts: readonly NamedChart[],
  options: HelmOptions,
  context: Context,
): Promise<RepositoryIndex | Failure | undefined> {
  const { repository } = options
  const wanted = charts.filter((named) => placeOf(named, options).type === 'repository').map(({ chart }) => chart)
  if (repository === undefined || wanted.length === 0) return undefined
  try {
    return await fetchIndex(parseRepository(repository), wanted, context)
  } catch (error) {
    context.signal.throwIfAborted()
    return failure(redacted(repository), error)
  }
}

/** `undefined` for a chart of a repository that could not be read. */
async function resolveNamed(
  named: NamedChart,
  index: RepositoryIndex | Failure | undefined,
  options: HelmOptions,
  context: Context,
): Promise<Artifact | Failure | undefined> {
  const place = placeOf(named, options)
  const access = accessOf(options)
  try {
    const wanted = { ...named, settings: await settingsOf(named, context) }
    if (place.type === 'registry') return await chartFromRegistry(place.location, wanted, context)
    if (place.type === 'path') return await chartFromPath(place.path, wanted, access, context)
    if (place.type === 'address') return await chartFromAddress(place.address, wanted, access, context)
    return index === undefined || 'error' in index
      ? undefined
      : await chartFromRepository(index, wanted, access, context)
  } catch (error) {
    return failure(place.type === 'address' ? redacted(place.address) : named.chart, error)
  }
}

function accessOf(options: HelmOptions): ChartAccess {
  return { ...options, addresses: namedCharts(options).map(({ chart }) => chart) }
}

function failure(about: string, error: unknown): Failure {
  return { about, error: withPlace(toRopewayError(error), { operation: 'resolving', about }) }
}
