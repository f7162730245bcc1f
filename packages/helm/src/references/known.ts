import { formatValuesPath } from '../values/path.js'

/** A key or, for any element of a list or map, `*`; keys below the root chart's values. */
export type Place = readonly string[]

/** A literal that a template compares a value with. */
export interface Comparison {
  readonly path: string
  readonly value: Literal
}

export type Literal = string | number | boolean | null

/** What is known of a value without rendering. Nothing of it is changed once made. */
export interface Known {
  /** Where in the values it may stand itself, perhaps as text. */
  readonly at: readonly Place[]
  /** The fields of a map that templates made, or of the root. */
  readonly fields?: ReadonlyMap<string, Known> | undefined
  /** The items of a list that templates made. */
  readonly items?: readonly Known[] | undefined
  readonly literal?: Literal | undefined
  /** Which of `.Capabilities` it is. */
  readonly capabilities?: 'all' | 'apis' | undefined
  /** Paths of everything that it was computed from. */
  readonly reads: readonly string[]
  /** What it was compared with on its way. */
  readonly comparisons: readonly Comparison[]
  /** APIs that it depends on. */
  readonly apis: readonly string[]
}

/** Longer lists make no difference to those who ask. */
const most = 400
/** Places that one value may have. */
const mostPlaces = 12

export const nothing: Known = { at: [], reads: [], comparisons: [], apis: [] }

export function literal(value: Literal): Known {
  return { ...nothing, literal: value }
}

/** Any element of any depth below one: helpers that call themselves go down without end. */
const deepest = 3

/** The place of an element. */
function below(place: Place): Place {
  const end = place.findLastIndex((key) => key !== '*')
  return place.length - 1 - end < deepest ? [...place, '*'] : place
}

const paths = new WeakMap<Place, string>()

/** A place as a path of `--set`, with `*` for any element. */
export function pathOf(place: Place): string {
  let path = paths.get(place)
  if (path === undefined) paths.set(place, (path = formatValuesPath(place)))
  return path
}

export function valueAt(places: readonly Place[]): Known {
  const at = places.slice(0, mostPlaces)
  return { ...nothing, at, reads: at.filter((place) => place.length > 0).map(pathOf) }
}

export function distinct<T>(items: readonly T[], key: (item: T) => unknown = (item) => item): readonly T[] {
  return items.length < 2 ? items : [...new Map(items.map((item) => [key(item), item])).values()].slice(0, most)
}

const comparisonKey = ({ path, value }: Comparison): string => `${path}\0${JSON.stringify(value)}`

/** What depends on all of these, without being one of them. */
export function computed(from: readonly Known[]): Known {
  return {
    at: [],
    reads: joined(from.map(({ reads }) => reads)),
    comparisons: joined(
      from.map(({ comparisons }) => comparisons),
      comparisonKey,
    ),
    apis: joined(from.map(({ apis }) => apis)),
  }
}

/** One list of several, most of which are empty. */
function joined<T>(lists: readonly (readonly T[])[], key?: (item: T) => unknown): readonly T[] {
  const filled = lists.filter(({ length }) => length > 0)
  const [first] = filled
  return first === undefined || filled.length === 1 ? (first ?? []) : distinct(filled.flat(), key)
}

/** What may be any of these. */
export function anyOf(choices: readonly Known[]): Known {
  const [first] = choices
  if (first === undefined || choices.length === 1) return first ?? nothing
  const places = distinct(
    choices.flatMap(({ at }) => at),
    pathOf,
  )
  const fields = choices.flatMap((choice) => (choice.fields === undefined ? [] : [...choice.fields]))
  const items = choices.flatMap((choice) => choice.items ?? [])
  return {
    ...computed(choices),
    at: places.slice(0, mostPlaces),
    fields: fields.length === 0 ? undefined : new Map(fields),
    items: items.length === 0 ? undefined : items,
    capabilities: choices.find(({ capabilities }) => capabilities !== undefined)?.capabilities,
  }
}

/** The same, where the result may still be one of the values themselves or their text. */
export function sameAs(value: Known, others: readonly Known[] = []): Known {
  return others.length === 0 ? value : { ...value, ...pick(computed([value, ...others])) }
}

function pick({ reads, comparisons, apis }: Known): Pick<Known, 'reads' | 'comparisons' | 'apis'> {
  return { reads, comparisons, apis }
}

/** An element of a list or map. */
export function elementOf(value: Known): Known {
  const choices = [...(value.items ?? []), ...(value.fields?.values() ?? [])]
  if (value.at.length > 0) choices.push(valueAt(value.at.map(below)))
  return sameAs(anyOf(choices), [computed([value])])
}

/** A short text that tells values apart, for remembering what a helper does with them. */
export function keyOf(value: Known, depth = 3): string {
  if (value.literal !== undefined) return JSON.stringify(value.literal)
  const fields =
    value.fields === undefined || depth === 0
      ? ''
      : [...value.fields].map(([name, field]) => `${name}:${keyOf(field, depth - 1)}`).join(',')
  const items = depth === 0 ? '' : (value.items ?? []).map((item) => keyOf(item, depth - 1)).join(',')
  return `${value.at.map(pathOf).join('|')}{${fields}}[${items}]${value.capabilities ?? ''}`
}
