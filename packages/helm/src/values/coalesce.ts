import { GoMap, mapType, textOf, type Value } from '@ropeway/gotemplate'
import { HelmError } from '../helm-error.js'
import { lazyCopy } from './lazy-copy.js'

/** What coalescing needs to know of a chart. */
export interface ValuesOwner {
  readonly name: string
  /** Default values; not changed. */
  readonly values: GoMap
  readonly dependencies: readonly ValuesOwner[]
}

/** Takes warnings; their texts are Helm's. */
export type Warn = (message: string) => void

const globalKey = 'global'

/**
 * The user's values over the defaults of a chart and its subcharts. With `merge`, nulls are kept; without, they delete keys.
 * `values` is not changed. Throws `HelmError`.
 */
export function coalesceValues(owner: ValuesOwner, values: GoMap, warn: Warn, merge = false): GoMap {
  const copy = lazyCopy(values)
  return coalesce(owner, copy.isNil ? new GoMap(mapType, new Map()) : copy, '', merge, warn)
}

function coalesce(owner: ValuesOwner, into: GoMap, prefix: string, merge: boolean, warn: Warn): GoMap {
  const path = joinPath(prefix, owner.name)
  coalesceDefaults(owner, into, path, merge, warn)
  for (const dependency of owner.dependencies) {
    const present = into.entries.get(dependency.name)
    if (present !== undefined && !(present instanceof GoMap)) {
      throw new HelmError(`type mismatch on ${dependency.name}: ${notBool(present)}`)
    }
    const table = present ?? new GoMap(mapType, new Map())
    into.entries.set(dependency.name, table)
    coalesceGlobals(table, into, path, warn)
    coalesce(dependency, table, path, merge, warn)
  }
  return into
}

/** How `%t` prints what is no bool. */
function notBool(value: Value): string {
  if (value === null) return '%!t(<nil>)'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `%!t(string=${value})`
  if (typeof value === 'object' && 'items' in value) {
    return `[${value.items.map(notBool).join(' ')}]`
  }
  return `%!t(${typeof value === 'number' ? 'float64' : 'int64'}=${textOf(value)})`
}

function joinPath(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`
}

function coalesceDefaults(owner: ValuesOwner, into: GoMap, path: string, merge: boolean, warn: Warn): void {
  const defaults = lazyCopy(owner.values)
  for (const [key, value] of defaults.entries) {
    const present = into.entries.get(key)
    if (present === undefined) into.entries.set(key, value)
    else if (present === null) {
      if (!merge) into.entries.delete(key)
    } else if (present instanceof GoMap) {
      if (value instanceof GoMap) {
        const ofChild = owner.dependencies.some(({ name }) => name === key)
        coalesceTables(present, value, joinPath(path, key), merge || ofChild, warn)
      } else if (value !== null) warn(`warning: skipped value for ${path}.${key}: Not a table.`)
    }
  }
}

function coalesceGlobals(into: GoMap, from: GoMap, prefix: string, warn: Warn): void {
  const [target, source] = [into.entries.get(globalKey), from.entries.get(globalKey)]
  const table = (value: Value | undefined, side: string): GoMap | undefined => {
    if (value instanceof GoMap) return value
    if (value === undefined) return new GoMap(mapType, new Map())
    warn(`warning: skipping globals because ${side} ${globalKey} is not a table.`)
    return undefined
  }
  const into2 = table(target, 'destination')
  const from2 = into2 && table(source, 'source')
  if (into2 === undefined || from2 === undefined) return
  for (const [key, value] of from2.entries) {
    const present = into2.entries.get(key)
    if (value instanceof GoMap) {
      const copy = new GoMap(value.type, new Map(value.entries))
      if (present instanceof GoMap) coalesceTables(copy, present, joinPath(prefix, key), true, warn)
      else if (present !== undefined) {
        warn(`Conflict: cannot merge map onto non-map for "${key}". Skipping.`)
        continue
      }
      into2.entries.set(key, copy)
    } else if (present instanceof GoMap) warn(`key ${key} is table. Skipping`)
    else into2.entries.set(key, value)
  }
  into.entries.set(globalKey, into2)
}

/** Fills `into` up from `from`, nulls included; `from` is changed as well, and shared. */
export function mergeTables(into: GoMap, from: GoMap, warn: Warn): GoMap {
  coalesceTables(into, from, '', true, warn)
  return into
}

/** Fills `into` up from `from`, which is changed as well. */
function coalesceTables(into: GoMap, from: GoMap, prefix: string, merge: boolean, warn: Warn): void {
  const cleared = new Set<string>()
  for (const [key, value] of into.entries) {
    if (value !== null) continue
    if ((from.entries.get(key) ?? null) !== null) cleared.add(key)
    from.entries.set(key, null)
  }
  for (const [key, value] of from.entries) {
    const path = joinPath(prefix, key)
    const present = into.entries.get(key)
    if (present === null && !merge && cleared.has(key)) into.entries.delete(key)
    else if (present === undefined) into.entries.set(key, value)
    else if (value instanceof GoMap) {
      if (present instanceof GoMap) coalesceTables(present, value, path, merge, warn)
      else warn(`warning: cannot overwrite table with non table for ${path} (${textOf(value)})`)
    } else if (present instanceof GoMap && value !== null) {
      warn(`warning: destination for ${path} is a table. Ignoring non-table value (${textOf(value)})`)
    }
  }
}

/** Puts the second map over the first: maps are merged, everything else is replaced, nulls included. Both stay as they are. */
export function mergeMaps(below: GoMap, above: GoMap): GoMap {
  const entries = new Map(below.entries)
  for (const [key, value] of above.entries) {
    const present = entries.get(key)
    entries.set(key, value instanceof GoMap && present instanceof GoMap ? mergeMaps(present, value) : value)
  }
  return new GoMap(mapType, entries)
}
