import {
  FunctionError,
  GoBytes,
  GoMap,
  GoNumber,
  GoObject,
  GoSlice,
  fromBytes,
  kindName,
  parseFloat,
  textOf,
  truth,
  type Value,
} from '@ropeway/gotemplate'
import { partCounter } from './size.js'

/** What Go says when it follows a nil pointer. */
export const nilDereference = 'runtime error: invalid memory address or nil pointer dereference'

/** A value as text, as sprig's functions make it: bytes as they are, everything else as `%v`. */
export function textOfAny(value: Value): string {
  if (typeof value === 'string') return value
  return value instanceof GoBytes ? fromBytes(value.bytes) : textOf(value)
}

const wholeNumber = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/
const int64Range = [-(2n ** 63n), 2n ** 63n - 1n] as const

/** Go's `ParseInt` with base 0; undefined for what it refuses. */
export function parseInteger(text: string): bigint | undefined {
  if (!wholeNumber.test(text)) return undefined
  const negative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '').toLowerCase()
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const value = negative ? -magnitude : magnitude
  return value < int64Range[0] || value > int64Range[1] ? undefined : value
}

/** Converts to an int64 as spf13/cast does for sprig: what is no number is 0. */
export function toInt64(value: Value): bigint {
  switch (typeof value) {
    case 'bigint':
      return value
    case 'number':
      return fromFloat(value)
    case 'boolean':
      return value ? 1n : 0n
    case 'string':
      return parseInteger(trimZeros(value)) ?? 0n
    default:
      if (value instanceof GoObject && typeof value.native === 'bigint') return value.native
      if (!(value instanceof GoNumber)) return 0n
      return typeof value.value === 'bigint' ? BigInt.asIntN(64, value.value) : fromFloat(value.value)
  }
}

/** What amd64 makes of a float that 64 bits do not hold is the smallest integer. */
function fromFloat(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return int64Range[0]
  return BigInt(Math.trunc(value))
}

function trimZeros(text: string): string {
  return text.replace(/\.0+$/, '')
}

/** Converts to a float64; what is no number is 0. */
export function toFloat64(value: Value): number {
  switch (typeof value) {
    case 'number':
      return value
    case 'bigint':
      return Number(value)
    case 'boolean':
      return value ? 1 : 0
    case 'string':
      return parseFloat64(value) ?? 0
    default:
      return value instanceof GoNumber ? Number(value.value) : 0
  }
}

/** Go's `ParseFloat`; undefined for what it refuses. */
export function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special !== null) return /nan/i.test(text) ? NaN : special[1] === '-' ? -Infinity : Infinity
  return parseFloat(text)
}

/** sprig's emptiness: zero, false, "", no items, nil; structs never. */
export function isEmpty(value: Value): boolean {
  if (value instanceof GoObject) return value.isNil
  return !truth(value)
}

/** The items of any list; throws what sprig throws for anything else. `what` is the message, `%` in it the kind. */
export function itemsOf(value: Value, what: string): readonly Value[] {
  if (value instanceof GoSlice) return value.items
  if (value instanceof GoBytes) return [...value.bytes].map((byte) => BigInt(byte))
  if (value === null) throw new FunctionError(nilDereference)
  throw new FunctionError(what.replace('%', kindName(value)))
}

/** Copies maps and lists all the way down; everything else is shared. Throws `LimitError` for what is too large. */
export function deepCopy(value: Value): Value {
  return copyParts(value, partCounter())
}

function copyParts(value: Value, count: (parts: number) => void): Value {
  if (value instanceof GoMap) {
    if (value.isNil) return value
    // the map as a whole, then what has parts in it: most values have none
    const entries = new Map(value.entries)
    count(entries.size)
    for (const [key, item] of entries) if (hasParts(item)) entries.set(key, copyParts(item, count))
    return new GoMap(value.type, entries)
  }
  if (!(value instanceof GoSlice) || value.isNil) return value
  count(value.items.length)
  return new GoSlice(
    value.type,
    value.items.map((item) => (hasParts(item) ? copyParts(item, count) : item)),
  )
}

function hasParts(value: Value): boolean {
  return value instanceof GoMap || value instanceof GoSlice
}
