import { GoMap, GoSlice, makeMap, makeSlice, mapType, type Value } from '@ropeway/gotemplate'
import { HelmError, makeChart, mergeMaps, type Chart, type EncodingCall, type LoadedChart } from '@ropeway/helm'
import { seed } from '../chart/session.js'
import type { RelocationMode, RenderSettings, Switch } from '../chart/types.js'
import type { Path } from '../path.js'
import { valueAt } from './changes.js'
import { flagKnob, turnedText, type Knob, type Turn, type Turns } from './knobs.js'
import { namedValues, patchLoaded, type ChartTree } from './tree.js'
import { viewOf, type View } from './view.js'

/** One way in which a chart is rendered: with what the user gives, and maybe with switches flipped. */
export interface Setup {
  readonly switch?: Switch | undefined
  /** The user's values, and what the switches and the chart's demands add. */
  readonly values: GoMap
  readonly settings: RenderSettings
  /** Templates that fail are left out. */
  readonly tolerant?: boolean | undefined
}

export interface RenderExtras {
  /** Schemas count; while something is tried out they do not. */
  readonly strict?: boolean
  readonly encoded?: (call: EncodingCall) => void
}

/** Renders a chart for a setup, with further values below (`defaults`) or above (`overrides`) the user's. Throws `HelmError`. */
export function renderSetup(
  chart: Chart,
  { values, settings, tolerant }: Setup,
  { defaults, overrides }: { readonly defaults?: GoMap; readonly overrides?: GoMap },
  { strict = false, encoded }: RenderExtras = {},
): View {
  const below = defaults === undefined ? values : mergeMaps(defaults, values)
  const rendered = chart.render({
    release: settings.release,
    capabilities: settings.capabilities,
    failed: tolerant === true ? () => undefined : undefined,
    limits: settings.limits,
    values: overrides === undefined ? below : mergeMaps(below, overrides),
    skipSchemaValidation: !strict || settings.skipSchemaValidation,
    ...{ seed, encoded },
  })
  return viewOf(rendered, settings.noHooks)
}

/** The chart with knobs turned. */
export interface Workspace {
  readonly mode: RelocationMode
  readonly loaded: LoadedChart
  readonly tree: ChartTree
  /** Values that templates read, in the root chart's values. */
  readonly named: readonly Path[]
  /** Throws `HelmError`. */
  render(turns: Turns, setup: Setup): View
  /** Renders; where the chart refuses and its message names a value that would allow it, with that value. Undefined when it fails. */
  attempt(turns: Turns, setup: Setup): Attempt | undefined
  /** How many renderings there were. */
  readonly renders: number
  /** Ids of knobs that bear no mark: with this setup, and with any one. What probing finds is added. */
  brokenIn(setup: Setup): { readonly here: Set<string>; readonly anywhere: Set<string> }
}

/** Latest attempts of each setup that are kept: many are asked for again when setups are weighed against each other. */
const mostAttempts = 16

/** A rendering, and the turns that it took. */
export interface Attempt {
  readonly view: View
  readonly turns: Turns
}

