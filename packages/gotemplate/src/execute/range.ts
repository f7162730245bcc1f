import { sortedKeys } from '../bytes.js'
import { sprintf } from '../format/print.js'
import { type BranchNode } from '../parse/ast.js'
import { types } from '../type.js'
import { GoBytes, GoMap, GoNumber, GoSlice, type Reflected, type Value } from '../value.js'
import { compilePipe, setVariable, slotOf, type Scope } from './expression.js'
import { fail, spend, type Frame, type Signal, type Statement } from './frame.js'
import { compileList, compileScoped } from './statement.js'

/** Does one iteration; `held` says that the element comes out of an `interface {}`. */
type Iterate = (index: Reflected, element: Reflected, held: boolean) => boolean

function overSlice(list: GoSlice, iterate: Iterate): void {
  const held = list.type.elem === types.any
  const { items } = list
  const count = items.length
  for (let at = 0; at < count; at++) if (!iterate(BigInt(at), items[at], held)) return
}

function overMap(map: GoMap, iterate: Iterate): void {
  const held = map.type.elem === types.any
  const entries = sortedKeys(map.entries).map((key) => [key, map.entries.get(key)] as const)
  for (const [key, value] of entries) if (!iterate(key, value, held)) return
}

function overBytes({ bytes }: GoBytes, iterate: Iterate): void {
  for (const [at, byte] of bytes.entries()) {
    if (!iterate(BigInt(at), new GoNumber(types.uint8, BigInt(byte)), false)) return
  }
}

function overInteger(value: bigint | GoNumber, count: bigint, iterate: Iterate): void {
  for (let at = 0n; at < count; at++) {
    if (!iterate(undefined, typeof value === 'bigint' ? at : new GoNumber(value.type, at), false)) return
  }
}

function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  return value instanceof GoNumber && typeof value.value === 'bigint' ? value.value : undefined
}

/** Goes through everything that can be gone through; false when there was nothing. */
function iterateOver(f: Frame, value: Reflected, variables: number, iterate: Iterate): boolean {
  if (value === undefined || value === null) return false
  if (value instanceof GoSlice) {
    overSlice(value, iterate)
    return value.items.length > 0
  }
  if (value instanceof GoMap) {
    const { size } = value.entries
    if (size > 0) overMap(value, iterate)
    return size > 0
  }
  if (value instanceof GoBytes) {
    overBytes(value, iterate)
    return value.bytes.length > 0
  }
  const count = integerOf(value)
  if (count === undefined) return fail(f, `range can't iterate over ${sprintf('%v', [value])}`)
  if (variables > 1) return fail(f, `can't use ${count} to iterate over more than one variable`)
  overInteger(value as bigint | GoNumber, count, iterate)
  return count > 0n
}

/** How the variables of a range are set: the last one to the element, the one before it to the index. */
function setters(
  scope: Scope,
  { pipe }: BranchNode,
): (f: Frame, index: Reflected, element: Reflected, held: boolean) => void {
  const slots = pipe.declared.map(({ names: [name = '$'] }) => ({ name, slot: slotOf(scope, name) }))
  const element = slots.at(-1)
  const index = slots.length > 1 ? slots[0] : undefined
  if (element === undefined) return () => undefined
  return (f, indexValue, elementValue, held) => {
    if (index !== undefined) setVariable(f, index.slot, index.name, indexValue, false)
    setVariable(f, element.slot, element.name, elementValue, held)
  }
}

export function compileRange(scope: Scope, node: BranchNode): Statement {
  const evaluate = compilePipe(scope, node.pipe)
  const set = setters(scope, node)
  const variables = node.pipe.declared.length
  const body = compileScoped(scope, () => compileList(scope, node.list))
  const { elseList } = node
  const otherwise = elseList && compileScoped(scope, () => compileList(scope, elseList))
  return (f): Signal => {
    f.node = node
    const value = evaluate(f)
    const { dot, dotHeld } = f
    const some = iterateOver(f, value, variables, (index, element, held) => {
      spend(f)
      set(f, index, element, held)
      f.dot = element
      f.dotHeld = held
      return body(f) !== 1
    })
    f.dot = dot
    f.dotHeld = dotHeld
    return some || otherwise === undefined ? 0 : otherwise(f)
  }
}
