import { ast, makeMap, type GoMap } from '@ropeway/gotemplate'
import { wholeDigest } from '../chart/digest.js'
import type { LoadedChart } from '../chart/load.js'
import { activate, chartPath, type ActiveChart } from '../render/chart.js'
import { isPartial } from '../render/context.js'
import { keepAllDependencies } from '../render/dependencies.js'
import { inRenderOrder, parseFile } from '../render/engine.js'
import { coalesceValues } from '../values/coalesce.js'
import { computed, pathOf, type Comparison, type Known, type Place } from './known.js'
import { textsOf } from './texts.js'
import { rootOf, walkTemplate, type Test, type Walk } from './walk.js'

/** A test in a template, with what it depends on, helpers that it calls included. */
export interface ChartCondition {
  /** The file that it stands in, `chart/templates/x.yaml`, and its line, from 1. */
  readonly template: string
  readonly line: number
  readonly kind: 'if' | 'with' | 'range' | 'ternary'
  /** Values that it depends on, in the root chart's values. */
  readonly paths: readonly string[]
  /** What values are compared with. */
  readonly literals: readonly Comparison[]
  /** APIs that it asks `.Capabilities.APIVersions` for. */
  readonly capabilities: readonly string[]
  /** The index of the condition inside which this one is tested; of the first one, when there are several. */
  readonly within?: number | undefined
}

/** What decides whether a subchart takes part. */
export interface SubchartSwitch {
  /** `parent/charts/name` */
  readonly chart: string
  /** Paths of booleans; the first that exists decides. */
  readonly conditions: readonly string[]
  /** Paths of the tags' booleans. */
  readonly tags: readonly string[]
}

/**
 * What the templates of a chart and of all its subcharts, those that are switched off too, say of its values. A path is one in the root
 * chart's values, written as for `--set`, with `*` for any element of a list or map: `redis.image.tag`, `hosts.*.name`.
 */
export interface ChartReferences {
  /** Every path that a template reads; maps that are gone through as well. Sorted. */
  readonly paths: readonly string[]
  readonly conditions: readonly ChartCondition[]
  readonly subcharts: readonly SubchartSwitch[]
  /** False when the chart is so large that the search was ended early. */
  readonly complete: boolean
}

interface TemplateFile {
  readonly name: string
  readonly text: string
  readonly root: Known
}

const defaultBudget = 2_000_000

/**
 * Finds out, without rendering, which values the templates of a chart read, and which conditions depend on which of them. Helpers are followed
 * with their arguments. `budget` is the number of nodes of templates that are looked at. Throws `HelmError` when a template does not parse.
 */
export function chartReferences(loaded: LoadedChart, { budget = defaultBudget } = {}): ChartReferences {
  const digest = wholeDigest(loaded)
  if (digest === undefined) return referencesOf(loaded, budget)
  const key = `${digest} ${String(budget)}`
  const found = known.get(key) ?? referencesOf(loaded, budget)
  if (known.size >= mostKnown) known.clear()
  known.set(key, found)
  return found
}

/** Charts are looked through by discovery, and again by relocation. */
const known = new Map<string, ChartReferences>()
const mostKnown = 8

function referencesOf(loaded: LoadedChart, budget: number): ChartReferences {
  const chart = activate(loaded)
  keepAllDependencies(chart)
  const files: TemplateFile[] = []
  const prefixes: Place[] = []
  const subcharts: SubchartSwitch[] = []
  collect(chart, [], { files, prefixes, subcharts })
  const walk = { ...createWalk(files, prefixes, budget), textAt: textsOf(defaultsOf(chart)) }
  for (const { name, root } of [...files].sort((a, b) => order(a) - order(b))) {
    const tree = walk.templates.get(name)
    if (tree !== undefined && !isPartial(name)) walkTemplate(walk, tree, root)
  }
  return {
    paths: [...walk.paths].sort(),
    conditions: conditionsOf([...walk.tests.values()]),
    subcharts,
    complete: walk.budget > 0,
  }
}

function defaultsOf(chart: ActiveChart): GoMap {
  try {
    return coalesceValues(chart, makeMap(), () => undefined)
  } catch {
    return chart.values
  }
}

/** What only the notes test matters least. */
function order({ name }: TemplateFile): number {
  return name.endsWith('NOTES.txt') ? 1 : 0
}

interface Collected {
  readonly files: TemplateFile[]
  readonly prefixes: Place[]
  readonly subcharts: SubchartSwitch[]
}

function collect(chart: ActiveChart, prefix: Place, into: Collected): Known {
  into.prefixes.push(prefix)
  const path = chartPath(chart)
  const inner = new Map<string, Known>()
  for (const dependency of chart.dependencies) {
    const place = [...prefix, dependency.name]
    const entry = chart.declared?.find(({ name }) => name === dependency.name)?.entry
    const conditions = (entry?.condition ?? '').split(',').filter((condition) => condition !== '')
    into.subcharts.push({
      chart: chartPath(dependency),
      conditions: conditions.map((condition) => [...prefix.map((key) => pathOf([key])), condition].join('.')),
      tags: (entry?.tags ?? []).map((tag) => pathOf(['tags', tag])),
    })
    inner.set(dependency.name, collect(dependency, place, into))
  }
  const root = rootOf(prefix, inner)
  const library = chart.metadata.type?.toLowerCase() === 'library'
  for (const { path: file, text } of chart.templates) {
    if (!library || isPartial(file)) into.files.push({ name: `${path}/${file}`, text, root })
  }
  return root
}

function createWalk(files: readonly TemplateFile[], prefixes: readonly Place[], budget: number): Omit<Walk, 'textAt'> {
  const templates = new Map<string, ast.Tree>()
  for (const { name, text } of inRenderOrder(files)) {
    for (const [key, { tree }] of parseFile(name, text).templates) {
      if (!ast.isEmpty(tree.root) || !templates.has(key)) templates.set(key, tree)
    }
  }
  const charts = new Set(prefixes.map(pathOf))
  // globals of subcharts are those of the root
  const normal = (place: Place): Place => {
    const at = place.indexOf('global')
    return at > 0 && charts.has(pathOf(place.slice(0, at))) ? place.slice(at) : place
  }
  const gathered = { tests: new Map(), paths: new Set<string>(), calls: new Map(), active: new Set<string>() }
  return { templates, normal, budget, test: undefined, ...gathered }
}

function conditionsOf(tests: readonly Test[]): ChartCondition[] {
  const positions = new Map(tests.map((test, at) => [test, at]))
  return tests.map(({ node, kind, value, within }) => {
    const { reads, comparisons, apis } = computed([value])
    return {
      template: node.source.file,
      line: ast.placeOf(node).line,
      kind,
      paths: reads,
      literals: comparisons,
      capabilities: apis,
      within: within === undefined ? undefined : positions.get(within),
    }
  })
}