/** Values that an error message names and that are off: a chart that checks its images says which one allows others. */
function permissions(message: string, values: GoMap, read: ReadonlySet<string>): Turn[] {
  const named = message.match(/[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+/g) ?? []
  return [...new Set(named)].flatMap((dotted) => {
    const path = dotted.replace(/^Values\./, '').split('.')
    const value = valueAt(values, path)
    const off = value === false || (value === undefined && read.has(path.join('.')))
    return off ? [{ knob: flagKnob(path, false), text: 'true' }] : []
  })
}

export function makeWorkspace(loaded: LoadedChart, tree: ChartTree, mode: RelocationMode, base: GoMap): Workspace {
  let renders = 0
  const attempts = new Map<Setup, Map<string, Attempt | undefined>>()
  const broken = new Map<Setup, Set<string>>()
  const anywhere = new Set<string>()
  const original = makeChart(loaded)
  const names = namedValues(loaded)
  const read = new Set(names.map((path) => path.join('.')))
  return {
    ...{ mode, loaded, tree, named: names },
    get renders() {
      return renders
    },
    brokenIn(setup) {
      const here = broken.get(setup) ?? new Set<string>()
      broken.set(setup, here)
      return { here, anywhere }
    },
    render(turns, setup) {
      renders += 1
      const overlay = overlayOf(turns, base)
      const files = changedFiles(turns)
      const chart = files.size === 0 ? original : makeChart(patchLoaded(loaded, tree, files))
      return renderSetup(chart, setup, mode === 'embed' ? { defaults: overlay } : { overrides: overlay })
    },
    attempt(turns, setup) {
      const known = attempts.get(setup) ?? new Map<string, Attempt | undefined>()
      attempts.set(setup, known)
      const key = JSON.stringify([...turns.values()].map(({ knob, text }) => [knob.id, knob.end, text]))
      if (known.has(key)) return known.get(key)
      const made = tryOut(this, turns, setup)
      if (known.size >= mostAttempts) known.clear()
      known.set(key, made)
      return made
    },
  }

  function tryOut(workspace: Workspace, turns: Turns, setup: Setup): Attempt | undefined {
    try {
      return { view: workspace.render(turns, setup), turns }
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
      const more = permissions(error.message, base, read).filter(({ knob }) => !turns.has(knob.id))
      if (more.length === 0) return undefined
      const wider = new Map([...turns, ...more.map((turn) => [turn.knob.id, turn] as const)])
      try {
        return { view: workspace.render(wider, setup), turns: wider }
      } catch (again) {
        if (!(again instanceof HelmError)) throw again
        return undefined
      }
    }
  }
}

function groupTurns(turns: Turns, key: (knob: Knob) => string | undefined) {
  const groups = new Map<string, { knob: Knob; text: string }[]>()
  for (const turn of turns.values()) {
    const name = key(turn.knob)
    if (name === undefined) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [turn])
    else group.push(turn)
  }
  return groups
}

/** New texts of files, by their paths in the tree. */
export function changedFiles(turns: Turns): Map<string, string> {
  const groups = groupTurns(turns, ({ at }) => ('file' in at ? at.file : undefined))
  return new Map([...groups].map(([file, group]) => [file, turnedText(group)]))
}

/** New values of the overlay, path by path. */
export function changedValues(turns: Turns): { readonly path: Path; readonly value: string | boolean }[] {
  const groups = groupTurns(turns, ({ at }) => ('path' in at ? JSON.stringify(at.path) : undefined))
  return [...groups.values()].flatMap((group) => {
    const at = group[0]?.knob.at
    if (at === undefined || !('path' in at)) return []
    const text = turnedText(group)
    return [{ path: at.path, value: group[0]?.knob.flag === true ? text === 'true' : text }]
  })
}

/** The values that the turns make, as maps; a list is there as a whole, taken from `base`, because lists are not merged. */
export function overlayOf(turns: Turns, base: GoMap): GoMap {
  const overlay = makeMap()
  for (const { path, value } of changedValues(turns)) place(overlay, path, value, base)
  return overlay
}

function place(into: GoMap | GoSlice, path: Path, value: Value, base: Value | undefined): void {
  const [step = '', ...rest] = path
  const under = childOf(base, step)
  const present = childOf(into, step)
  const next =
    rest.length === 0
      ? value
      : present instanceof GoMap || present instanceof GoSlice
        ? present
        : typeof rest[0] === 'number'
          ? copy(under ?? makeSlice())
          : new GoMap(mapType, new Map<string, Value>())
  if (into instanceof GoMap) into.entries.set(String(step), next)
  else into.items[Number(step)] = next
  if (rest.length > 0 && (next instanceof GoMap || next instanceof GoSlice)) place(next, rest, value, under)
}

function childOf(value: Value | undefined, step: string | number): Value | undefined {
  if (value instanceof GoMap) return value.entries.get(String(step))
  return value instanceof GoSlice ? value.items[Number(step)] : undefined
}

function copy(value: Value): Value {
  if (value instanceof GoMap) return makeMap([...value.entries].map(([key, item]) => [key, copy(item)] as const))
  return value instanceof GoSlice ? makeSlice(value.items.map(copy)) : value
}
