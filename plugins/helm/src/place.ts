import type { Context } from '@ropeway/core'
import {
  chartChanged,
  chooseChart,
  fetchArchive,
  fetchIndex,
  fetchProvenance,
  isOciLocation,
  parseRepository,
  readChartArchive,
  readLocalChart,
  redacted,
  sameOrigin,
  withQuery,
  type ArchiveRequest,
  type ChartParts,
} from '@ropeway/helm'
import { sha256 } from '@ropeway/oci'
import type { ChartLocator } from './locator.js'
import { type HelmOptions, type NamedChart, namedCharts } from './options.js'

/** Where a chart is to be looked for. */
export type Place =
  | { readonly type: 'repository'; readonly chart: string }
  | { readonly type: 'registry'; readonly location: string }
  | { readonly type: 'address'; readonly address: string }
  | { readonly type: 'path'; readonly path: string }

/** An address and a path that says so stand for themselves; a plain name belongs to the repository, if there is one. */
export function placeOf({ chart }: NamedChart, { repository }: HelmOptions): Place {
  if (isOciLocation(chart)) return { type: 'registry', location: chart }
  if (/^https?:\/\//i.test(chart)) return { type: 'address', address: chart }
  if (repository === undefined || /^\.{0,2}\//.test(chart)) return { type: 'path', path: chart }
  if (!isOciLocation(repository)) return { type: 'repository', chart }
  return { type: 'registry', location: `${repository.replace(/\/+$/, '')}/${chart}` }
}

/** Brings the archive and provenance that a lock names, from the content cache or from where they were. Throws `CHART_CHANGED`. */
export async function loadLocked(locator: ChartLocator, options: HelmOptions, context: Context): Promise<ChartParts> {
  const location = locator.type === 'path' ? locator.path : locator.url
  const loaded = await (locator.type === 'path' ? fromDisk(locator, context) : fromWeb(locator, options, context))
  refuseOther(location, 'archive', locator.archive, loaded.archive)
  refuseOther(location, 'provenance', locator.provenance, loaded.provenance)
  const { metadata } = await readChartArchive(loaded.archive, location)
  return { ...loaded, metadata }
}

type Loaded = Omit<ChartParts, 'metadata'>
type WebLocator = Exclude<ChartLocator, { readonly type: 'path' }>

async function fromDisk(
  locator: Extract<ChartLocator, { type: 'path' }>,
  { cache, resolvePath }: Context,
): Promise<Loaded> {
  const { path, archive, provenance } = locator
  const kept = await cache.read(archive)
  const signed = provenance === undefined ? undefined : await cache.read(provenance)
  if (kept !== undefined && (provenance === undefined) === (signed === undefined)) {
    return { archive: kept, provenance: signed }
  }
  return readLocalChart(resolvePath(path), path, { provenance: provenance !== undefined })
}

async function fromWeb(locator: WebLocator, options: HelmOptions, context: Context): Promise<Loaded> {
  const { archive: digest, provenance } = locator
  const kept = await context.cache.read(digest)
  const signed = provenance === undefined ? undefined : await context.cache.read(provenance)
  if (kept !== undefined && (provenance === undefined) === (signed === undefined)) {
    return { archive: kept, provenance: signed }
  }
  const request = { ...(await requestFor(locator, options, context)), digest, pinnedBy: 'lock' as const }
  const archive = await fetchArchive(request, context)
  return {
    archive,
    provenance: provenance === undefined ? undefined : (signed ?? (await fetchProvenance(request, context))),
  }
}

/** The address with what a lock does not hold: the query of the repository, of the chain, or of the index. */
async function requestFor(locator: WebLocator, options: HelmOptions, context: Context): Promise<ArchiveRequest> {
  const { passCredentials } = options
  const url = new URL(locator.url)
  if (locator.type === 'address') {
    const written = namedCharts(options).find(({ chart }) => redacted(chart) === locator.url)
    const address = parseRepository(written?.chart ?? locator.url)
    return { url: address, repository: address, passCredentials }
  }
  const repository = parseRepository(options.repository ?? locator.url)
  if (locator.signed) {
    const index = await fetchIndex(repository, [locator.chart], context)
    const wanted = { repository, chart: locator.chart, version: locator.version }
    return { url: chooseChart(index, wanted, context.log).url, repository, passCredentials }
  }
  return { url: sameOrigin(url, repository) ? withQuery(url, repository) : url, repository, passCredentials }
}

function refuseOther(location: string, what: string, locked: string | undefined, bytes: Uint8Array | undefined): void {
  const actual = bytes === undefined ? undefined : sha256(bytes)
  if (actual !== locked)
    throw chartChanged(location, `its ${what} is ${actual ?? 'gone'}, locked was ${locked ?? 'none'}`)
}
