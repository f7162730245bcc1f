import {
  FunctionError,
  GoMap,
  func,
  makeMap,
  makeSlice,
  mapType,
  sortedKeys,
  stringsType,
  typeName,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'
import { deepCopy, isEmpty, textOfAny } from './convert.js'

const nilMapWrite = 'assignment to entry in nil map'

function dict(items: readonly Value[]): GoMap {
  const entries = new Map<string, Value>()
  for (let at = 0; at < items.length; at += 2) {
    entries.set(textOfAny(items[at] ?? null), at + 1 < items.length ? (items[at + 1] ?? null) : '')
  }
  return new GoMap(mapType, entries)
}

function set(map: GoMap, key: string, value: Value): GoMap {
  if (map.isNil) throw new FunctionError(nilMapWrite)
  map.entries.set(key, value)
  return map
}

function unset(map: GoMap, key: string): GoMap {
  map.entries.delete(key)
  return map
}

function pluck(key: string, maps: readonly GoMap[]): Value {
  return makeSlice(maps.flatMap((map) => (map.entries.has(key) ? [map.entries.get(key) ?? null] : [])))
}

function keys(maps: readonly GoMap[]): Value {
  return makeSlice(
    maps.flatMap((map) => sortedKeys(map.entries)),
    stringsType,
  )
}

function pick(map: GoMap, wanted: readonly string[]): GoMap {
  const found = wanted.filter((key) => map.entries.has(key))
  return makeMap(found.map((key) => [key, map.entries.get(key) ?? null]))
}

function omit(map: GoMap, unwanted: readonly string[]): GoMap {
  return makeMap([...map.entries].filter(([key]) => !unwanted.includes(key)))
}

function values(map: GoMap): Value {
  return makeSlice(sortedKeys(map.entries).map((key) => map.entries.get(key) ?? null))
}

function dig(args: readonly Value[]): Value {
  if (args.length < 3) throw new FunctionError('dig needs at least three arguments')
  const map = args.at(-1) ?? null
  const fallback = args.at(-2) ?? null
  if (!isPlainMap(map)) throw conversion(map, 'map[string]interface {}')
  const path = args.slice(0, -2).map((key) => {
    if (typeof key !== 'string') throw conversion(key, 'string')
    return key
  })
  let at: GoMap = map
  for (const [index, key] of path.entries()) {
    const found = at.entries.get(key)
    if (found === undefined) return fallback
    if (index === path.length - 1) return found
    if (!isPlainMap(found)) throw conversion(found, 'map[string]interface {}')
    at = found
  }
  return fallback
}

function isPlainMap(value: Value): value is GoMap {
  return value instanceof GoMap && value.type === mapType
}

function conversion(value: Value, wanted: string): Error {
  const name = value === null ? 'nil' : typeName(value)
  return new FunctionError(`interface conversion: interface {} is ${name}, not ${wanted}`)
}

const mergeDepth = 1000

/** mergo's merge of maps: what `into` has and is not empty stays. */
function mergeInto(into: GoMap, from: GoMap, depth = 0): GoMap {
  if (depth > mergeDepth) throw new FunctionError('maps are nested too deeply to be merged')
  if (into === from) return into
  for (const [key, value] of from.entries) {
    if (value === null) continue
    const present = into.entries.get(key)
    if (present instanceof GoMap && value instanceof GoMap && !isEmpty(present)) mergeInto(present, value, depth + 1)
    else if (present === undefined || isEmpty(present)) {
      if (into.isNil) throw new FunctionError(nilMapWrite)
      into.entries.set(key, value)
    }
  }
  return into
}

/** mergo's merge of maps with override: what `from` has wins, empty or not. */
function overwrite(into: GoMap, from: GoMap, depth = 0): GoMap {
  if (depth > mergeDepth) throw new FunctionError('maps are nested too deeply to be merged')
  if (into === from) return into
  for (const [key, value] of from.entries) {
    const present = into.entries.get(key)
    if (present instanceof GoMap && value instanceof GoMap) overwrite(present, value, depth + 1)
    else {
      if (into.isNil) throw new FunctionError(nilMapWrite)
      into.entries.set(key, value)
    }
  }
  return into
}

type Merge = (into: GoMap, from: GoMap) => GoMap
const merged =
  (merge: Merge) =>
  (into: GoMap, ...from: GoMap[]): GoMap =>
    from.reduce((map, source) => merge(map, source), into)

function copy(value: Value): Value {
  if (value === null) throw new FunctionError('reflect: call of reflect.Value.Type on zero Value')
  return deepCopy(value)
}

/** sprig's functions for maps. */
export const dictFunctions: Readonly<Record<string, GoFunction>> = {
  dict: func('...any', (...items) => dict(items), { result: 'map[string]any' }),
  get: func('map[string]any, string', (map, key) => map.entries.get(key) ?? (map.entries.has(key) ? null : '')),
  set: func('map[string]any, string, any', set, { result: 'map[string]any' }),
  unset: func('map[string]any, string', unset, { result: 'map[string]any' }),
  hasKey: func('map[string]any, string', (map, key) => map.entries.has(key), { result: 'bool' }),
  pluck: func('string, ...map[string]any', (key, ...maps) => pluck(key, maps), { result: '[]any' }),
  keys: func('...map[string]any', (...maps) => keys(maps), { result: '[]string' }),
  pick: func('map[string]any, ...string', (map, ...wanted) => pick(map, wanted), { result: 'map[string]any' }),
  omit: func('map[string]any, ...string', (map, ...unwanted) => omit(map, unwanted), { result: 'map[string]any' }),
  values: func('map[string]any', values, { result: '[]any' }),
  dig: func('...any', (...args) => dig(args)),
  merge: func('map[string]any, ...map[string]any', merged(mergeInto)),
  mustMerge: func('map[string]any, ...map[string]any', merged(mergeInto)),
  mergeOverwrite: func('map[string]any, ...map[string]any', merged(overwrite)),
  mustMergeOverwrite: func('map[string]any, ...map[string]any', merged(overwrite)),
  deepCopy: func('any', copy),
  mustDeepCopy: func('any', copy),
}
