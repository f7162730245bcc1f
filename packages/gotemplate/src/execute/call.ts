import { type GoFunction } from '../function.js'
import { type Node, type Expression } from '../parse/ast.js'
import { canBeNil, types, type GoType } from '../type.js'
import { truth, zeroOf, type Reflected } from '../value.js'
import { compileOperand, type Scope } from './expression.js'
import { converter } from './convert.js'
import { fail, spend, type Evaluate, type Frame } from './frame.js'
import { apply, checked, functionFailed } from './invoke.js'
import { literal } from './literal.js'

/** A call: `final` is the value that a pipeline brings, `receiver` what a method belongs to. */
export type Call = (f: Frame, final: Reflected, receiver: Reflected) => Reflected
type Argument = (f: Frame, final: Reflected) => Reflected

/** An argument before the type of its parameter is known. */
export interface Operand {
  readonly node: Expression
  /** Of what is no literal. */
  readonly evaluate: Evaluate
}

/** Compiles arguments as far as that is possible without the types of the parameters. */
export function compileOperands(scope: Scope, args: readonly Expression[]): readonly Operand[] {
  return args.map((node) => ({ node, evaluate: compileOperand(scope, node) }))
}

/** Fits an argument to the type of its parameter. */
function typedArgument({ node, evaluate }: Operand, type: GoType): Argument {
  if (node.type === 'nil') return nilArgument(node, type)
  if (node.type === 'bool' || node.type === 'number' || node.type === 'string') return literal(node, type)
  const convert = converter(type)
  if (type === types.reflected) return evaluate
  return (f) => convert(f, evaluate(f))
}

function nilArgument(node: Expression, type: GoType): Argument {
  const value = type === types.reflected ? undefined : zeroOf(type)
  const allowed = canBeNil(type)
  return (f) => {
    f.node = node
    return allowed ? value : fail(f, `cannot assign nil to ${type.name}`)
  }
}

function parameterAt(fn: GoFunction, at: number): GoType {
  return fn.params[Math.min(at, fn.params.length - 1)] ?? types.any
}

/** Go's message when the number of arguments is wrong. */
function wrongCount(fn: GoFunction, name: string, args: number, piped: boolean): string | undefined {
  const given = args + (piped ? 1 : 0)
  const wanted = fn.params.length
  if (fn.variadic && given < wanted - 1) {
    return `wrong number of args for ${name}: want at least ${wanted - 1} got ${args}`
  }
  return !fn.variadic && given !== wanted ? `wrong number of args for ${name}: want ${wanted} got ${given}` : undefined
}

/** Compiles a call of a function or method with arguments; `piped` says that a pipeline brings a last one. */
export function compileCall(fn: GoFunction, name: string, node: Node, args: readonly Operand[], piped: boolean): Call {
  const problem = wrongCount(fn, name, args.length, piped)
  if (problem !== undefined) return (f) => fail(f, problem)
  const evaluate = args.map((arg, at) => typedArgument(arg, parameterAt(fn, at)))
  if (piped) evaluate.push(converter(parameterAt(fn, args.length)))
  return invocation(fn, name, node, evaluate)
}

/** Calls with few arguments, which are nearly all, need no list of them. */
function invocation(fn: GoFunction, name: string, node: Node, evaluate: readonly Argument[]): Call {
  const [first, second] = evaluate
  if (fn.withContext || evaluate.length > 2 || first === undefined) return generalInvocation(fn, name, node, evaluate)
  const one = fn.call as (a: Reflected) => Reflected
  const two = fn.call as (a: Reflected, b: Reflected) => Reflected
  const general = generalInvocation(fn, name, node, evaluate)
  return (f, final, receiver) => {
    if (receiver !== undefined) return general(f, final, receiver)
    const a = first(f, final)
    const b = second === undefined ? undefined : second(f, final)
    spend(f)
    let result: Reflected
    try {
      result = second === undefined ? one(a) : two(a, b)
    } catch (error) {
      return functionFailed(f, node, name, error)
    }
    return checked(f, fn, result)
  }
}

function generalInvocation(fn: GoFunction, name: string, node: Node, evaluate: readonly Argument[]): Call {
  return (f, final, receiver) => {
    const args: Reflected[] = receiver === undefined ? [] : [receiver]
    for (const argument of evaluate) args.push(argument(f, final))
    spend(f)
    let result: Reflected
    try {
      result = apply(f, fn, args)
    } catch (error) {
      return functionFailed(f, node, name, error)
    }
    return checked(f, fn, result)
  }
}

/** Compiles `and` and `or`, which stop at the argument that decides. */
export function compileShortCircuit(name: 'and' | 'or', args: readonly Operand[], piped: boolean): Call {
  if (args.length === 0 && !piped) return (f) => fail(f, `wrong number of args for ${name}: want at least 1 got 0`)
  const evaluate = args.map((arg) => typedArgument(arg, types.reflected) as Evaluate)
  const decides = name === 'or'
  return (f, final) => {
    let value: Reflected
    for (const argument of evaluate) {
      value = argument(f)
      if (truth(value) === decides) return value
    }
    return piped ? final : value
  }
}
