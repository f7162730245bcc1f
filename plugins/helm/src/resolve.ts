import type { Artifact, Context } from '@ropeway/core'
import {
  chartDigestMismatch,
  chooseChart,
  fetchChart,
  parseRepository,
  readLocalChart,
  redacted,
  resolveOciChart,
  versionTag,
  type ChartParts,
  type RepositoryIndex,
} from '@ropeway/helm'
import { sha256 } from '@ropeway/oci'
import { chartNaming, derivedChart } from './artifact.js'
import { chartDiffersFromIndex } from './errors.js'
import { type ChartLocator, pins } from './locator.js'
import type { HelmOptions, NamedChart } from './options.js'
import { loadLocked } from './place.js'
import { settingsOf } from './settings.js'

/** A chart of a repository, or of the registry that its index leads to. */
export async function fromRepository(
  index: RepositoryIndex,
  named: NamedChart,
  options: HelmOptions,
  context: Context,
): Promise<Artifact> {
  const { passCredentials, verifyDigest } = options
  const repository = parseRepository(options.repository ?? '')
  const { entry, url, digest } = chooseChart(index, { ...named, repository }, context.log)
  const expected = verifyDigest ? digest : undefined
  if (url.protocol === 'oci:') return fromRegistry(url.href, { ...named, version: undefined }, context, expected)
  const name = `${entry.name}-${entry.version}`
  const parts = await fetchChart({ url, repository, passCredentials, digest: expected }, options, name, context)
  const { metadata } = parts
  if (metadata.name !== entry.name || metadata.version !== entry.version) {
    context.log.warn(chartDiffersFromIndex(redacted(repository), entry, metadata, named.chart))
  }
  const signed = url.search !== '' && url.search !== repository.search
  const locator = {
    type: 'repository',
    chart: named.chart,
    version: entry.version,
    url: redacted(url),
    signed,
  } as const
  return derived(parts, redacted(url), { ...locator, ...pins(parts) }, named, options, context)
}

/** An archive by its address. */
export async function fromAddress(
  address: string,
  named: NamedChart,
  options: HelmOptions,
  context: Context,
): Promise<Artifact> {
  const url = parseRepository(address)
  const location = redacted(url)
  const parts = await fetchChart({ url, repository: url, passCredentials: false }, options, location, context)
  return derived(parts, location, { type: 'address', url: location, ...pins(parts) }, named, options, context)
}

/** A folder or an archive on disk. */
export async function fromPath(
  path: string,
  named: NamedChart,
  options: HelmOptions,
  context: Context,
): Promise<Artifact> {
  const { packed, ...parts } = await readLocalChart(context.resolvePath(path), path, options)
  await keep(parts, context)
  return derived(parts, path, { type: 'path', path, packed, ...pins(parts) }, named, options, context)
}

function derived(
  parts: ChartParts,
  location: string,
  locator: ChartLocator,
  named: NamedChart,
  options: HelmOptions,
  context: Context,
): Promise<Artifact> {
  return derivedChart(parts, { location, locator }, named, () => loadLocked(locator, options, context), context)
}

/** So that later phases, and runs that replay a lock, need not pack it again. */
async function keep({ archive, provenance }: ChartParts, { cache }: Context): Promise<void> {
  for (const bytes of [archive, provenance]) if (bytes !== undefined) await cache.write(sha256(bytes), bytes)
}

/** A chart of a registry, as published; `digest` is what its archive has to have. */
export async function fromRegistry(
  location: string,
  named: NamedChart,
  context: Context,
  digest?: string,
): Promise<Artifact> {
  const { artifact, name, version, archive } = await resolveOciChart({ ...named, location }, context)
  if (digest !== undefined && archive.digest !== digest) {
    throw chartDigestMismatch(artifact.source.location, digest, archive.digest)
  }
  const tags = [versionTag(version), ...artifact.naming.tags]
  const naming = chartNaming(name, tags, named.namespace, context)
  return { ...artifact, name, version, naming, settings: await settingsOf(named, context) }
}
