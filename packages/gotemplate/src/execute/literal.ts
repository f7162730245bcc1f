import type { BoolNode, NumberNode, StringNode } from '../parse/ast.js'
import type { NumberLiteral } from '../parse/number.js'
import { types, type GoType, type Kind } from '../type.js'
import { GoComplex, GoNumber, type Value } from '../value.js'
import { fail, type Frame } from './frame.js'

type Literal = BoolNode | NumberNode | StringNode
type Problem = { readonly problem: string }

function isProblem(result: Value | Problem): result is Problem {
  return typeof result === 'object' && result !== null && 'problem' in result
}

function looksLikeFloat(text: string): boolean {
  const hexInteger = /^0[xX]/.test(text) && text.length > 2 && !/[pP]/.test(text)
  return !hexInteger && !text.startsWith("'") && /[.eEpP]/.test(text)
}

/** The value of a number where no type is known: its syntax tells. */
function idealNumber({ text, complex, float, int }: NumberLiteral): Value | Problem {
  if (complex !== undefined) return new GoComplex(complex[0], complex[1])
  if (float !== undefined && looksLikeFloat(text)) return float
  return int ?? { problem: `${text} overflows int` }
}

function idealValue(node: Literal): Value | Problem {
  if (node.type === 'bool') return node.value
  return node.type === 'string' ? node.text : idealNumber(node.value)
}

const shown = (node: Literal): string => {
  return node.type === 'bool' ? String(node.value) : node.type === 'string' ? node.quoted : node.value.text
}

function sized(type: GoType, value: bigint): Value {
  if (type === types.int) return value
  const bits = Number(/\d+$/.exec(type.kind)?.[0] ?? 64)
  return new GoNumber(type, type.kind.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value))
}

function typedNumber(literal: NumberLiteral, type: GoType): Value | undefined {
  const { kind } = type
  if (kind.startsWith('float')) {
    if (literal.float === undefined || type === types.float64) return literal.float
    return new GoNumber(type, kind === 'float32' ? Math.fround(literal.float) : literal.float)
  }
  if (kind === 'complex128') return literal.complex && new GoComplex(literal.complex[0], literal.complex[1])
  const value = kind.startsWith('u') ? literal.uint : literal.int
  return value === undefined ? undefined : sized(type, value)
}

function expectedName(kind: Kind): string | undefined {
  if (kind === 'bool' || kind === 'string') return kind
  if (kind.startsWith('float')) return 'float'
  if (kind.startsWith('uint')) return 'unsigned integer'
  if (kind.startsWith('int') && kind !== 'interface') return 'integer'
  return kind === 'complex128' ? 'complex' : undefined
}

/** The value of a literal for a parameter of a type, or Go's reason why it cannot be one. */
function typedValue(node: Literal, type: GoType): Value | Problem {
  if (type === types.any || type === types.reflected) return idealValue(node)
  const expected = expectedName(type.kind)
  if (expected === undefined) return { problem: `can't handle ${shown(node)} for arg of type ${type.name}` }
  const problem = { problem: `expected ${expected}; found ${shown(node)}` }
  if (node.type === 'bool') return expected === 'bool' ? node.value : problem
  if (node.type === 'string') return expected === 'string' ? node.text : problem
  if (expected === 'bool' || expected === 'string') return problem
  return typedNumber(node.value, type) ?? problem
}

function compile(node: Literal, result: Value | Problem): (f: Frame) => Value {
  if (!isProblem(result)) {
    return (f) => {
      f.node = node
      return result
    }
  }
  return (f) => {
    f.node = node
    return fail(f, result.problem)
  }
}

/** Compiles a literal that is an argument. */
export function literal(node: Literal, type: GoType): (f: Frame) => Value {
  return compile(node, typedValue(node, type))
}

/** Compiles a literal that stands alone. */
export function constant(node: Literal): (f: Frame) => Value {
  return compile(node, idealValue(node))
}
