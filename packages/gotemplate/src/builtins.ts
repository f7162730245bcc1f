import { byteLength, isAscii, sliceBytes, toBytes } from './bytes.js'
import { equal, less } from './compare.js'
import { functionError } from './errors.js'
import { html, js, urlquery } from './escape.js'
import { sprint, sprintf, sprintln } from './format/print.js'
import { contextFunc, func, type CallContext, type GoFunction } from './function.js'
import { assignable, types, type GoType } from './type.js'
import {
  GoBytes,
  GoMap,
  GoNumber,
  GoObject,
  GoSlice,
  isFunction,
  truth,
  typeName,
  typeOf,
  zeroOf,
  type Reflected,
  type Value,
} from './value.js'

function isNilPointer(value: Reflected): boolean {
  return value === null || (value instanceof GoObject && value.type.kind === 'ptr' && value.isNil)
}

function integerOf(value: Reflected): bigint | undefined {
  if (typeof value === 'bigint') return value
  return value instanceof GoNumber && typeof value.value === 'bigint' ? value.value : undefined
}

/** An index into something of a length; the length itself is let through, as Go does. */
function indexOf(value: Reflected, length: number): number {
  if (value === undefined || value === null) throw functionError('cannot index slice/array with nil')
  const index = integerOf(value)
  if (index === undefined) throw functionError(`cannot index slice/array with type ${typeName(value)}`)
  if (index < 0n || index > BigInt(length)) throw functionError(`index out of range: ${index}`)
  return Number(index)
}

function byteAt(bytes: Uint8Array, index: Reflected, what: string): GoNumber {
  const at = indexOf(index, bytes.length)
  const byte = bytes[at]
  if (byte === undefined) throw functionError(`reflect: ${what} index out of range`)
  return new GoNumber(types.uint8, BigInt(byte))
}

function keyOf(value: Reflected): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) throw functionError('value is nil; should be of type string')
  throw functionError(`value has type ${typeName(value)}; should be string`)
}

function indexOne(item: Exclude<Value, null>, index: Reflected): Reflected {
  if (item instanceof GoSlice) {
    const at = indexOf(index, item.items.length)
    if (at === item.items.length) throw functionError('reflect: slice index out of range')
    return item.items[at]
  }
  if (item instanceof GoMap) {
    const found = item.entries.get(keyOf(index))
    return found === undefined ? zeroOf(item.type.elem ?? types.any) : found
  }
  if (typeof item === 'string') return byteAt(toBytes(item), index, 'string')
  if (item instanceof GoBytes) return byteAt(item.bytes, index, 'slice')
  throw functionError(`can't index item of type ${indirectName(item)}`)
}

function indirectName(item: Value): string {
  const type = typeOf(item)
  return (type?.kind === 'ptr' ? type.elem : type)?.name ?? '<nil>'
}

function index(item: Reflected, ...indexes: Reflected[]): Reflected {
  if (item === undefined || item === null) throw functionError('index of untyped nil')
  let current: Reflected = item
  for (const next of indexes) {
    if (current === null || current === undefined || isNilPointer(current)) throw functionError('index of nil pointer')
    current = indexOne(current, next)
  }
  return current
}

function bounds(indexes: readonly Reflected[], length: number): [number, number] {
  const [from = 0, to = length, max] = indexes.map((value) => indexOf(value, length))
  if (from > to) throw functionError(`invalid slice index: ${from} > ${to}`)
  if (max !== undefined && to > max) throw functionError(`invalid slice index: ${to} > ${max}`)
  return [from, to]
}

function slice(item: Reflected, ...indexes: Reflected[]): Reflected {
  if (item === undefined || item === null) throw functionError('slice of untyped nil')
  if (isNilPointer(item)) throw functionError('slice of nil pointer')
  if (indexes.length > 3) throw functionError(`too many slice indexes: ${indexes.length}`)
  if (typeof item === 'string') {
    if (indexes.length === 3) throw functionError('cannot 3-index slice a string')
    return sliceBytes(item, ...bounds(indexes, isAscii(item) ? item.length : byteLength(item)))
  }
  if (item instanceof GoSlice) return new GoSlice(item.type, item.items.slice(...bounds(indexes, item.items.length)))
  if (item instanceof GoBytes) {
    return new GoBytes(item.bytes.subarray(...bounds(indexes, item.bytes.length)), item.type)
  }
  throw functionError(`can't slice item of type ${indirectName(item)}`)
}

