import type { Context } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { readChartArchive } from '../chart/archive.js'
import type { ChartParts } from '../chart/artifact.js'
import { chartChanged } from '../errors.js'
import { type ArchiveRequest, fetchArchive, fetchProvenance } from '../repository/fetch-chart.js'
import { fetchIndex } from '../repository/fetch-index.js'
import { chooseChart } from '../repository/resolve.js'
import { parseRepository, redacted, sameOrigin, withQuery } from '../repository/urls.js'
import { localChart } from './local.js'
import type { ChartLocator } from './locator.js'
import type { ChartAccess } from './wanted.js'

/** Brings the archive and provenance that a lock names, from the content cache or from where they were. Throws `CHART_CHANGED`. */
export async function loadLocked(locator: ChartLocator, access: ChartAccess, context: Context): Promise<ChartParts> {
  const location = locator.type === 'path' ? locator.path : locator.url
  const loaded = await (locator.type === 'path'
    ? fromDisk(locator, access, context)
    : fromWeb(locator, access, context))
  refuseOther(location, 'archive', locator.archive, loaded.archive)
  refuseOther(location, 'provenance', locator.provenance, loaded.provenance)
  const { metadata } = await readChartArchive(loaded.archive, location)
  return { ...loaded, metadata }
}

type Loaded = Omit<ChartParts, 'metadata'>
type WebLocator = Exclude<ChartLocator, { readonly type: 'path' }>

async function fromDisk(
  locator: Extract<ChartLocator, { type: 'path' }>,
  access: ChartAccess,
  context: Context,
): Promise<Loaded> {
  const { cache } = context
  const { path, archive, provenance } = locator
  const kept = await cache.read(archive)
  const signed = provenance === undefined ? undefined : await cache.read(provenance)
  if (kept !== undefined && (provenance === undefined) === (signed === undefined)) {
    return { archive: kept, provenance: signed }
  }
  return localChart(path, { ...access, provenance: provenance !== undefined }, context)
}

async function fromWeb(locator: WebLocator, access: ChartAccess, context: Context): Promise<Loaded> {
  const { archive: digest, provenance } = locator
  const kept = await context.cache.read(digest)
  const signed = provenance === undefined ? undefined : await context.cache.read(provenance)
  if (kept !== undefined && (provenance === undefined) === (signed === undefined)) {
    return { archive: kept, provenance: signed }
  }
  const request = { ...(await requestFor(locator, access, context)), digest, pinnedBy: 'lock' as const }
  const archive = await fetchArchive(request, context)
  return {
    archive,
    provenance: provenance === undefined ? undefined : (signed ?? (await fetchProvenance(request, context))),
  }
}

/** The address with what a lock does not hold: the query of the repository, of the chain, or of the index. */
async function requestFor(locator: WebLocator, access: ChartAccess, context: Context): Promise<ArchiveRequest> {
  const { passCredentials } = access
  const url = new URL(locator.url)
  if (locator.type === 'address') {
    const written = access.addresses?.find((each) => redacted(each) === locator.url)
    const address = parseRepository(written ?? locator.url)
    return { url: address, repository: address, passCredentials }
  }
  const repository = parseRepository(access.repository ?? locator.url)
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
