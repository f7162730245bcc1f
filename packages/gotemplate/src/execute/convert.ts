import { assignable, canBeNil, types, type GoType } from '../type.js'
import { copied, GoBytes, GoMap, GoObject, GoSlice, typeOf, zeroOf, type Reflected, type Value } from '../value.js'
import { fail, type Frame } from './frame.js'

/** Checks a value against the type of a parameter and converts it as Go does. */
export type Convert = (f: Frame, value: Reflected) => Reflected

/** The same value as another type of the same structure; maps and slices stay the same ones. */
export function convertTo(value: Value, type: GoType): Value {
  if (value instanceof GoMap) return new GoMap(type, value.entries, value.isNil)
  if (value instanceof GoSlice) return new GoSlice(type, value.items, value.isNil)
  if (value instanceof GoBytes) return new GoBytes(value.bytes, type, value.isNil)
  return copied(value)
}

function wrongType(f: Frame, type: GoType, found: string): never {
  return fail(f, `wrong type for value; expected ${type.name}; got ${found}`)
}

/** Follows a pointer, or takes one, when the parameter wants it. */
function throughPointer(f: Frame, value: Value, from: GoType, type: GoType): Value {
  if (value instanceof GoObject && from.kind === 'ptr' && from.elem === type) {
    if (value.isNil) fail(f, `dereference of nil pointer of type ${type.name}`)
    return new GoObject(type, value.fields, value.native)
  }
  if (value instanceof GoObject && value.addressable && type.kind === 'ptr' && type.elem === from) {
    return new GoObject(type, value.fields, value.native)
  }
  return wrongType(f, type, from.name)
}

function convertSlowly(f: Frame, value: Reflected, type: GoType): Value {
  if (value === undefined) return canBeNil(type) ? zeroOf(type) : fail(f, `invalid value; expected ${type.name}`)
  const from = typeOf(value)
  if (from === undefined) return wrongType(f, type, types.any.name)
  if (from === type) return value
  return assignable(from, type) ? convertTo(value, type) : throughPointer(f, value, from, type)
}

const toAny: Convert = (_f, value) => {
  if (typeof value !== 'object') return value === undefined ? null : value
  return value instanceof GoObject ? copied(value) : value
}
const toReflected: Convert = (_f, value) => value
const toString: Convert = (f, value) => (typeof value === 'string' ? value : convertSlowly(f, value, types.string))
const toInt: Convert = (f, value) => (typeof value === 'bigint' ? value : convertSlowly(f, value, types.int))
const toBool: Convert = (f, value) => (typeof value === 'boolean' ? value : convertSlowly(f, value, types.bool))
const toFloat: Convert = (f, value) => (typeof value === 'number' ? value : convertSlowly(f, value, types.float64))

const converters = new Map<GoType, Convert>([
  [types.any, toAny],
  [types.reflected, toReflected],
  [types.string, toString],
  [types.int, toInt],
  [types.bool, toBool],
  [types.float64, toFloat],
])

/** The conversion of values to a type. */
export function converter(type: GoType): Convert {
  let convert = converters.get(type)
  if (convert === undefined) {
    convert = (f, value) => {
      return typeof value === 'object' && value !== null && 'type' in value && value.type === type
        ? value
        : convertSlowly(f, value, type)
    }
    converters.set(type, convert)
  }
  return convert
}
