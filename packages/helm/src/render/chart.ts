import { type GoMap } from '@ropeway/gotemplate'
import type { ChartFile } from '../chart/archive.js'
import type { ChartTemplate, LoadedChart } from '../chart/load.js'
import type { ChartDependency, ChartMetadata } from '../chart/metadata.js'

/** A dependency that a chart declares, under the name that it goes by. */
export interface Declared {
  readonly entry: ChartDependency
  /** The alias when there is one and it applies. */
  name: string
  enabled: boolean
}

/** A chart while one rendering decides about it: which subcharts it has, under which names, with which defaults. */
export interface ActiveChart {
  readonly loaded: LoadedChart
  readonly metadata: ChartMetadata
  /** Its name or alias. */
  name: string
  /** Null when the chart declares none. */
  declared: Declared[] | null
  dependencies: ActiveChart[]
  values: GoMap
  readonly templates: readonly ChartTemplate[]
  readonly files: readonly ChartFile[]
  parent: ActiveChart | undefined
}

/** A chart and its subcharts, ready to be decided about. */
export function activate(loaded: LoadedChart, parent?: ActiveChart): ActiveChart {
  const { metadata, values, templates, files } = loaded
  const declared = metadata.dependencies?.map((entry) => ({ entry, name: entry.name, enabled: true })) ?? null
  const chart: ActiveChart = {
    loaded,
    metadata,
    name: metadata.name,
    declared,
    dependencies: [],
    values,
    templates,
    files,
    parent,
  }
  chart.dependencies = loaded.charts.map((inner) => activate(inner, chart))
  return chart
}

/** `name`, or `parent/charts/name` below. */
export function chartPath(chart: ActiveChart): string {
  return chart.parent === undefined ? chart.name : `${chartPath(chart.parent)}/charts/${chart.name}`
}
