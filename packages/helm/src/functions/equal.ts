import { GoBytes, GoComplex, GoMap, GoNumber, GoObject, GoSlice, type Value } from '@ropeway/gotemplate'
import { partCounter } from './size.js'

/** Go's `reflect.DeepEqual`: types must match, a nil list differs from an empty one. Throws `LimitError` for what is too large. */
export function deepEqual(a: Value, b: Value): boolean {
  return equalParts(a, b, partCounter())
}

function equalParts(a: Value, b: Value, count: () => void): boolean {
  count()
  if (a === b) return !Number.isNaN(a)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof GoMap && b instanceof GoMap) return equalMaps(a, b, count)
  if (a instanceof GoSlice && b instanceof GoSlice) {
    if (a.type !== b.type || a.isNil !== b.isNil || a.items.length !== b.items.length) return false
    return a.items.every((item, at) => equalParts(item, b.items[at] ?? null, count))
  }
  if (a instanceof GoNumber && b instanceof GoNumber) return a.type === b.type && a.value === b.value
  if (a instanceof GoBytes && b instanceof GoBytes) return a.type === b.type && Buffer.compare(a.bytes, b.bytes) === 0
  if (a instanceof GoComplex && b instanceof GoComplex) return a.re === b.re && a.im === b.im
  if (a instanceof GoObject && b instanceof GoObject) return equalObjects(a, b, count)
  return false
}

function equalMaps(a: GoMap, b: GoMap, count: () => void): boolean {
  if (a.type !== b.type || a.isNil !== b.isNil || a.entries.size !== b.entries.size) return false
  for (const [key, item] of a.entries) {
    const other = b.entries.get(key)
    if (other === undefined || !equalParts(item, other, count)) return false
  }
  return true
}

function equalObjects(a: GoObject, b: GoObject, count: () => void): boolean {
  if (a.type !== b.type || a.isNil !== b.isNil) return false
  const [x, y] = [textOf(a.native), textOf(b.native)]
  if (x !== undefined || y !== undefined) return x === y
  return [...a.fields].every(([name, field]) => equalParts(field, b.fields.get(name) ?? null, count))
}

function textOf(native: unknown): string | undefined {
  return typeof native === 'object' && native !== null && 'jsonText' in native ? String(native.jsonText) : undefined
}
