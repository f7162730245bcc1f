import type { ChartFile } from '../chart/archive.js'
import { readMetadata, type ChartDependency, type ChartMetadata } from '../chart/metadata.js'
import { chartInvalid, dependencyNotFound, lockMissing, lockStale } from '../errors.js'
import { fetchDependency, repositoryName, type DependencyContext, type FetchDependencyOptions } from './fetch.js'
import { isInSync, lockPath, readChartLock, writeChartLock, type ChartLock, type LockedDependency } from './lock.js'
import { belongsTo, isVersionFor, vendoredCharts, type VendoredChart } from './vendored.js'

export interface VendorOptions extends FetchDependencyOptions {
  /** Whether dependencies beside the chart (`file://`) are packed anew though they lie in `charts/`. */
  readonly refresh?: boolean | undefined
}

/** A chart with all that it declares in its `charts/`. */
export interface VendoredFiles {
  readonly files: readonly ChartFile[]
  /** False when nothing was missing and the files are those that were given. */
  readonly changed: boolean
}

/** The dependencies that a chart declares and that its `charts/` lacks, by name. Throws what reading charts throws. */
export async function missingDependencies(files: readonly ChartFile[], name: string): Promise<string[]> {
  const declared = metadataOf(files, name).dependencies ?? []
  if (declared.length === 0) return []
  const vendored = await vendoredCharts(files, name)
  return declared.filter((entry) => !vendored.some((chart) => chart.name === entry.name)).map((entry) => entry.name)
}

/**
 * Brings the dependencies that a chart declares into its `charts/`, as `helm dependency build` does. What lies there and is what the lock
 * pins (without a lock: what Chart.yaml asks for) stays. A lock that is missing or was made for another Chart.yaml is made anew, with a
 * warning. Nothing is fetched when nothing is missing; `context` may be left out then, and when all that is missing lies beside the chart.
 * `name` is what errors call the chart. Dependencies bring their own `charts/`.
 *
 * Throws `CHART_INVALID`, `DEPENDENCY_NOT_FOUND`, `REPOSITORY_NOT_NAMED`, `NETWORK_MISSING`, and what reading and fetching charts throw.
 */
export async function vendorDependencies(
  files: readonly ChartFile[],
  name: string,
  options: VendorOptions = {},
  context?: DependencyContext,
): Promise<VendoredFiles> {
  const metadata = metadataOf(files, name)
  const declared = await Promise.all((metadata.dependencies ?? []).map((entry) => withAddress(entry, options)))
  if (declared.length === 0) return { files, changed: false }
  const lock = readChartLock(files, metadata, name)
  const pins = lock !== undefined && isInSync(lock, declared) ? lock.dependencies : undefined
  const vendored = await vendoredCharts(files, name)
  const plans = declared.map((entry, at) => planOf(entry, pinFor(entry, at, pins), vendored, options))
  if (plans.every(({ present, fresh }) => present !== undefined && !fresh)) return { files, changed: false }
  if (pins === undefined)
    context?.log.warn(lock === undefined ? lockMissing(name) : lockStale(name, lockPath(metadata)))
  const brought = new Map<string, ChartFile>()
  const locked: LockedDependency[] = []
  for (const { wanted, present, fresh } of plans) {
    if (present !== undefined && !fresh) {
      locked.push({ ...wanted, version: wanted.repository === '' ? wanted.version : present.version })
      continue
    }
    if (wanted.repository === '')
      throw dependencyNotFound(name, wanted, 'it names no repository, so it has to lie in charts/')
    const found = await fetchDependency(wanted, name, options, context)
    brought.set(found.file.path, found.file)
    locked.push(found.locked)
  }
  const kept = files.filter((file) => !isReplaced(file, plans, vendored, brought))
  const written = pins === undefined ? [{ path: lockPath(metadata), bytes: writeChartLock(declared, locked) }] : []
  return { files: [...without(kept, written), ...written, ...brought.values()], changed: true }
}

function metadataOf(files: readonly ChartFile[], name: string): ChartMetadata {
  const find = (path: string) => files.find((file) => file.path === path)?.bytes
  const chartYaml = find('Chart.yaml')
  if (chartYaml === undefined) throw chartInvalid(name, 'it has no Chart.yaml')
  return readMetadata({ chartYaml, requirements: find('requirements.yaml') }, name)
}

/** The address in place of a repository's name, as locks have it; what is not known stays. */
async function withAddress(entry: ChartDependency, { repositories }: VendorOptions): Promise<ChartDependency> {
  const name = repositoryName(entry.repository)
  const repository = name === undefined ? undefined : await repositories?.(name)
  return repository === undefined ? entry : { ...entry, repository }
}

/** What a lock pins for an entry: locks keep the order of Chart.yaml. */
function pinFor(entry: ChartDependency, at: number, pins: ChartLock['dependencies'] | undefined) {
  return [pins?.[at], ...(pins ?? [])].find((pin) => pin?.name === entry.name)
}

interface Plan {
  readonly wanted: LockedDependency
  /** What lies in `charts/` for it. */
  readonly present: VendoredChart | undefined
  /** Whether it is brought again all the same. */
  readonly fresh: boolean
}

function planOf(
  entry: ChartDependency,
  pin: LockedDependency | undefined,
  vendored: readonly VendoredChart[],
  { refresh = false, folder }: VendorOptions,
): Plan {
  const { name, repository, version = '' } = entry
  const present = vendored.find(
    (chart) =>
      chart.name === name &&
      isVersionFor(chart.version, version) &&
      (pin === undefined || repository === '' || pin.version === chart.version),
  )
  const wanted = { name, repository: pin?.repository ?? repository, version: pin?.version ?? version }
  return { wanted, present, fresh: refresh && folder !== undefined && repository.startsWith('file://') }
}

/** Whether a file is of a vendored chart that another version takes the place of. */
function isReplaced(
  file: ChartFile,
  plans: readonly Plan[],
  vendored: readonly VendoredChart[],
  brought: ReadonlyMap<string, ChartFile>,
): boolean {
  if (brought.has(file.path)) return true
  const chart = vendored.find((each) => belongsTo(file, each))
  if (chart === undefined) return false
  const same = plans.filter(({ wanted }) => wanted.name === chart.name)
  return same.length > 0 && !same.some(({ present, fresh }) => present === chart && !fresh)
}

function without(files: readonly ChartFile[], replaced: readonly ChartFile[]): ChartFile[] {
  return files.filter(({ path }) => !replaced.some((file) => file.path === path))
}
