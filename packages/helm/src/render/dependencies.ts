import { GoMap, mapType, type Value } from '@ropeway/gotemplate'
import { deepCopy } from '../functions/convert.js'
import { trimSpace } from '../functions/strings.js'
import type { LoadedChart } from '../chart/load.js'
import { HelmError } from '../helm-error.js'
import { coalesceValues, mergeTables, type Warn } from '../values/coalesce.js'
import { parseConstraint, satisfies } from '../version/constraint.js'
import { tryVersion } from '../version/version.js'
import { activate, type ActiveChart, type Declared } from './chart.js'

/** Every declared dependency has to be there. Throws `HelmError`. */
export function checkDependencies(chart: ActiveChart): void {
  const present = new Set(chart.dependencies.map(({ name }) => name))
  const missing = (chart.declared ?? []).map(({ name }) => name).filter((name) => !present.has(name))
  if (missing.length === 0) return
  throw new HelmError(
    'an error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing ' +
      `dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  )
}

/**
 * Decides which subcharts take part, under which names (aliases, tags, conditions), and brings the values in that charts
 * import from their subcharts. `values` are the user's. Throws `HelmError`.
 */
export function processDependencies(chart: ActiveChart, values: GoMap, warn: Warn): void {
  enableDependencies(chart, values, warn)
  importOnce(chart, warn)
}

interface Imported {
  /** The values of the chart and those below it, depth first. */
  readonly values: readonly GoMap[]
  readonly warnings: readonly string[]
}

/** What charts import depends on which subcharts take part, and on nothing that the user gives. */
const imports = new WeakMap<LoadedChart, Map<string, Imported>>()
const mostImports = 50

function importOnce(chart: ActiveChart, warn: Warn): void {
  const known = imports.get(chart.loaded) ?? new Map<string, Imported>()
  imports.set(chart.loaded, known)
  const key = JSON.stringify(namesOf(chart))
  const charts = withDependencies(chart)
  const imported = known.get(key)
  if (imported !== undefined) {
    for (const [at, each] of charts.entries()) each.values = imported.values[at] ?? each.values
    for (const message of imported.warnings) warn(message)
    return
  }
  const warnings: string[] = []
  importValues(chart, (message) => {
    warnings.push(message)
    warn(message)
  })
  if (known.size >= mostImports) known.clear()
  known.set(key, { values: charts.map(({ values }) => values), warnings })
}

function namesOf({ name, declared, dependencies }: ActiveChart): unknown {
  const alone = ({ name: own, loaded }: ActiveChart): readonly string[] => [
    own,
    loaded.metadata.name,
    loaded.metadata.version,
  ]
  const entries = declared?.map((each) => each.name) ?? null
  return [name, entries, dependencies.map((each) => [...alone(each), namesOf(each)])]
}

function withDependencies(chart: ActiveChart): ActiveChart[] {
  return [chart, ...chart.dependencies.flatMap(withDependencies)]
}

/** Decides which subcharts take part, and under which names. Throws `HelmError`. */
export function enableDependencies(chart: ActiveChart, values: GoMap, warn: Warn): void {
  enable(chart, values, '', warn)
}

function enable(chart: ActiveChart, values: GoMap, path: string, warn: Warn): void {
  if (chart.declared === null) return
  chart.dependencies = [...undeclared(chart), ...chart.declared.flatMap((entry) => aliased(chart, entry))]
  const merged = coalesceValues(chart, values, warn)
  for (const entry of chart.declared) entry.enabled = true
  applyTags(chart.declared, merged, warn)
  applyConditions(chart.declared, merged, path, warn)
  const disabled = new Set(chart.declared.filter(({ enabled }) => !enabled).map(({ name }) => name))
  chart.dependencies = chart.dependencies.filter(({ name }) => !disabled.has(name))
  chart.declared = chart.declared.filter(({ name }) => !disabled.has(name))
  for (const dependency of chart.dependencies) enable(dependency, merged, `${path}${dependency.name}.`, warn)
}

/** Keeps all subcharts, under the names that they go by, whatever tags and conditions say. */
export function keepAllDependencies(chart: ActiveChart): void {
  if (chart.declared !== null) {
    chart.dependencies = [...undeclared(chart), ...chart.declared.flatMap((entry) => aliased(chart, entry))]
  }
  for (const dependency of chart.dependencies) keepAllDependencies(dependency)
}

/** Whether the chart is what an entry asks for. */
function covers({ entry }: Declared, chart: ActiveChart): boolean {
  if (entry.name !== chart.name || entry.version === undefined || entry.version === '') return false
  const version = tryVersion(chart.metadata.version)
  try {
    return version !== undefined && satisfies(version, parseConstraint(entry.version))
  } catch {
    return false
  }
}

function undeclared(chart: ActiveChart): ActiveChart[] {
  return chart.dependencies.filter((dependency) => !(chart.declared ?? []).some((entry) => covers(entry, dependency)))
}

function aliased(chart: ActiveChart, declared: Declared): ActiveChart[] {
  const found = chart.dependencies.find((dependency) => covers(declared, dependency))
  const { alias = '' } = declared.entry
  if (alias !== '') declared.name = alias
  if (found === undefined) return []
  const copy = activate(found.loaded, chart)
  copy.name = declared.name
  return [copy]
}

function applyTags(declared: readonly Declared[], values: GoMap, warn: Warn): void {
  const tags = values.entries.get('tags')
  if (!(tags instanceof GoMap)) return
  for (const entry of declared) {
    let anyTrue = false
    let anyFalse = false
    for (const tag of entry.entry.tags ?? []) {
      const value = tags.entries.get(tag)
      if (value === true) anyTrue = true
      else if (value === false) anyFalse = true
      else if (value !== undefined) warn(`returned non-bool value tag=${tag} chart=${entry.name}`)
    }
    if (!anyTrue && anyFalse) entry.enabled = false
  }
}

function applyConditions(declared: readonly Declared[], values: GoMap, path: string, warn: Warn): void {
  for (const entry of declared) {
    for (const condition of trimSpace(entry.entry.condition ?? '').split(',')) {
      if (condition === '') continue
      const value = pathValue(values, path + condition)
      if (value === undefined) continue
      if (typeof value === 'boolean') {
        entry.enabled = value
        break
      }
      warn(`returned non-bool value path=${condition} chart=${entry.name}`)
    }
  }
}

/** The value at a dotted path that is no table; undefined when there is none. */
export function pathValue(values: GoMap, path: string): Value | undefined {
  const parts = path.split('.')
  const last = parts.pop() ?? ''
  const table = parts.length === 0 ? values : tableAt(values, parts.join('.'))
  const found = table?.entries.get(last)
  return found instanceof GoMap ? undefined : found
}

/** The table at a dotted path. */
export function tableAt(values: GoMap, path: string): GoMap | undefined {
  let table: GoMap = values
  for (const part of path.split('.')) {
    const next = table.entries.get(part)
    if (!(next instanceof GoMap)) return undefined
    table = next
  }
  return table
}

/**
 * Brings the values in that charts import from their subcharts, below what they have themselves. As in Helm what is imported twice is merged in the
 * tables of the subcharts as well. Throws `HelmError`.
 */
export function importValues(chart: ActiveChart, warn: Warn): void {
  for (const dependency of chart.dependencies) importValues(dependency, warn)
  if (chart.declared === null) return
  const computed = coalesceValues(chart, emptyMap(), warn, true)
  const imported = emptyMap()
  for (const { entry, name } of chart.declared) {
    for (const item of entry['import-values'] ?? []) {
      const wanted = importOf(item)
      if (wanted === undefined) continue
      const table = tableAt(computed, `${name}.${wanted.child}`)
      if (table === undefined) warnOfMissing(wanted, name, computed, warn)
      else mergeTables(imported, placed(wanted.parent, table), warn)
    }
  }
  chart.values = mergeTables(deepCopy(computed) as GoMap, imported, warn)
}

function warnOfMissing({ child, exported }: Import, name: string, values: GoMap, warn: Warn): void {
  const problem = missingPart(values, `${name}.${child}`)
  const what = exported ? 'ImportValues missing table' : `ImportValues missing table from chart chart=${name}`
  warn(`${what} error="\\"${problem}\\" is not a table"`)
}

interface Import {
  readonly child: string
  readonly parent: string
  readonly exported: boolean
}

function importOf(item: unknown): Import | undefined {
  if (typeof item === 'string') return { child: `exports.${item}`, parent: '.', exported: true }
  if (typeof item !== 'object' || item === null) return undefined
  const { child, parent } = item as { child?: unknown; parent?: unknown }
  return { child: String(child), parent: String(parent), exported: false }
}

function missingPart(values: GoMap, path: string): string {
  let table: GoMap = values
  for (const part of path.split('.')) {
    const next = table.entries.get(part)
    if (!(next instanceof GoMap)) return part
    table = next
  }
  return path
}

function placed(path: string, table: GoMap): GoMap {
  if (path === '.') return table
  return path
    .split('.')
    .reverse()
    .reduce((inner, part) => new GoMap(mapType, new Map<string, Value>([[part, inner]])), table)
}

function emptyMap(): GoMap {
  return new GoMap(mapType, new Map())
}
