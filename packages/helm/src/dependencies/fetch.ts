import { resolve } from 'node:path'
import type { Context } from '@ropeway/core'
import type { ChartFile } from '../chart/archive.js'
import { isOciLocation, resolveOciChart } from '../chart/oci.js'
import { readMetadata } from '../chart/metadata.js'
import { packChart } from '../chart/pack.js'
import { readChartFiles } from '../chart/source.js'
import { dependencyNotFound, networkMissing, repositoryNotNamed } from '../errors.js'
import { fetchIndex } from '../repository/fetch-index.js'
import { chooseChart, fetchChart } from '../repository/resolve.js'
import { parseRepository, redacted } from '../repository/urls.js'
import type { LockedDependency } from './lock.js'
import { isVersionFor } from './vendored.js'

/** What fetching dependencies needs of a run. */
export type DependencyContext = Pick<Context, 'http' | 'credential' | 'cache' | 'signal' | 'clock' | 'log' | 'registry'>

export interface FetchDependencyOptions {
  /** Folder of the chart, for dependencies beside it (`file://`). */
  readonly folder?: string | undefined
  /** The address of a repository that a dependency names as `@name` or `alias:name`. */
  readonly repositories?: ((name: string) => Promise<string | undefined>) | undefined
  /** Whether credentials of a repository go to other hosts that its index names. */
  readonly passCredentials?: boolean | undefined
}

/** A dependency that was brought. */
export interface FetchedDependency {
  readonly locked: LockedDependency
  /** Its archive, as published; one of a folder is packed here. */
  readonly file: ChartFile
}

/**
 * Brings the newest chart that satisfies a dependency: `version` is a constraint, or what a lock pins.
 * Throws `DEPENDENCY_NOT_FOUND`, `REPOSITORY_NOT_NAMED`, `NETWORK_MISSING`, and what the repositories throw.
 */
export async function fetchDependency(
  wanted: LockedDependency,
  name: string,
  options: FetchDependencyOptions,
  context?: DependencyContext,
): Promise<FetchedDependency> {
  const { repository } = wanted
  if (repository.startsWith('file://')) return fromFolder(wanted, name, options)
  const alias = repositoryName(repository)
  const address = alias === undefined ? repository : await options.repositories?.(alias)
  if (address === undefined) throw repositoryNotNamed(wanted.name, alias ?? '')
  if (context === undefined) throw networkMissing(wanted.name, address)
  const { archive, version } = isOciLocation(address)
    ? await fromRegistry(wanted, address, context)
    : await fromRepository(wanted, address, options, context)
  return { locked: { name: wanted.name, repository: address, version }, file: fileOf(wanted.name, version, archive) }
}

function fileOf(name: string, version: string, bytes: Uint8Array): ChartFile {
  return { path: `charts/${name}-${version}.tgz`, bytes }
}

/** The name in `@name` or `alias:name`. */
export function repositoryName(repository: string): string | undefined {
  return /^(?:@|alias:)(.*)$/.exec(repository)?.[1]
}

/** A chart beside this one; its own dependencies are those that lie in it. */
async function fromFolder(
  wanted: LockedDependency,
  name: string,
  { folder }: FetchDependencyOptions,
): Promise<FetchedDependency> {
  const path = wanted.repository.slice('file://'.length)
  if (folder === undefined) throw dependencyNotFound(name, wanted, 'the chart is no folder, so nothing lies beside it')
  const files = await readChartFiles(resolve(folder, path))
  const chartYaml = files.find((file) => file.path === 'Chart.yaml')?.bytes
  const { version } = chartYaml === undefined ? { version: '' } : readMetadata({ chartYaml }, path)
  if (!isVersionFor(version, wanted.version)) {
    throw dependencyNotFound(name, wanted, `the chart at ${path} is version ${version === '' ? 'of nothing' : version}`)
  }
  const { archive } = await packChart(files, path, { incomplete: true })
  return { locked: { ...wanted, version }, file: fileOf(wanted.name, version, archive) }
}

interface Found {
  readonly version: string
  readonly archive: Uint8Array
}

async function fromRegistry(wanted: LockedDependency, address: string, context: DependencyContext): Promise<Found> {
  const location = `${address.replace(/\/+$/, '')}/${wanted.name}`
  const found = await resolveOciChart({ location, version: versionOf(wanted) }, context)
  const { archive, artifact, version } = found
  return { version, archive: await context.cache.fetch(archive, () => artifact.content.open(archive)) }
}

async function fromRepository(
  wanted: LockedDependency,
  address: string,
  { passCredentials = false }: FetchDependencyOptions,
  context: DependencyContext,
): Promise<Found> {
  const repository = parseRepository(address)
  const index = await fetchIndex(repository, [wanted.name], context)
  const chosen = chooseChart(index, { repository, chart: wanted.name, version: versionOf(wanted) }, context.log)
  const { url, digest, entry } = chosen
  if (isOciLocation(url.href)) {
    const { archive, artifact, version } = await resolveOciChart({ location: url.href }, context)
    return { version, archive: await context.cache.fetch(archive, () => artifact.content.open(archive)) }
  }
  const request = { url, repository, passCredentials, digest }
  const { archive } = await fetchChart(request, { provenance: false }, redacted(url), context)
  return { version: entry.version, archive }
}

function versionOf({ version }: LockedDependency): string | undefined {
  return version === '' ? undefined : version
}
