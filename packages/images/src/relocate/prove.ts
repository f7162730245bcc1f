import { HelmError, type Chart, type EncodingCall } from '@ropeway/helm'
import type { GoMap } from '@ropeway/gotemplate'
import type { Proof, Switch } from '../chart/types.js'
import { formatObject } from '../find-images.js'
import { formatPath, type Path } from '../path.js'
import { compareViews, type Change } from './changes.js'
import { computedFrom, relatedSums, type Pair } from './explain.js'
import { withNames } from './names.js'
import { movedParts, spotPlaces } from './places.js'
import { currentText, regionsOf, type FindSites, type FoundSite } from './spots.js'
import type { Task } from './assess.js'
import type { View } from './view.js'
import { renderSetup, type Setup } from './workspace.js'

/** What is compared. */
export interface Charts {
  readonly original: Chart
  /** Loaded anew from the files that would be delivered. */
  readonly relocated: Chart
  /** The values that are given last, in overlay mode. */
  readonly overrides?: GoMap | undefined
  /** Stretches of values and files that were changed. */
  readonly pieces: readonly Pair[]
  readonly find: FindSites
}

/** What one setup showed. */
export interface Finding {
  readonly setup: Setup
  readonly objects: number
  readonly computed: Proof['computed']
  readonly differences: Proof['differences']
  /** Places at which a reference is not what it has to be, with what stands there. */
  readonly wrong: readonly { readonly reference: string; readonly place: string; readonly found: string }[]
  /** Places at which each reference moved. */
  readonly moved: ReadonlyMap<string, readonly string[]>
  /** Places at which the name of a moved image moved along. */
  readonly along: ReadonlyMap<string, readonly string[]>
  /** Images in the relocated rendering. */
  readonly sites: readonly (FoundSite & { readonly where: string })[]
  /** Why there is no rendering to compare with. */
  readonly failure?: string | undefined
}

/** Renders both charts with one seed and compares them, object by object. */
export function compareSetup(charts: Charts, task: Task): Finding {
  const { setup } = task
  const calls: [EncodingCall[], EncodingCall[]] = [[], []]
  const before = renderSetup(charts.original, setup, {}, { strict: true, encoded: (call) => calls[0].push(call) })
  let after: View
  try {
    const values = charts.overrides === undefined ? {} : { overrides: charts.overrides }
    after = renderSetup(charts.relocated, setup, values, { strict: true, encoded: (call) => calls[1].push(call) })
  } catch (error) {
    if (!(error instanceof HelmError)) throw error
    return { ...nothing(setup, before), failure: error.message }
  }
  return compareRenderings(before, after, task, { ...charts, calls })
}

function nothing(setup: Setup, { documents }: View): Finding {
  const objects = documents.length
  const places = new Map<string, string[]>()
  return { setup, objects, computed: [], differences: [], wrong: [], moved: places, along: places, sites: [] }
}

