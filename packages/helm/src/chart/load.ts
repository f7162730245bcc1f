import { GoMap, fromBytes, mapType } from '@ropeway/gotemplate'
import { HelmError } from '../helm-error.js'
import { readValues } from '../values/documents.js'
import { readYamlMap } from '../yaml/from-yaml.js'
import type { ChartFile } from './archive.js'
import { readChartFiles, type ChartSource } from './source.js'
import { readFields, type ChartMetadata } from './metadata.js'
import { validateMetadata } from './validate.js'

/** A template of a chart: its path in the chart and its text, a Go string. */
export interface ChartTemplate {
  readonly path: string
  readonly text: string
}

/** A chart in memory, with its subcharts, before anything is decided about them. Nothing changes it. */
export interface LoadedChart {
  readonly metadata: ChartMetadata
  readonly values: GoMap
  readonly schema: Uint8Array | undefined
  readonly templates: readonly ChartTemplate[]
  /** All other files; those of `crds/` too. */
  readonly files: readonly ChartFile[]
  readonly charts: readonly LoadedChart[]
  /** Warnings of loading, in Helm's words. */
  readonly warnings: readonly string[]
}

const deepest = 50

/**
 * Loads a chart as Helm does. `.helmignore` counts in folders only. Throws `HelmError` for what Helm refuses, and `CHART_ARCHIVE_INVALID`,
 * `CHART_PATH_MISSING`, `CHART_UNREADABLE`, `CHART_INVALID`, `CHART_TOO_LARGE` for what cannot be read at all.
 */
export async function loadChartFiles(source: ChartSource, name = 'chart'): Promise<LoadedChart> {
  return loadFiles(await readChartFiles(source, name), 0)
}

const byteOrderMark = Buffer.from('\ufeff')

function withoutMark({ path, bytes }: ChartFile): ChartFile {
  const marked = Buffer.from(bytes.buffer, bytes.byteOffset, 3 <= bytes.byteLength ? 3 : 0).equals(byteOrderMark)
  return { path, bytes: marked ? bytes.subarray(3) : bytes }
}

async function loadFiles(given: readonly ChartFile[], depth: number): Promise<LoadedChart> {
  if (depth > deepest) throw new HelmError(`subcharts are nested more than ${String(deepest)} levels deep`)
  const all = given.map(withoutMark)
  const find = (path: string) => all.find((file) => file.path === path)?.bytes
  const { metadata, warnings } = readDefinition(find('Chart.yaml'), find('requirements.yaml'))
  for (const name of ['Chart.lock', 'requirements.lock']) {
    const lock = find(name)
    if (lock !== undefined) checkYaml(lock, name)
  }
  const valuesFile = find('values.yaml')
  const groups = new Map<string, ChartFile[]>()
  const templates: ChartTemplate[] = []
  const files: ChartFile[] = []
  for (const file of all) {
    const { path } = file
    if (path.startsWith('templates/')) templates.push({ path, text: fromBytes(file.bytes) })
    else if (path.startsWith('charts/') && !path.endsWith('.prov')) group(groups, file)
    else if (!taken.has(path)) {
      if (path !== 'requirements.yaml' || metadata.apiVersion === 'v1') files.push(file)
    }
  }
  const charts: LoadedChart[] = []
  for (const [name, members] of groups) {
    if (/^[._]/.test(name)) continue
    charts.push(await loadSubchart(name, members, metadata.name, depth))
  }
  return {
    metadata,
    values: valuesFile === undefined ? new GoMap(mapType, new Map()) : valuesOf(valuesFile),
    schema: find('values.schema.json'),
    templates,
    files,
    charts,
    warnings: [...warnings, ...charts.flatMap((chart) => chart.warnings)],
  }
}

const taken = new Set(['Chart.yaml', 'Chart.lock', 'requirements.lock', 'values.yaml', 'values.schema.json'])

function valuesOf(bytes: Uint8Array): GoMap {
  try {
    return readValues(fromBytes(bytes))
  } catch (error) {
    throw new HelmError(`cannot load values.yaml: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function group(groups: Map<string, ChartFile[]>, { path, bytes }: ChartFile): void {
  const inside = path.slice('charts/'.length)
  const name = inside.split('/', 1)[0] ?? ''
  const members = groups.get(name) ?? []
  members.push({ path: inside, bytes })
  groups.set(name, members)
}

async function loadSubchart(
  name: string,
  files: readonly ChartFile[],
  parent: string,
  depth: number,
): Promise<LoadedChart> {
  try {
    if (!name.endsWith('.tgz')) {
      const inside = files.filter(({ path }) => path.includes('/'))
      return await loadFiles(
        inside.map(({ path, bytes }) => ({ path: path.slice(path.indexOf('/') + 1), bytes })),
        depth + 1,
      )
    }
    const [file] = files
    if (file?.path !== name) {
      throw new HelmError(`error unpacking subchart tar in ${parent}: expected ${name}, got ${file?.path ?? ''}`)
    }
    return await loadFiles(await readChartFiles(file.bytes, name), depth + 1)
  } catch (error) {
    if (!(error instanceof HelmError) || error.message.startsWith('error unpacking subchart tar')) throw error
    throw new HelmError(`error unpacking subchart ${name} in ${parent}: ${error.message}`)
  }
}

function checkYaml(bytes: Uint8Array, name: string): GoMap {
  try {
    return readYamlMap(fromBytes(bytes))
  } catch (error) {
    throw new HelmError(`cannot load ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readDefinition(chartYaml: Uint8Array | undefined, requirements: Uint8Array | undefined) {
  if (chartYaml === undefined) throw new HelmError('Chart.yaml file is missing')
  const root = checkYaml(chartYaml, 'Chart.yaml')
  if (requirements !== undefined) checkYaml(requirements, 'requirements.yaml')
  const nulls = nullItems(root)
  if (nulls !== undefined) throw new HelmError(`validation: ${nulls} must not contain empty or null nodes`)
  const metadata = fieldsOf(chartYaml, requirements)
  if (metadata.apiVersion === 'v3') throw new HelmError('invalid chart apiVersion')
  if (metadata.apiVersion !== 'v1' && metadata.apiVersion !== 'v2') throw new HelmError('unsupported chart version')
  validateMetadata(metadata)
  const warnings =
    requirements !== undefined && metadata.apiVersion === 'v2'
      ? [
          'Warning: Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.',
        ]
      : []
  return { metadata, warnings }
}

function fieldsOf(chartYaml: Uint8Array, requirements: Uint8Array | undefined): ChartMetadata {
  try {
    return readFields({ chartYaml, requirements }, 'chart')
  } catch (error) {
    throw new HelmError(`cannot load Chart.yaml: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** The list of a Chart.yaml that holds null. */
function nullItems(root: GoMap): string | undefined {
  return ['maintainers', 'dependencies'].find((key) => {
    const list = root.entries.get(key)
    return typeof list === 'object' && list !== null && 'items' in list && list.items.includes(null)
  })
}
