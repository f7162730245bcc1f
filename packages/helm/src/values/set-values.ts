import { GoMap, GoSlice, fromBytes, toBytes, type Value } from '@ropeway/gotemplate'
import { nearest, type Json } from '@ropeway/core'
import { valuesPathInvalid, valuesPathUnknown } from '../errors.js'
import type { ChartFile } from '../chart/archive.js'
import { readFields } from '../chart/metadata.js'
import { packChart } from '../chart/pack.js'
import { readChartFiles } from '../chart/source.js'
import { belongsTo, vendoredCharts, type VendoredChart } from '../dependencies/vendored.js'
import { readValues } from './documents.js'
import { editValues } from './edit.js'
import { formatValuesPath, valueAt, type ValuesPath } from './path.js'

/** One value to be set: what it becomes may depend on what it is. */
export interface ValueChange {
  readonly path: ValuesPath
  readonly value: (before: Value | undefined) => Json
}

export interface SetOptions {
  /** Whether paths may be new where their map has other keys already. */
  readonly add?: boolean | undefined
}

/** What was changed. */
export interface ChangedValue {
  readonly path: string
  /** The values file, inside the chart: `values.yaml`, `charts/web-1.2.3.tgz/values.yaml`. */
  readonly file: string
  readonly before: Value | undefined
  readonly after: Json
}

export interface ChangedChart {
  /** All files of the chart. */
  readonly files: readonly ChartFile[]
  /** Those that differ from what was given. */
  readonly changed: readonly ChartFile[]
  readonly changes: readonly ChangedValue[]
}

/**
 * Sets values in a chart where they are written: in the chart's own `values.yaml`, or, below the name or alias of a subchart, in that of the
 * subchart when the chart itself says nothing of the value. A subchart that goes by several names is left alone: its values are then set in
 * the chart above it. New keys go into maps that are empty; elsewhere they need `add`.
 * Throws `VALUES_PATH_UNKNOWN` with near paths, `VALUES_PATH_INVALID`, and what editing values and reading charts throw.
 */
export async function setValues(
  files: readonly ChartFile[],
  name: string,
  wanted: readonly ValueChange[],
  options: SetOptions = {},
): Promise<ChangedChart> {
  const changes: ChangedValue[] = []
  let current = files
  for (const change of wanted) {
    const done = await setOne(current, name, change, change.path, options)
    if (done === undefined) {
      const known = await knownPaths(current, name)
      const path = formatValuesPath(change.path)
      throw valuesPathUnknown(path, name, nearest(path, known))
    }
    current = done.files
    changes.push(done.change)
  }
  const before = new Map(files.map(({ path, bytes }) => [path, bytes]))
  return { files: current, changed: current.filter(({ path, bytes }) => before.get(path) !== bytes), changes }
}

interface Done {
  readonly files: readonly ChartFile[]
  readonly change: ChangedValue
}

const valuesFile = 'values.yaml'

/** `undefined` when the chart has no place for the value. */
async function setOne(
  files: readonly ChartFile[],
  name: string,
  change: ValueChange,
  path: ValuesPath,
  options: SetOptions,
): Promise<Done | undefined> {
  const text = fromBytes(files.find((file) => file.path === valuesFile)?.bytes ?? new Uint8Array())
  const values = readValues(text.replace(/^\ufeff/, ''))
  if (valueAt(values, path) === undefined) {
    const below = await setBelow(files, name, change, path)
    if (below !== undefined) return below
    if (options.add !== true && !hasRoom(values, path)) return undefined
  }
  const before = valueAt(values, path)
  const after = change.value(before)
  if (before instanceof GoMap && before.entries.size > 0 && (typeof after !== 'object' || after === null)) {
    throw valuesPathInvalid(formatValuesPath(change.path), 'it is a map: set its keys, or give a map as JSON')
  }
  const bytes = toBytes(editValues(text, [{ path, value: after }]))
  const edited = [...files.filter((file) => file.path !== valuesFile), { path: valuesFile, bytes }]
  return { files: edited, change: { path: formatValuesPath(change.path), file: valuesFile, before, after } }
}

/** Whether a path leads into something empty, where charts leave room for what users need. */
function hasRoom(values: GoMap, path: ValuesPath): boolean {
  for (let length = path.length - 1; length > 0; length--) {
    const above = valueAt(values, path.slice(0, length))
    if (above === undefined) continue
    return above === null || (above instanceof GoMap ? above.entries.size === 0 : above instanceof GoSlice)
  }
  return false
}

async function setBelow(
  files: readonly ChartFile[],
  name: string,
  change: ValueChange,
  path: ValuesPath,
): Promise<Done | undefined> {
  const [step, ...rest] = path
  const chart = (await subcharts(files, name)).get(String(step))
  if (chart === undefined || rest.length === 0) return undefined
  const about = `${name}/${chart.path}`
  const done = await setOne(await filesBelow(files, chart, about), about, change, rest, {})
  if (done === undefined) return undefined
  const others = files.filter((file) => !belongsTo(file, chart))
  const inner = chart.archive
    ? [{ path: chart.path, bytes: (await packChart(done.files, about, { incomplete: true })).archive }]
    : done.files.map(({ path: inside, bytes }) => ({ path: `${chart.path}/${inside}`, bytes }))
  return { files: [...others, ...inner], change: { ...done.change, file: `${chart.path}/${done.change.file}` } }
}

/** The subcharts whose values one name stands for, by that name. */
async function subcharts(files: readonly ChartFile[], name: string): Promise<Map<string, VendoredChart>> {
  const vendored = await vendoredCharts(files, name)
  const find = (path: string) => files.find((file) => file.path === path)?.bytes
  const chartYaml = find('Chart.yaml') ?? new Uint8Array()
  const { dependencies } = readFields({ chartYaml, requirements: find('requirements.yaml') }, name)
  const names = new Map<string, VendoredChart>()
  for (const chart of vendored) {
    const entries = (dependencies ?? []).filter((entry) => entry.name === chart.name)
    const [alias] = entries.map((entry) => (entry.alias === undefined || entry.alias === '' ? entry.name : entry.alias))
    if (entries.length < 2) names.set(alias ?? chart.name, chart)
  }
  return names
}

async function filesBelow(
  files: readonly ChartFile[],
  chart: VendoredChart,
  about: string,
): Promise<readonly ChartFile[]> {
  const own = files.filter((file) => belongsTo(file, chart))
  if (chart.archive) return readChartFiles(own[0]?.bytes ?? new Uint8Array(), about)
  return own.map(({ path, bytes }) => ({ path: path.slice(chart.path.length + 1), bytes }))
}

async function knownPaths(files: readonly ChartFile[], name: string): Promise<string[]> {
  const text = fromBytes(files.find((file) => file.path === valuesFile)?.bytes ?? new Uint8Array())
  const known = pathsOf(readValues(text.replace(/^\ufeff/, '')))
  for (const [alias, chart] of await subcharts(files, name)) {
    const about = `${name}/${chart.path}`
    const inner = await knownPaths(await filesBelow(files, chart, about), about)
    known.push(...inner.map((path) => `${formatValuesPath([alias])}.${path}`))
  }
  return known
}

function pathsOf(value: Value, above: ValuesPath = []): string[] {
  const own = above.length === 0 ? [] : [formatValuesPath(above)]
  if (value instanceof GoMap) {
    return [...own, ...[...value.entries].flatMap(([key, item]) => pathsOf(item, [...above, key]))]
  }
  return value instanceof GoSlice ? [...own, ...value.items.flatMap((item, at) => pathsOf(item, [...above, at]))] : own
}
