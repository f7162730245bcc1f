import { sha256 } from '@ropeway/oci'
import { readChartArchive } from '../chart/archive.js'
import type { ChartParts } from '../chart/artifact.js'
import { checkProvenance } from '../chart/provenance.js'
import { chartNotFound, chartRepeated, chartWithoutUrl, entriesSkipped, versionNotFound } from '../errors.js'
import type { ChartVersion } from './entries.js'
import { type ArchiveRequest, fetchArchive, fetchProvenance } from './fetch-chart.js'
import type { RepositoryContext } from './fetch-index.js'
import type { RepositoryIndex } from './read-index.js'
import { selectVersion } from './select.js'
import { chartUrl, redacted } from './urls.js'

/** A chart of a repository, as asked for. */
export interface WantedChart {
  readonly repository: URL
  readonly chart: string
  /** A version or a constraint; absent: the newest stable one. */
  readonly version?: string | undefined
  readonly devel?: boolean | undefined
}

/** How it is fetched. */
export interface FetchPolicy {
  readonly passCredentials: boolean
  /** Whether the index's digest is checked. */
  readonly verifyDigest: boolean
  /** Whether provenance is carried and compared with the archive. */
  readonly provenance: boolean
}

/** Where a chart of a repository is, chosen from its index. */
export interface ChosenChart {
  readonly entry: ChartVersion
  /** `http:`, `https:` or `oci:`. */
  readonly url: URL
  /** The index's digest of the archive, `sha256:…`, when it has one that can be used. */
  readonly digest: string | undefined
}

/**
 * Chooses a version from an index as Helm does. Throws `CHART_NOT_FOUND` with near names, `CHART_VERSION_NOT_FOUND` with
 * the newest versions, `CONSTRAINT_INVALID`, `CHART_WITHOUT_URL` and `CHART_URL_INVALID`.
 */
export function chooseChart(index: RepositoryIndex, wanted: WantedChart, log: RepositoryContext['log']): ChosenChart {
  const { repository, chart } = wanted
  const location = redacted(repository)
  const found = index.charts.get(chart)
  if (found === undefined) throw chartNotFound(chart, location, index.names)
  const about = `${chart} of ${location}`
  if (found.skipped.length > 0) {
    log.warn(entriesSkipped(about, found.skipped))
  }
  if (index.repeated.includes(chart)) {
    log.warn(chartRepeated(about))
  }
  const entry = selectVersion(found.versions, wanted.version, { devel: wanted.devel })
  if (entry === undefined)
    throw versionNotFound(
      about,
      wanted.version,
      found.versions.map(({ version }) => version),
    )
  const [reference] = entry.urls
  if (reference === undefined) throw chartWithoutUrl(about, entry.version)
  return { entry, url: chartUrl(repository, reference), digest: indexDigest(entry.digest) }
}

/** Fetches an archive with its provenance, checks both and keeps them in the content cache. `name` is what errors call it. */
export async function fetchChart(
  request: ArchiveRequest,
  policy: Pick<FetchPolicy, 'provenance'>,
  name: string,
  context: RepositoryContext,
): Promise<ChartParts> {
  const archive = await fetchArchive(request, context)
  const { metadata } = await readChartArchive(archive, name)
  const provenance = policy.provenance ? await fetchProvenance(request, context) : undefined
  if (provenance !== undefined) {
    checkProvenance(provenance, archive, name)
    await context.cache.write(sha256(provenance), provenance)
  }
  return { metadata, archive, provenance }
}

/** An index writes sha256 bare or prefixed; anything else is no digest. */
function indexDigest(written: string | undefined): string | undefined {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(written ?? '')?.[1]
  return hex === undefined ? undefined : `sha256:${hex.toLowerCase()}`
}
