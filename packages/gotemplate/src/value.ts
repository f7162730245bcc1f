import type { GoFunction } from './function.js'
import {
  bytesType,
  intsType,
  listType,
  mapType,
  pointerTo,
  stringMapType,
  stringsType,
  types,
  type GoType,
} from './type.js'

/**
 * A Go value. The frequent ones are JavaScript's own:
 *
 * | Go | here |
 * |---|---|
 * | nil without a type | `null` |
 * | bool, string, float64, int | `boolean`, `string`, `number`, `bigint` |
 * | all other numbers (int64, uint8, float32, named ones) | `GoNumber` |
 * | maps with string keys | `GoMap` |
 * | slices; bytes | `GoSlice`; `GoBytes` |
 * | structs and pointers to structs | `GoObject` |
 *
 * Go's strings are bytes. Those that are valid UTF-8 are the JavaScript string of the same text; a byte 0x80–0xFF that is not part of
 * valid UTF-8 is the lone surrogate U+DC80–U+DCFF (see bytes.ts), which no valid text contains.
 */
export type Value =
  null | boolean | string | number | bigint | GoNumber | GoComplex | GoMap | GoSlice | GoBytes | GoObject | GoFunction

/** What the executor works with: `undefined` is Go's invalid `reflect.Value`, a value that is not even nil. */
export type Reflected = Value | undefined

/** A number of a type other than int and float64. Integers are held as bigint, floats as number. */
export class GoNumber {
  readonly type: GoType
  readonly value: bigint | number
  constructor(type: GoType, value: bigint | number) {
    this.type = type
    this.value = value
  }
}

/** A complex128. */
export class GoComplex {
  readonly re: number
  readonly im: number
  constructor(re: number, im: number) {
    this.re = re
    this.im = im
  }
}

/** A map with string keys. Conversion between named and unnamed map types shares the entries, so writes are seen through both. */
export class GoMap {
  readonly type: GoType
  readonly entries: Map<string, Value>
  readonly isNil: boolean
  constructor(type: GoType, entries: Map<string, Value>, isNil = false) {
    this.type = type
    this.entries = entries
    this.isNil = isNil
  }
}

/** A slice of anything but bytes. Items have the element type of the slice's type. */
export class GoSlice {
  readonly type: GoType
  readonly items: Value[]
  readonly isNil: boolean
  constructor(type: GoType, items: Value[], isNil = false) {
    this.type = type
    this.items = items
    this.isNil = isNil
  }
}

/** A `[]uint8`, or a named type of it. */
export class GoBytes {
  readonly type: GoType
  readonly bytes: Uint8Array
  readonly isNil: boolean
  constructor(bytes: Uint8Array, type: GoType = bytesType, isNil = false) {
    this.type = type
    this.bytes = bytes
    this.isNil = isNil
  }
}

/** A struct, or a pointer to one (then the type's kind is `ptr`). What its methods need beyond its fields is `native`, which templates cannot see. */
export class GoObject {
  readonly type: GoType
  readonly fields: ReadonlyMap<string, Value>
  readonly native: unknown
  readonly isNil: boolean
  /** A struct that was reached through a pointer and not yet copied; see `stringOnPointer`. */
  readonly addressable: boolean
  constructor(
    type: GoType,
    fields: ReadonlyMap<string, Value>,
    native: unknown = undefined,
    { isNil = false, addressable = false } = {},
  ) {
    this.type = type
    this.fields = fields
    this.native = native
    this.isNil = isNil
    this.addressable = addressable
  }
}

export const int64 = (value: bigint | number): GoNumber => new GoNumber(types.int64, BigInt.asIntN(64, BigInt(value)))
export const uint64 = (value: bigint | number): GoNumber =>
  new GoNumber(types.uint64, BigInt.asUintN(64, BigInt(value)))

/** A `map[string]interface {}`, or the map type that is given. */
export function makeMap(entries: Iterable<readonly [string, Value]> = [], type: GoType = mapType): GoMap {
  return new GoMap(type, new Map(entries))
}

/** A `map[string]string`. */
export function makeStringMap(entries: Iterable<readonly [string, string]> = []): GoMap {
  return new GoMap(stringMapType, new Map(entries))
}

/** A `[]interface {}` over these very items, or the slice type that is given. */
export function makeSlice(items: Value[] = [], type: GoType = listType): GoSlice {
  return new GoSlice(type, items)
}

/** A nil slice: false and empty as an empty one, but encoded as null. */
export function nilSlice(type: GoType = listType): GoSlice {
  return new GoSlice(type, [], true)
}

/** A nil map: reads as an empty one. */
export function nilMap(type: GoType = mapType): GoMap {
  return new GoMap(type, new Map(), true)
}

/** A `[]string`. */
export const makeStrings = (items: string[]): GoSlice => new GoSlice(stringsType, items)

