import type { Artifact, Context } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import type { ChartParts } from '../chart/artifact.js'
import { localChart } from './local.js'
import { resolveOciChart } from '../chart/oci.js'
import { chartDiffersFromIndex, chartDigestMismatch } from '../errors.js'
import type { RepositoryIndex } from '../repository/read-index.js'
import { chooseChart, fetchChart } from '../repository/resolve.js'
import { parseRepository, redacted } from '../repository/urls.js'
import { versionTag } from '../version/tags.js'
import { chartNaming, derivedChart } from './artifact.js'
import { type ChartLocator, pins } from './locator.js'
import { loadLocked } from './locked.js'
import type { ChartAccess, WantedArtifact } from './wanted.js'

/** A chart of a repository, or of the registry that its index leads to. */
export async function chartFromRepository(
  index: RepositoryIndex,
  wanted: WantedArtifact,
  access: ChartAccess,
  context: Context,
): Promise<Artifact> {
  const { passCredentials, verifyDigest } = access
  const repository = parseRepository(access.repository ?? '')
  const { entry, url, digest } = chooseChart(index, { ...wanted, repository }, context.log)
  const expected = verifyDigest ? digest : undefined
  if (url.protocol === 'oci:') return chartFromRegistry(url.href, { ...wanted, version: undefined }, context, expected)
  const name = `${entry.name}-${entry.version}`
  const parts = await fetchChart({ url, repository, passCredentials, digest: expected }, access, name, context)
  const { metadata } = parts
  if (metadata.name !== entry.name || metadata.version !== entry.version) {
    context.log.warn(chartDiffersFromIndex(redacted(repository), entry, metadata, wanted.chart))
  }
  const signed = url.search !== '' && url.search !== repository.search
  const locator = {
    type: 'repository',
    chart: wanted.chart,
    version: entry.version,
    url: redacted(url),
    signed,
  } as const
  return derived(parts, redacted(url), { ...locator, ...pins(parts) }, wanted, access, context)
}

/** An archive by its address. */
export async function chartFromAddress(
  address: string,
  wanted: WantedArtifact,
  access: ChartAccess,
  context: Context,
): Promise<Artifact> {
  const url = parseRepository(address)
  const location = redacted(url)
  const parts = await fetchChart({ url, repository: url, passCredentials: false }, access, location, context)
  return derived(parts, location, { type: 'address', url: location, ...pins(parts) }, wanted, access, context)
}

/** A folder or an archive on disk. */
export async function chartFromPath(
  path: string,
  wanted: WantedArtifact,
  access: ChartAccess,
  context: Context,
): Promise<Artifact> {
  const { packed, ...parts } = await localChart(path, access, context)
  await keep(parts, context)
  return derived(parts, path, { type: 'path', path, packed, ...pins(parts) }, wanted, access, context)
}

function derived(
  parts: ChartParts,
  location: string,
  locator: ChartLocator,
  wanted: WantedArtifact,
  access: ChartAccess,
  context: Context,
): Artifact {
  return derivedChart(parts, { location, locator }, wanted, () => loadLocked(locator, access, context), context)
}

/** So that later phases, and runs that replay a lock, need not pack it again. */
async function keep({ archive, provenance }: ChartParts, { cache }: Context): Promise<void> {
  for (const bytes of [archive, provenance]) if (bytes !== undefined) await cache.write(sha256(bytes), bytes)
}

/** A chart of a registry, as published; `digest` is what its archive has to have. */
export async function chartFromRegistry(
  location: string,
  wanted: WantedArtifact,
  context: Context,
  digest?: string,
): Promise<Artifact> {
  const { artifact, name, version, archive } = await resolveOciChart({ ...wanted, location }, context)
  if (digest !== undefined && archive.digest !== digest) {
    throw chartDigestMismatch(artifact.source.location, digest, archive.digest)
  }
  const tags = [versionTag(version), ...artifact.naming.tags]
  const naming = chartNaming(name, tags, wanted.namespace, context)
  return { ...artifact, name, version, naming, settings: wanted.settings }
}
