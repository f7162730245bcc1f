import { readFile, stat } from 'node:fs/promises'
import type { Context } from '@ropeway/core'
import {
  chooseChart,
  fetchChart,
  fetchIndex,
  isOciLocation,
  parseRepository,
  readChartFiles,
  redacted,
  resolveOciChart,
  type ChartFile,
} from '@ropeway/helm'
import * as errors from '../errors.js'
import { repositoryAddress } from './helm-repositories.js'
import type { ChartFlags } from './render-flags.js'
import { isAddress } from './render-settings.js'

/** A chart that a command was given. */
export interface LoadedTarget {
  readonly files: readonly ChartFile[]
  /** As published; none for a folder. */
  readonly archive?: Uint8Array | undefined
  /** What messages call it: its path, or its address without secrets. */
  readonly location: string
}

/** Whether a chart is neither a folder nor an archive of this machine, as helm decides it. */
export async function isRemote(target: string, flags: ChartFlags): Promise<boolean> {
  if ((flags.repo ?? '') !== '') return true
  if (isOciLocation(target) || isAddress(target)) return true
  const there = await stat(target).catch(() => undefined)
  return there === undefined && !/^[./]/.test(target) && target.includes('/')
}

/**
 * Loads the chart that TARGET names: a folder or archive by its path, `oci://…`, `https://….tgz`, a name in the repository of `--repo`, or
 * `repository/name` with a repository that helm knows. `context` is needed for all but the first (`isRemote`).
 * Throws what reading and fetching charts throw.
 */
export async function loadTarget(target: string, flags: ChartFlags, context?: Context): Promise<LoadedTarget> {
  if (context === undefined || !(await isRemote(target, flags))) {
    return readLocal(target)
  }
  const { repo = '' } = flags
  if (isOciLocation(target)) return fromRegistry(target, flags, context)
  if (repo === '' && isAddress(target)) return fromAddress(target, context)
  if (isOciLocation(repo)) return fromRegistry(`${repo.replace(/\/+$/, '')}/${target}`, flags, context)
  if (repo !== '') return fromRepository(repo, target, flags, context)
  const [name = '', ...rest] = target.split('/')
  const address = await repositoryAddress(name)
  if (address === undefined) throw errors.repositoryUnknown(name, target)
  if (isOciLocation(address)) return fromRegistry(`${address.replace(/\/+$/, '')}/${rest.join('/')}`, flags, context)
  return fromRepository(address, rest.join('/'), flags, context)
}

async function readLocal(path: string): Promise<LoadedTarget> {
  const files = await readChartFiles(path)
  const folder = await stat(path).then((facts) => facts.isDirectory())
  return { files, archive: folder ? undefined : await readFile(path), location: path }
}

function versionOf({ version = '' }: ChartFlags): string | undefined {
  return version.trim() === '' ? undefined : version.trim()
}

async function fromRegistry(location: string, flags: ChartFlags, context: Context): Promise<LoadedTarget> {
  const wanted = { location, version: versionOf(flags), devel: flags.devel }
  const { artifact, archive } = await resolveOciChart(wanted, context)
  const bytes = await context.cache.fetch(archive, () => artifact.content.open(archive))
  return { files: await readChartFiles(bytes, location), archive: bytes, location }
}

async function fromAddress(address: string, context: Context): Promise<LoadedTarget> {
  const url = parseRepository(address)
  const location = redacted(url)
  const request = { url, repository: url, passCredentials: false }
  const { archive } = await fetchChart(request, { provenance: false }, location, context)
  return { files: await readChartFiles(archive, location), archive, location }
}

async function fromRepository(
  address: string,
  chart: string,
  flags: ChartFlags,
  context: Context,
): Promise<LoadedTarget> {
  const repository = parseRepository(address)
  const index = await fetchIndex(repository, [chart], context)
  const wanted = { repository, chart, version: versionOf(flags), devel: flags.devel }
  const { entry, url, digest } = chooseChart(index, wanted, context.log)
  if (isOciLocation(url.href)) return fromRegistry(url.href, {}, context)
  const request = { url, repository, passCredentials: flags['pass-credentials'] === true, digest }
  const location = redacted(url)
  const { archive } = await fetchChart(request, { provenance: false }, `${entry.name}-${entry.version}`, context)
  return { files: await readChartFiles(archive, location), archive, location }
}
