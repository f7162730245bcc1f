import type { GoFunction } from './function.js'
import type { GoObject } from './value.js'

/** Go's kinds of types, by the names that `reflect.Kind` prints. */
export type Kind =
  | 'bool'
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'complex128'
  | 'string'
  | 'slice'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'func'
  | 'interface'

/** A field of a struct type. */
export interface GoField {
  readonly name: string
  readonly type: GoType
}

/**
 * A Go type. Two types are the same type exactly when they are the same object: the constructors of unnamed types
 * (`sliceOf`, `mapOf`, `pointerTo`) always give the same object for the same element, and a named type is made once by who defines it.
 */
export interface GoType {
  readonly kind: Kind
  /** As `%T` prints it: `map[string]interface {}`, `common.Values`. */
  readonly name: string
  /** A named type has an identity of its own; values go to and from an unnamed type of the same structure when they are passed to functions. */
  readonly named: boolean
  /** Of slices, maps and pointers. Keys of maps are always strings. */
  readonly elem?: GoType
  /** Of structs, in the order of declaration. */
  readonly fields?: readonly GoField[]
  /** Methods that templates may call; the receiver is the first argument of the implementation. */
  readonly methods?: ReadonlyMap<string, GoFunction>
  /** The text of a value whose type has a method `String` (or `Error`). */
  readonly string?: (value: GoObject) => string
  /** The method `String` belongs to the pointer: only values that still sit in their place (`addressable`) print by it. */
  readonly stringOnPointer?: boolean
}

function basic(kind: Kind, name: string = kind): GoType {
  return { kind, name, named: false }
}

/** The predeclared types. `any` is the empty interface, `reflected` a parameter that takes values as the executor has them, nil and missing told apart. */
export const types = {
  any: basic('interface', 'interface {}'),
  reflected: basic('interface', 'reflect.Value'),
  error: basic('interface', 'error'),
  bool: basic('bool'),
  string: basic('string'),
  int: basic('int'),
  int8: basic('int8'),
  int16: basic('int16'),
  int32: basic('int32'),
  int64: basic('int64'),
  uint: basic('uint'),
  uint8: basic('uint8'),
  uint16: basic('uint16'),
  uint32: basic('uint32'),
  uint64: basic('uint64'),
  float32: basic('float32'),
  float64: basic('float64'),
  complex128: basic('complex128'),
} as const

const slices = new Map<GoType, GoType>()
const maps = new Map<GoType, GoType>()
const pointers = new Map<GoType, GoType>()

function interned(known: Map<GoType, GoType>, elem: GoType, make: () => GoType): GoType {
  let type = known.get(elem)
  if (type === undefined) known.set(elem, (type = make()))
  return type
}

/** `[]elem` */
export function sliceOf(elem: GoType): GoType {
  return interned(slices, elem, () => ({ kind: 'slice', name: `[]${elem.name}`, named: false, elem }))
}

/** `map[string]elem` */
export function mapOf(elem: GoType): GoType {
  return interned(maps, elem, () => ({ kind: 'map', name: `map[string]${elem.name}`, named: false, elem }))
}

/** `*elem`, with the fields and methods of the struct that it points to. */
export function pointerTo(elem: GoType): GoType {
  return interned(pointers, elem, () => ({ ...elem, kind: 'ptr', name: `*${elem.name}`, named: false, elem }))
}

/** `[]interface {}`, `[]string`, `[]int`, `[]uint8`, `map[string]interface {}`, `map[string]string` and more, ready to use. */
export const listType = sliceOf(types.any)
export const stringsType = sliceOf(types.string)
export const intsType = sliceOf(types.int)
export const bytesType = sliceOf(types.uint8)
export const listsType = sliceOf(listType)
export const mapType = mapOf(types.any)
export const stringMapType = mapOf(types.string)

/** A named type over a slice, map or number: `namedType('common.Values', mapType, { methods })`. */
export function namedType(
  name: string,
  underlying: GoType,
  { methods, string }: Pick<GoType, 'methods' | 'string'> = {},
): GoType {
  return { ...underlying, name, named: true, ...(methods && { methods }), ...(string && { string }) }
}

/** A struct type. Its pointer type is `pointerTo` of it and shares fields and methods. */
export function structType(
  name: string,
  fields: readonly GoField[] = [],
  { methods, string, stringOnPointer }: Pick<GoType, 'methods' | 'string' | 'stringOnPointer'> = {},
): GoType {
  return {
    kind: 'struct',
    name,
    named: true,
    fields,
    ...(methods && { methods }),
    ...(string && { string }),
    ...(stringOnPointer && { stringOnPointer }),
  }
}

const nilKinds: ReadonlySet<Kind> = new Set<Kind>(['func', 'interface', 'map', 'ptr', 'slice'])

/** Whether `nil` is a value of the type. */
export function canBeNil(type: GoType): boolean {
  return nilKinds.has(type.kind)
}

/** Whether two types have the same structure, whatever their names. */
function sameStructure(a: GoType, b: GoType): boolean {
  return a.kind === b.kind && a.elem === b.elem && a.kind !== 'struct' && a.kind !== 'ptr'
}

/** Go's assignability of a value of one type to another type. */
export function assignable(from: GoType, to: GoType): boolean {
  if (from === to) return true
  if (to.kind === 'interface') return to !== types.error
  return from.named !== to.named && sameStructure(from, to) && !isBasic(from)
}

function isBasic(type: GoType): boolean {
  return type.kind !== 'slice' && type.kind !== 'map' && type.kind !== 'func'
}
