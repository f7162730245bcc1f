import { gzipSync } from 'fflate'
import { chartInvalid, dependenciesMissing } from '../errors.js'
import { vendoredCharts } from '../dependencies/vendored.js'
import type { ChartFile } from './archive.js'
import { type ChartMetadata, readMetadata } from './metadata.js'
import { writeTar } from './tar-write.js'

/** A chart that was packed here. */
export interface PackedChart {
  readonly metadata: ChartMetadata
  readonly archive: Uint8Array
}

/**
 * Packs the files of a chart's folder as `helm package` would, but so that equal files give equal bytes: Chart.yaml first,
 * the others in the order of their bytes, no times, owners or modes, and a deflate that does not depend on this machine.
 * Throws `CHART_INVALID`, and `CHART_DEPENDENCIES_MISSING` when charts/ lacks a declared dependency, unless it may be `incomplete`.
 */
export async function packChart(
  files: readonly ChartFile[],
  name: string,
  { incomplete = false }: { readonly incomplete?: boolean | undefined } = {},
): Promise<PackedChart> {
  const find = (path: string) => files.find((file) => file.path === path)?.bytes
  const chartYaml = find('Chart.yaml')
  if (chartYaml === undefined) throw chartInvalid(name, 'it has no Chart.yaml')
  const metadata = readMetadata({ chartYaml, requirements: find('requirements.yaml') }, name)
  if (!incomplete) await checkDependencies(files, metadata, name)
  const ordered = [...files].sort(
    (a, b) => rank(a) - rank(b) || Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)),
  )
  const tar = writeTar(ordered.map(({ path, bytes }) => ({ name: `${metadata.name}/${path}`, bytes })))
  return { metadata, archive: gzipSync(tar, { level: 9, mtime: 0 }) }
}

function rank(file: ChartFile): number {
  return file.path === 'Chart.yaml' ? 0 : 1
}

async function checkDependencies(files: readonly ChartFile[], metadata: ChartMetadata, name: string): Promise<void> {
  const declared = (metadata.dependencies ?? []).map((dependency) => dependency.name)
  if (declared.length === 0) return
  const present = new Set((await vendoredCharts(files, name)).map((chart) => chart.name))
  const missing = declared.filter((dependency) => !present.has(dependency))
  if (missing.length > 0) throw dependenciesMissing(name, missing)
}
