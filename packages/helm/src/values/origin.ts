import { GoMap, GoObject, GoSlice, structType, type Value } from '@ropeway/gotemplate'
import { parseValuesPath, type ValuesPath } from './path.js'

/** Where a value was set. */
export type ValueOrigin =
  /** In the default values of a chart: `name`, or `parent/charts/name` below. */
  | { readonly from: 'chart'; readonly chart: string }
  /** In a values file of the user. */
  | { readonly from: 'file'; readonly name: string }
  /** By a flag such as `--set`, with its argument. */
  | { readonly from: 'set'; readonly flag: string; readonly argument: string }
  /** In values that were given as a map. */
  | { readonly from: 'values' }

/** Says where the value at a path of a chart's values was set: `a.b[0]`, as for `--set`, or its steps. Undefined when there is none. */
export type OriginOf = (path: string | ValuesPath) => ValueOrigin | undefined

/*
 * Values are followed by putting marked ones through the very functions that merge values: these look at maps, lists and nulls only, so that
 * every other value can be an object that carries its origin. Maps carry theirs under a key that no file can hold.
 */
const markType = structType('origin', [])
const ownKey = '\udc80origin'

function mark(origin: ValueOrigin): GoObject {
  return new GoObject(markType, new Map(), origin)
}

/** Marks all that is not marked yet, in place. */
export function markOrigins(values: GoMap, origin: ValueOrigin): void {
  markMap(values, mark(origin), new Set())
}

function markMap(map: GoMap, as: GoObject, seen: Set<unknown>): void {
  if (seen.has(map.entries)) return
  seen.add(map.entries)
  for (const [key, value] of map.entries) map.entries.set(key, marked(value, as, seen))
  if (!map.entries.has(ownKey)) map.entries.set(ownKey, as)
}

function marked(value: Value, as: GoObject, seen: Set<unknown>): Value {
  if (value instanceof GoMap) markMap(value, as, seen)
  else if (value instanceof GoSlice) {
    for (const [at, item] of value.items.entries()) value.items[at] = marked(item, as, seen)
  } else if (value !== null && !isMark(value)) return as
  return value
}

function isMark(value: Value | undefined): value is GoObject {
  return value instanceof GoObject && value.type === markType
}

function originIn(value: Value | undefined): ValueOrigin | undefined {
  return isMark(value) ? (value.native as ValueOrigin) : undefined
}

/** The origins in marked values. Nulls and empty lists have those of the map around them. */
export function originsIn(values: GoMap): OriginOf {
  return (path) => {
    let value: Value | undefined = values
    let around: ValueOrigin | undefined
    for (const step of typeof path === 'string' ? parseValuesPath(path) : path) {
      around = originIn(value instanceof GoMap ? value.entries.get(ownKey) : undefined) ?? around
      value = below(value, step)
      if (value === undefined) return undefined
    }
    return originIn(value instanceof GoMap ? value.entries.get(ownKey) : value) ?? around
  }
}

function below(value: Value, step: string | number): Value | undefined {
  if (value instanceof GoMap && typeof step === 'string' && step !== ownKey) return value.entries.get(step)
  return value instanceof GoSlice ? value.items[Number(step)] : undefined
}
