import { GoMap, fromBytes, makeMap } from '@ropeway/gotemplate'
import { HelmError } from '../helm-error.js'
import { emitYaml } from '../yaml/emit.js'
import { parseJson } from '../yaml/from-json.js'
import { readYamlMap } from '../yaml/from-yaml.js'
import { vendoredCharts, belongsTo } from '../dependencies/vendored.js'
import type { ChartFile } from './archive.js'
import { readFields, type ChartMetadata } from './metadata.js'
import { metadataJson } from './metadata-json.js'
import { packChart, type PackedChart } from './pack.js'
import { readChartFiles } from './source.js'
import { validateMetadata } from './validate.js'

export interface PackageOptions {
  /** In place of the version in Chart.yaml. */
  readonly version?: string | undefined
  readonly appVersion?: string | undefined
}

const deepest = 50

/**
 * Packs a chart into what `helm package` makes of it: Chart.yaml and the lock written anew, the charts of `charts/` as folders. Equal files
 * give equal bytes. `name` is what errors call the chart.
 * Throws `HelmError` for what Helm refuses, `CHART_DEPENDENCIES_MISSING`, and what reading charts throws.
 */
export async function packageChart(
  files: readonly ChartFile[],
  name: string,
  { version, appVersion }: PackageOptions = {},
): Promise<PackedChart> {
  const normal = await normalFiles(files, name, 0, (metadata) => ({
    ...metadata,
    ...(version === undefined ? {} : { version }),
    ...(appVersion === undefined ? {} : { appVersion }),
  }))
  return packChart(normal.files, name)
}

interface NormalChart {
  readonly metadata: ChartMetadata
  readonly files: readonly ChartFile[]
}

async function normalFiles(
  given: readonly ChartFile[],
  name: string,
  depth: number,
  change: (metadata: ChartMetadata) => ChartMetadata = (metadata) => metadata,
): Promise<NormalChart> {
  if (depth > deepest) throw new HelmError(`subcharts are nested more than ${String(deepest)} levels deep`)
  const find = (path: string) => given.find((file) => file.path === path)?.bytes
  const chartYaml = find('Chart.yaml')
  if (chartYaml === undefined) throw new HelmError('Chart.yaml file is missing')
  const metadata = change(readFields({ chartYaml, requirements: find('requirements.yaml') }, name))
  validateMetadata(metadata)
  const isV1 = metadata.apiVersion === 'v1'
  const own = given.flatMap((file) => ownFile(file, isV1))
  const written = isV1 ? { ...metadata, dependencies: undefined } : metadata
  const files = [{ path: 'Chart.yaml', bytes: yamlOf(parseJson(metadataJson(written))) }, ...own]
  for (const chart of await vendoredCharts(given, name)) {
    const parts = given.filter((file) => belongsTo(file, chart))
    const inner = chart.archive
      ? await readChartFiles(parts[0]?.bytes ?? new Uint8Array(), `${name}/${chart.path}`)
      : parts.map(({ path, bytes }) => ({ path: path.slice(chart.path.length + 1), bytes }))
    const normal = await normalFiles(inner, `${name}/${chart.path}`, depth + 1)
    files.push(...normal.files.map(({ path, bytes }) => ({ path: `charts/${normal.metadata.name}/${path}`, bytes })))
  }
  return { metadata, files }
}

/** What Helm keeps of a file that is of no subchart. */
function ownFile({ path, bytes }: ChartFile, isV1: boolean): ChartFile[] {
  if (path === 'Chart.yaml') return []
  if (path === 'Chart.lock') return isV1 ? [] : [{ path, bytes: yamlOf(readYamlMap(fromBytes(bytes))) }]
  if (path === 'requirements.yaml' || path === 'requirements.lock') return isV1 ? [{ path, bytes }] : []
  return path.startsWith('charts/') && !path.endsWith('.prov') ? [] : [{ path, bytes: withoutMark(bytes) }]
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

function yamlOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${emitYaml(value instanceof GoMap ? value : makeMap())}\n`)
}
