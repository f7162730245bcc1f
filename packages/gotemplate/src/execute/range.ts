import { sortedKeys } from '../bytes.js'
import { sprintf } from '../format/print.js'
import type { BranchNode } from '../parse/ast.js'
import { types } from '../type.js'
import { GoBytes, GoMap, GoNumber, GoSlice, type Reflected, type Value } from '../value.js'
import { compilePipe, setVariable, slotOf, type Scope } from './expression.js'
import { fail, spend, type Frame, type Signal, type Statement } from './frame.js'
import { compileLater } from './statement.js'

/** What a range goes through; integers are counted, everything else is listed when the loop starts. */
interface Sequence {
  readonly count: number
  /** Whether elements come out of an `interface {}`. */
  readonly held: boolean
  readonly index: (at: number) => Reflected
  readonly element: (at: number) => Reflected
}

const nothing: Sequence = { count: 0, held: false, index: () => undefined, element: () => undefined }
const position = (at: number): bigint => BigInt(at)

function ofMap(f: Frame, map: GoMap): Sequence {
  // Sorting costs as much as going through all, even if the loop ends at once.
  spend(f, map.entries.size)
  const keys = sortedKeys(map.entries)
  const values = keys.map((key) => map.entries.get(key))
  return {
    count: keys.length,
    held: map.type.elem === types.any,
    index: (at) => keys[at],
    element: (at) => values[at],
  }
}

function ofInteger(f: Frame, value: bigint | GoNumber, limit: bigint, variables: number): Sequence {
  if (variables > 1) return fail(f, `can't use ${limit} to iterate over more than one variable`)
  // Beyond this the limit of steps ends the loop, whatever it is.
  const count = limit <= 0n ? 0 : Number(limit > 0xffffffffffffn ? 0xffffffffffffn : limit)
  const element = (at: number): Value => (typeof value === 'bigint' ? BigInt(at) : new GoNumber(value.type, BigInt(at)))
  return { count, held: false, index: () => undefined, element }
}

function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  return value instanceof GoNumber && typeof value.value === 'bigint' ? value.value : undefined
}

function sequenceOf(f: Frame, value: Reflected, variables: number): Sequence {
  if (value === undefined || value === null) return nothing
  if (value instanceof GoMap) return ofMap(f, value)
  if (value instanceof GoSlice) {
    const { items } = value
    const held = value.type.elem === types.any
    return { count: items.length, held, index: position, element: (at) => items[at] }
  }
  if (value instanceof GoBytes) {
    const { bytes } = value
    const element = (at: number): Value => new GoNumber(types.uint8, BigInt(bytes[at] ?? 0))
    return { count: bytes.length, held: false, index: position, element }
  }
  const limit = integerOf(value)
  if (limit === undefined) return fail(f, `range can't iterate over ${sprintf('%v', [value])}`)
  return ofInteger(f, value as bigint | GoNumber, limit, variables)
}

/** The variables of a range: the last one is set to the element, the one before it to the index. */
function targetsOf(
  scope: Scope,
  { pipe }: BranchNode,
): readonly { readonly name: string; readonly slot: number | undefined }[] {
  return pipe.declared.map(({ names: [name = '$'] }) => ({ name, slot: slotOf(scope, name) }))
}

export function compileRange(scope: Scope, node: BranchNode): Statement {
  const evaluate = compilePipe(scope, node.pipe, true)
  const targets = targetsOf(scope, node)
  const variables = targets.length
  const last = targets.at(-1)
  const before = variables > 1 ? targets[0] : undefined
  const body = compileLater(scope, node.list)
  const { elseList } = node
  const otherwise = elseList && compileLater(scope, elseList)
  return (f): Signal => {
    f.node = node
    const all = sequenceOf(f, evaluate(f), variables)
    // A break in the else part ends only that, as in Go; a continue goes on with the loop around.
    if (all.count === 0) return otherwise?.(f) === 2 ? 2 : 0
    const { dot, dotHeld } = f
    for (let at = 0; at < all.count; at++) {
      spend(f)
      const element = all.element(at)
      if (before !== undefined) setVariable(f, before.slot, before.name, all.index(at), false)
      if (last !== undefined) setVariable(f, last.slot, last.name, element, all.held)
      f.dot = element
      f.dotHeld = all.held
      if (body(f) === 1) break
    }
    f.dot = dot
    f.dotHeld = dotHeld
    return 0
  }
}
