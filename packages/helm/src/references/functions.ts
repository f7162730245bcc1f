import {
  anyOf,
  computed,
  elementOf,
  literal,
  nothing,
  pathOf,
  sameAs,
  valueAt,
  type Comparison,
  type Known,
  type Literal,
  type Place,
} from './known.js'

/** The key of a map, or the method of a known thing. `normal` brings places of globals to where the root chart has them. */
export function fieldOf(value: Known, name: string, normal: (place: Place) => Place): Known {
  const own = value.fields?.get(name)
  if (value.capabilities === 'all') {
    return name === 'APIVersions' ? { ...nothing, capabilities: 'apis' } : nothing
  }
  if (own !== undefined && value.at.length === 0) return sameAs(own, pure(value))
  const below = value.at.length === 0 ? [] : [valueAt(value.at.map((place) => normal([...place, name])))]
  return sameAs(anyOf(own === undefined ? below : [own, ...below]), pure(value))
}

/** What a map was computed from counts for its fields, but not that it was read itself. */
function pure(value: Known): Known[] {
  const own = new Set(value.at.map(pathOf))
  const reads = value.reads.filter((path) => !own.has(path))
  return reads.length + value.comparisons.length + value.apis.length === 0
    ? []
    : [{ ...nothing, reads, comparisons: value.comparisons, apis: value.apis }]
}

type Apply = (args: readonly Known[], normal: (place: Place) => Place) => Known

function dict(args: readonly Known[]): Known {
  const fields = new Map<string, Known>()
  for (let at = 0; at < args.length; at += 2) {
    const name = args[at]?.literal
    if (typeof name === 'string') fields.set(name, args[at + 1] ?? nothing)
  }
  return { ...nothing, fields }
}

function step(value: Known, key: Known, normal: (place: Place) => Place): Known {
  if (typeof key.literal === 'string') return fieldOf(value, key.literal, normal)
  if (typeof key.literal === 'number' && value.items !== undefined) return value.items[key.literal] ?? nothing
  return sameAs(elementOf(value), [key])
}

const index: Apply = ([value = nothing, ...keys], normal) =>
  keys.reduce((inner, key) => step(inner, key, normal), value)

const dig: Apply = (args, normal) => {
  const value = args.at(-1) ?? nothing
  const found = index([value, ...args.slice(0, -2)], normal)
  return anyOf([found, args.at(-2) ?? nothing])
}

/** `default`, `coalesce` and the like: one of the arguments; literals are texts that may come out. */
const choice: Apply = (args) => anyOf(args)

const same: Apply = ([value = nothing, ...others]) => sameAs(value, others)
const sameAsLast: Apply = (args) => sameAs(args.at(-1) ?? nothing, args.slice(0, -1))
const list: Apply = (args) => ({ ...nothing, items: args })

function hasKey([value = nothing, key = nothing]: readonly Known[], normal: (place: Place) => Place): Known {
  return computed([step(value, key, normal)])
}

function set([value = nothing, key = nothing, item = nothing]: readonly Known[]): Known {
  if (typeof key.literal !== 'string') return sameAs(value, [item])
  return { ...value, fields: new Map([...(value.fields ?? []), [key.literal, item]]) }
}

/** Comparisons of each with the literals among the others. */
function compared(args: readonly Known[]): Known {
  const all = computed(args)
  const literals = args.flatMap(({ literal: value }) => (value === undefined ? [] : [value]))
  const comparisons: Comparison[] = args.flatMap(({ at }) =>
    at
      .filter((place) => place.length > 0)
      .flatMap((place) => literals.map((value) => ({ path: pathOf(place), value }))),
  )
  return { ...all, comparisons: [...all.comparisons, ...comparisons] }
}

function has(args: readonly Known[]): Known {
  const [item = nothing, all = nothing] = args
  if (all.capabilities === 'apis') return withApi(item)
  const items = all.items ?? []
  return compared(items.length > 0 ? [item, ...items] : [item, { ...all, at: all.at.map((place) => [...place, '*']) }])
}

/** Whether an API is there. */
export function withApi(name: Known): Known {
  const own = computed([name])
  return typeof name.literal === 'string' ? { ...own, apis: [...own.apis, name.literal] } : own
}

function text(value: Literal | undefined): string | undefined {
  return value === undefined || value === null ? undefined : String(value)
}

function print(args: readonly Known[]): Known {
  const texts = args.map((arg) => text(arg.literal))
  return texts.every((part) => part !== undefined) ? literal(texts.join('')) : computed(args)
}

const toText = new Set(
  (
    'toString lower upper trim int int64 float64 atoi toYaml mustToYaml toJson mustToJson fromYaml fromJson mustFromJson fromYamlArray ' +
    'fromJsonArray deepCopy mustDeepCopy html js quote squote first mustFirst last mustLast rest mustRest initial mustInitial compact mustCompact ' +
    'uniq mustUniq sortAlpha reverse mustReverse kebabcase camelcase snakecase title'
  ).split(' '),
)
const lists = new Set('concat append mustAppend prepend mustPrepend push mustPush'.split(' '))
const merges = new Set('merge mergeOverwrite mustMerge mustMergeOverwrite coalesce default or and'.split(' '))
const comparing = new Set(
  'eq ne lt le gt ge contains hasPrefix hasSuffix regexMatch mustRegexMatch semverCompare'.split(' '),
)

const special: Readonly<Record<string, Apply>> = {
  dict,
  list,
  tuple: list,
  index,
  get: index,
  dig,
  has,
  mustHas: has,
  hasKey,
  set,
  print,
  pluck: ([key = nothing, ...maps], normal) => anyOf(maps.map((map) => step(map, key, normal))),
  pick: same,
  omit: same,
  without: same,
  mustWithout: same,
  slice: same,
  mustSlice: same,
  ternary: ([yes = nothing, no = nothing, test = nothing]) => sameAs(anyOf([yes, no]), [test]),
  required: sameAsLast,
  indent: sameAsLast,
  nindent: sameAsLast,
  trimSuffix: sameAsLast,
  trimPrefix: sameAsLast,
  trunc: sameAsLast,
  tpl: ([value = nothing]) => value,
  values: ([value = nothing]) => ({ ...nothing, items: [elementOf(value)] }),
}

/** The same, with what the fields and items of a map or list that templates made were computed of. */
export function whole(value: Known, depth = 4): Known {
  if (depth === 0 || (value.fields === undefined && value.items === undefined)) return value
  if (value.fields?.has('Capabilities') === true) return value
  const inside = [...(value.fields?.values() ?? []), ...(value.items ?? [])]
  return sameAs(value, [computed(inside.map((item) => whole(item, depth - 1)))])
}

/** What comes of a call of a function. Lists of elements count as the elements' list; what is not known depends on all arguments. */
export function callOf(name: string, args: readonly Known[], normal: (place: Place) => Place): Known {
  if (Object.hasOwn(special, name)) return special[name]?.(args, normal) ?? nothing
  if (toText.has(name)) return sameAs(whole(args[0] ?? nothing), args.slice(1))
  if (merges.has(name) || lists.has(name)) return choice(args, normal)
  if (comparing.has(name)) return compared(args)
  return computed(args.map((arg) => whole(arg)))
}