function length(item: Reflected): Reflected {
  if (isNilPointer(item)) throw functionError('len of nil pointer')
  if (item === undefined) throw functionError('reflect: call of reflect.Value.Type on zero Value')
  if (typeof item === 'string') return BigInt(byteLength(item))
  if (item instanceof GoMap) return BigInt(item.entries.size)
  if (item instanceof GoSlice) return BigInt(item.items.length)
  if (item instanceof GoBytes) return BigInt(item.bytes.length)
  throw functionError(`len of type ${indirectName(item ?? null)}`)
}

function prepared(value: Reflected, type: GoType, at: number): Reflected {
  if (type === types.reflected) return value
  if (value === undefined || value === null) {
    if (type.kind === 'interface' || type.kind === 'map' || type.kind === 'slice') return zeroOf(type)
    throw functionError(`arg ${at}: value is nil; should be of type ${type.name}`)
  }
  const from = typeOf(value)
  if (from !== undefined && assignable(from, type)) return value
  throw functionError(`arg ${at}: value has type ${typeName(value)}; should be ${type.name}`)
}

function call(context: CallContext, written: string | undefined, fn: Reflected, args: readonly Reflected[]): Reflected {
  if (fn === undefined || fn === null) throw functionError('call of nil')
  const name = written ?? (typeof fn === 'string' ? fn : `<${typeName(fn)} Value>`)
  if (!isFunction(fn)) throw functionError(`non-function ${name} of type ${typeName(fn)}`)
  const wanted = fn.variadic ? fn.params.length - 1 : fn.params.length
  if (fn.variadic ? args.length < wanted : args.length !== wanted) {
    throw functionError(
      `wrong number of args for ${name}: got ${args.length} want ${fn.variadic ? 'at least ' : ''}${wanted}`,
    )
  }
  const ready = args.map((arg, at) => {
    return prepared(arg, fn.params[Math.min(at, fn.params.length - 1)] ?? types.any, at)
  })
  const run = fn.call as (...args: readonly unknown[]) => Reflected
  return fn.withContext ? run(context, ...ready) : run(...ready)
}

const bool = { result: 'bool' } as const
const text = { result: 'string' } as const
const reflected = { result: 'reflected' } as const

/** The function `call`, whose messages name what it calls as the template has written it. */
export function callNamed(name: string | undefined): GoFunction {
  return contextFunc('reflected, ...reflected', (context, fn, ...args) => call(context, name, fn, args), reflected)
}

/** Go's own functions. `and` and `or` are part of the language: they stop at the argument that decides. */
export const builtins: Readonly<Record<string, GoFunction>> = {
  and: func('reflected, ...reflected', (first) => first, reflected),
  call: callNamed(undefined),
  eq: func('reflected, ...reflected', (first, ...others) => equal(first, others), bool),
  ge: func('reflected, reflected', (a, b) => !less(a, b), bool),
  gt: func('reflected, reflected', (a, b) => !(less(a, b) || equal(a, [b])), bool),
  html: func('...any', (...args) => html(args), text),
  index: func('reflected, ...reflected', index, reflected),
  js: func('...any', (...args) => js(args), text),
  le: func('reflected, reflected', (a, b) => less(a, b) || equal(a, [b]), bool),
  len: func('reflected', length, { result: 'int' }),
  lt: func('reflected, reflected', less, bool),
  ne: func('reflected, reflected', (a, b) => !equal(a, [b]), bool),
  not: func('reflected', (value) => !truth(value), bool),
  or: func('reflected, ...reflected', (first) => first, reflected),
  print: func('...any', (...args) => sprint(args), text),
  printf: func('string, ...any', (format, ...args) => sprintf(format, args), text),
  println: func('...any', (...args) => sprintln(args), text),
  slice: func('reflected, ...reflected', slice, reflected),
  urlquery: func('...any', (...args) => urlquery(args), text),
}
