import { compareStrings, joined } from './bytes.js'
import { functionError } from './errors.js'
import { sprintf } from './format/print.js'
import {
  GoBytes,
  GoComplex,
  GoMap,
  GoNumber,
  GoObject,
  GoSlice,
  isFunction,
  kindName,
  typeName,
  type Reflected,
} from './value.js'

type BasicKind = 'bool' | 'complex' | 'int' | 'float' | 'string' | 'uint' | 'other'

function basicKind(value: Reflected): BasicKind {
  const kind = kindName(value)
  if (kind === 'bool' || kind === 'string') return kind
  if (kind.startsWith('uint')) return 'uint'
  if (kind.startsWith('float')) return 'float'
  if (kind.startsWith('int') && kind !== 'interface' && kind !== 'invalid') return 'int'
  return kind === 'complex128' ? 'complex' : 'other'
}

/** Booleans, strings and numbers as JavaScript compares them; integers of every type as bigint. */
function scalar(value: Reflected): boolean | string | number | bigint {
  if (value instanceof GoNumber) return value.value
  return typeof value === 'object' || value === undefined ? 0 : value
}

function isNil(value: Reflected): boolean {
  if (value === null || value === undefined) return true
  const nilable =
    value instanceof GoMap || value instanceof GoSlice || value instanceof GoBytes || value instanceof GoObject
  return nilable && value.isNil
}

function incompatible(a: Reflected, b: Reflected): Error {
  return functionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
}

function notComparable(value: Reflected): boolean {
  return value instanceof GoMap || value instanceof GoSlice || value instanceof GoBytes || isFunction(value)
}

function sameStruct(a: GoObject, b: GoObject): boolean {
  if (a.type !== b.type || a.native !== b.native || a.fields.size !== b.fields.size) return false
  for (const [name, value] of a.fields) if (!equalOne(value, b.fields.get(name))) return false
  return true
}

function equalOthers(a: Reflected, b: Reflected): boolean {
  const absent = a === undefined || a === null || b === undefined || b === null
  if (!absent && kindName(a) !== kindName(b)) {
    const shown = sprintf('%s: %v, %s: %v', [a, typeName(a), typeName(b), b])
    throw functionError(`non-comparable types ${shown}`)
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b)
  if (notComparable(b)) throw functionError(`non-comparable type ${sprintf('%s', [b ?? null])}: ${typeName(b)}`)
  if (a instanceof GoObject && b instanceof GoObject && a.type.kind === 'struct') return sameStruct(a, b)
  return a === b
}

function equalOne(a: Reflected, b: Reflected): boolean {
  const kind = basicKind(a)
  const other = basicKind(b)
  if (kind !== other) {
    if ((kind === 'int' && other === 'uint') || (kind === 'uint' && other === 'int')) return scalar(a) === scalar(b)
    if (isPresent(a) && isPresent(b)) throw incompatible(a, b)
    return false
  }
  if (kind === 'other') return equalOthers(a, b)
  if (a instanceof GoComplex && b instanceof GoComplex) return a.re === b.re && a.im === b.im
  if (typeof a === 'string' && typeof b === 'string') return a === b || joined(a) === joined(b)
  return scalar(a) === scalar(b)
}

function isPresent(value: Reflected): boolean {
  return value !== undefined && value !== null
}

/** Go's `eq` of templates: whether the first value equals one of the others. Throws where Go's types do not compare. */
export function equal(first: Reflected, others: readonly Reflected[]): boolean {
  if (others.length === 0) throw functionError('missing argument for comparison')
  return others.some((other) => equalOne(first, other))
}

/** Go's `lt` of templates. Throws where Go's types have no order. */
export function less(a: Reflected, b: Reflected): boolean {
  const kind = basicKind(a)
  const other = basicKind(b)
  if (kind === 'other' || other === 'other') throw functionError('invalid type for comparison')
  const integers = (kind === 'int' || kind === 'uint') && (other === 'int' || other === 'uint')
  if (kind !== other && !integers) throw incompatible(a, b)
  if (kind === 'bool' || kind === 'complex') throw functionError('invalid type for comparison')
  const x = scalar(a)
  const y = scalar(b)
  return typeof x === 'string' && typeof y === 'string' ? compareStrings(joined(x), joined(y)) < 0 : x < y
}