/** A `[]int`. */
export const makeInts = (items: bigint[]): GoSlice => new GoSlice(intsType, items)

/** A struct value of a struct type, its fields by name. */
export function makeStruct(type: GoType, fields: Readonly<Record<string, Value>> = {}, native?: unknown): GoObject {
  return new GoObject(type, new Map(Object.entries(fields)), native)
}

/** A pointer to a struct of the struct type `type`. Fields that are structs become addressable, as Go has them. */
export function makePointer(type: GoType, fields: Readonly<Record<string, Value>> = {}, native?: unknown): GoObject {
  const inPlace = Object.entries(fields).map(([name, value]) => [name, asAddressable(value)] as const)
  return new GoObject(pointerTo(type), new Map(inPlace), native)
}

/** A nil pointer to the struct type `type`. */
export function nilPointer(type: GoType): GoObject {
  return new GoObject(pointerTo(type), new Map(), undefined, { isNil: true })
}

function asAddressable(value: Value): Value {
  if (!(value instanceof GoObject) || value.type.kind !== 'struct' || value.addressable) return value
  const fields = [...value.fields].map(([name, field]) => [name, asAddressable(field)] as const)
  return new GoObject(value.type, new Map(fields), value.native, { addressable: true })
}

/** The value as it arrives in an `interface {}`: a copied struct is not addressable any more. */
export function copied(value: Value): Value {
  if (!(value instanceof GoObject) || !value.addressable) return value
  return new GoObject(value.type, value.fields, value.native)
}

export function isFunction(value: Reflected): value is GoFunction {
  return typeof value === 'object' && value !== null && 'kind' in value
}

const functionTypes = new WeakMap<GoFunction, GoType>()

function typeOfFunction(value: GoFunction): GoType {
  let type = functionTypes.get(value)
  if (type === undefined) {
    const params = value.params.map((param, at) => {
      return value.variadic && at === value.params.length - 1 ? `...${param.name}` : param.name
    })
    type = { kind: 'func', name: `func(${params.join(', ')}) ${value.result.name}`, named: false }
    functionTypes.set(value, type)
  }
  return type
}

/** The dynamic type of a value; nil has none. */
export function typeOf(value: Exclude<Value, null>): GoType
export function typeOf(value: Reflected): GoType | undefined
export function typeOf(value: Reflected): GoType | undefined {
  switch (typeof value) {
    case 'string':
      return types.string
    case 'number':
      return types.float64
    case 'bigint':
      return types.int
    case 'boolean':
      return types.bool
    case 'undefined':
      return undefined
    default:
      if (value === null) return undefined
      if (value instanceof GoComplex) return types.complex128
      return 'type' in value ? value.type : typeOfFunction(value)
  }
}

/** The name of the dynamic type as `%T` prints it; `<nil>` for nil. */
export function typeName(value: Reflected): string {
  return typeOf(value)?.name ?? '<nil>'
}

/** The name of the kind as `reflect.Kind` prints it; `invalid` for nil. */
export function kindName(value: Reflected): string {
  return typeOf(value)?.kind ?? 'invalid'
}

/** Go's truth: false, zero, the empty string, list or map, and nil are false; everything else is true. */
export function truth(value: Reflected): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value !== ''
    case 'number':
      return value !== 0
    case 'bigint':
      return value !== 0n
    case 'undefined':
      return false
    default:
      if (value === null) return false
      if (value instanceof GoMap) return value.entries.size > 0
      if (value instanceof GoSlice) return value.items.length > 0
      if (value instanceof GoBytes) return value.bytes.length > 0
      if (value instanceof GoNumber) return typeof value.value === 'bigint' ? value.value !== 0n : value.value !== 0
      if (value instanceof GoObject) return !value.isNil
      return value instanceof GoComplex ? value.re !== 0 || value.im !== 0 : true
  }
}

/** The zero value of a type: what a missing key of a map of that element type reads as. */
export function zeroOf(type: GoType): Value {
  switch (type.kind) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'int':
      return type.named ? new GoNumber(type, 0n) : 0n
    case 'float64':
      return type.named ? new GoNumber(type, 0) : 0
    case 'float32':
      return new GoNumber(type, 0)
    case 'complex128':
      return new GoComplex(0, 0)
    case 'slice':
      return type.elem === types.uint8 ? new GoBytes(new Uint8Array(), type, true) : nilSlice(type)
    case 'map':
      return nilMap(type)
    case 'struct':
      return new GoObject(type, new Map((type.fields ?? []).map((field) => [field.name, zeroOf(field.type)])))
    case 'ptr':
      return new GoObject(type, new Map(), undefined, { isNil: true })
    case 'interface':
    case 'func':
      return null
    default:
      return new GoNumber(type, 0n)
  }
}
