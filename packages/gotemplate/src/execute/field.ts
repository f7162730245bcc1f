import type { GoFunction } from '../function.js'
import { quote } from '../format/quote.js'
import { types } from '../type.js'
import { GoMap, GoObject, typeOf, zeroOf, type Reflected } from '../value.js'
import { callPlain } from './invoke.js'
import { fail, type Frame } from './frame.js'

function staticName(value: Reflected, held: boolean): string {
  return held ? types.any.name : (typeOf(value)?.name ?? types.any.name)
}

/** The method of a value; undefined when it has none of that name. */
export function methodOf(value: Reflected, name: string): GoFunction | undefined {
  return typeOf(value)?.methods?.get(name)
}

/** A key that a map does not have. */
export function missingKey(f: Frame, map: GoMap, name: string): Reflected {
  switch (f.run.missingKey) {
    case 'zero':
      return zeroOf(map.type.elem ?? types.any)
    case 'error':
      return fail(f, `map has no entry for key ${quote(name)}`)
    case 'default':
      return undefined
  }
}

function hasField(value: GoObject, name: string): boolean {
  return (value.type.fields ?? []).some((field) => field.name === name)
}

/** Fails when nothing can be read from the value under any name: it is nil. Undefined stays undefined. */
function missingReceiver(f: Frame, value: null | undefined, name: string): undefined {
  if (value === null) return fail(f, `nil pointer evaluating ${types.any.name}.${name}`)
  return f.run.missingKey === 'error' ? fail(f, `nil data; no entry for key ${quote(name)}`) : undefined
}

function cannotEvaluate(f: Frame, value: Reflected, name: string, held: boolean): never {
  const type = staticName(value, held)
  if (value instanceof GoObject && value.isNil && hasField(value, name)) {
    return fail(f, `nil pointer evaluating ${type}.${name}`)
  }
  return fail(f, `can't evaluate field ${name} in type ${type}`)
}

/** Reads a field, a key or the result of a method without arguments. */
function readField(f: Frame, value: Reflected, name: string, held: boolean): Reflected {
  if (value === null || value === undefined) return missingReceiver(f, value, name)
  const method = methodOf(value, name)
  if (method !== undefined) return callPlain(f, method, name, value)
  if (value instanceof GoMap) {
    const found = value.entries.get(name)
    return found === undefined ? missingKey(f, value, name) : found
  }
  const field = value instanceof GoObject && !value.isNil && hasField(value, name) ? value.fields.get(name) : undefined
  return field === undefined ? cannotEvaluate(f, value, name, held) : field
}

/** Whether what a name reads from a value is held as an `interface {}`. */
function resultHeld(value: Reflected, name: string): boolean {
  const method = methodOf(value, name)
  if (method !== undefined) return method.result === types.any
  if (value instanceof GoMap) return value.type.elem === types.any
  if (!(value instanceof GoObject)) return false
  return value.type.fields?.find((field) => field.name === name)?.type === types.any
}

/** Reads `.a.b.c` from a value, up to `count` names. */
export function readFields(
  f: Frame,
  start: Reflected,
  names: readonly string[],
  count: number,
  startHeld: boolean,
): Reflected {
  let value = start
  let held = startHeld
  for (let at = 0; at < count; at++) {
    const name = names[at] as string
    if (value instanceof GoMap && value.type.methods === undefined) {
      const found = value.entries.get(name)
      held = value.type.elem === types.any
      value = found === undefined ? missingKey(f, value, name) : found
    } else {
      const read = readField(f, value, name, held)
      held = resultHeld(value, name)
      value = read
    }
  }
  return value
}

/** The last name of a chain that is given arguments must be a method; says why it cannot be called otherwise. */
export function notCallable(f: Frame, value: Reflected, name: string, held: boolean): undefined {
  if (value === null || value === undefined) return missingReceiver(f, value, name)
  if (value instanceof GoMap) return fail(f, `${name} is not a method but has arguments`)
  if (value instanceof GoObject && !value.isNil && hasField(value, name)) {
    return fail(f, `${name} has arguments but cannot be invoked as function`)
  }
  return cannotEvaluate(f, value, name, held)
}

/** Whether the value before the last name of a chain is held as an `interface {}`; `count` names were read. */
export function heldAfter(f: Frame, start: Reflected, names: readonly string[], count: number, held: boolean): boolean {
  if (count === 0) return held
  return resultHeld(readFields(f, start, names, count - 1, held), names[count - 1] as string)
}