/** Compares two renderings, object by object. `calls` are the checksums that were taken in each. */
export function compareRenderings(
  before: View,
  after: View,
  task: Pick<Task, 'setup' | 'spots' | 'moves' | 'names'>,
  {
    pieces,
    find,
    calls = [[], []],
  }: Pick<Charts, 'pieces' | 'find'> & { readonly calls?: readonly [readonly EncodingCall[], readonly EncodingCall[]] },
): Finding {
  const { setup, moves } = task
  const none = nothing(setup, before)
  const { changes, reshaped } = compareViews(before, after)
  if (reshaped !== undefined) {
    return { ...none, differences: [{ place: reshaped, before: 'the object', after: 'another object, or none' }] }
  }
  const ofSpots = spotPlaces(task.spots)
  const place = (document: number, path: Path): string => placeIn(before, document, path)
  const along = new Map<string, string[]>()
  const others = changes.filter((change) => {
    if (ofSpots(change)) return false
    const named = change.text ? withNames(change.before, task.names) : undefined
    if (named?.text !== change.after) return true
    for (const name of named.moved) along.set(name, [...(along.get(name) ?? []), place(change.document, change.path)])
    return false
  })
  const grounds = { moves, pieces }
  const sums = others.length === 0 ? [] : relatedSums(calls[0], calls[1], grounds)
  const judged = others.map((change) => ({ change, why: reasonFor(change, { ...grounds, sums }) }))
  const shown = ({ document, path, before: old, after: now }: Change) => ({
    place: place(document, path),
    before: old,
    after: now,
  })
  const renamed = leftBehind(before, after, others)
  return {
    ...none,
    along,
    computed: [
      ...movedParts(changes, task.spots).map(({ document, path, inner, before: old, after: now }) => ({
        ...{ place: inner === undefined ? place(document, path) : `${place(document, path)}: ${inner}` },
        ...{ before: old, after: now, why: partOfReference },
      })),
      ...judged.flatMap(({ change, why }) => (why === undefined ? [] : [{ ...shown(change), why }])),
    ],
    differences: [
      ...judged.flatMap(({ change, why }) => (why === undefined ? [shown(change)] : [])),
      ...renamed.map((name) => ({ place: name, before: 'a name', after: 'renamed, but not where it is referred to' })),
    ],
    ...judgeSpots(task, before, after),
    sites: find(after).map((site) => ({ ...site, where: placeIn(after, site.document, site.path) })),
  }
}

const partOfReference = 'a part of a moved reference'

function reasonFor(change: Change, grounds: Parameters<typeof computedFrom>[2]): string | undefined {
  return change.text ? computedFrom(change.before, change.after, grounds) : undefined
}

/** `chart/templates/x.yaml Deployment/web spec.template.spec.containers[0].image` */
export function placeIn(view: View, document: number, path: Path): string {
  const { template = '?', object } = view.documents[document] ?? {}
  return `${template} ${object === undefined ? '?' : formatObject(object)} ${formatPath(path)}`
}

function judgeSpots(
  { spots, moves, names }: Pick<Task, 'spots' | 'moves' | 'names'>,
  before: View,
  after: View,
): Pick<Finding, 'wrong' | 'moved'> {
  const wrong: { reference: string; place: string; found: string }[] = []
  const moved = new Map<string, string[]>()
  for (const spot of spots) {
    const place = placeIn(before, spot.document, spot.path)
    const text = currentText(spot, after)
    const held = text === spot.wanted || text === withNames(spot.wanted, names).text
    const right = held && !(isLabel(spot.path) && !labelValue.test(spot.wanted))
    const regions = text === undefined ? undefined : regionsOf(spot, text)
    for (const [at, { reference }] of spot.tokens.entries()) {
      if (spot.tokens.findIndex((token) => token.reference === reference) < at) continue
      if (moves.get(reference) === reference || right) moved.set(reference, [...(moved.get(reference) ?? []), place])
      else wrong.push({ reference, place, found: regions?.[at] ?? text ?? 'nothing' })
    }
  }
  return { wrong, moved }
}

const labelValue = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/

/** Kubernetes refuses objects with other texts there. */
function isLabel(path: Path): boolean {
  const above = path.at(-2)
  return above === 'labels' || above === 'matchLabels'
}

/** Old names of objects that were renamed and that something still refers to. */
function leftBehind(before: View, after: View, changes: readonly Change[]): string[] {
  const names = new Set(changes.filter(({ path }) => path.join('.') === 'metadata.name').map((change) => change.before))
  const kept = new Set(after.documents.map(({ object }) => object.name))
  return [...names].filter((name) => {
    if (kept.has(name) || before.documents.filter(({ object }) => object.name === name).length > 1) return false
    return after.documents.some(({ text }) => new RegExp(`[\\s"']${escaped(name)}(?:[\\s"']|$)`).test(text))
  })
}

/** How a setup is named in a proof. */
export function sameSwitch(a: Switch | undefined, b: Switch | undefined): boolean {
  return JSON.stringify(a ?? {}) === JSON.stringify(b ?? {})
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
