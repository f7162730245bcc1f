import type { CallContext, GoFunction } from '../function.js'
import type { Node, Expression } from '../parse/ast.js'
import { canBeNil, types, type GoType } from '../type.js'
import { truth, zeroOf, type Reflected } from '../value.js'
import { compileOperand, type Scope } from './expression.js'
import { converter } from './convert.js'
import { fail, spend, type Evaluate, type Frame } from './frame.js'
import { applyChecked, checked, effort, functionFailed } from './invoke.js'
import { literal } from './literal.js'

/** A call; `final` is the value that a pipeline brings. */
export type Call = (f: Frame, final: Reflected) => Reflected
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

/** The arguments of a call, fitted to the parameters; Go's message when their number is wrong. */
function fitted(fn: GoFunction, name: string, args: readonly Operand[], piped: boolean): readonly Argument[] | string {
  const problem = wrongCount(fn, name, args.length, piped)
  if (problem !== undefined) return problem
  const evaluate = args.map((arg, at) => typedArgument(arg, parameterAt(fn, at)))
  if (piped) evaluate.push(converter(parameterAt(fn, args.length)))
  return evaluate
}

/**
 * Compiles a call of a function; `piped` says that a pipeline brings a last argument. Errors before the call are at `at`, those of the
 * function at `node`.
 */
export function compileCall(
  fn: GoFunction,
  name: string,
  at: Node,
  node: Node,
  args: readonly Operand[],
  piped: boolean,
): Call {
  const evaluate = fitted(fn, name, args, piped)
  if (typeof evaluate === 'string') {
    return (f) => {
      f.node = at
      return fail(f, evaluate)
    }
  }
  if (evaluate.length === 2) return callWithTwo(fn, name, at, node, evaluate)
  if (evaluate.length === 1 && !fn.withContext) return callWithOne(fn, name, at, node, evaluate)
  return callWithMany(fn, name, at, node, evaluate)
}

function callWithOne(fn: GoFunction, name: string, at: Node, node: Node, [first]: readonly Argument[]): Call {
  const call = fn.call as (a: Reflected) => Reflected
  const one = first as Argument
  return (f, final) => {
    f.node = at
    const a = one(f, final)
    spend(f, 1 + effort(a))
    let result: Reflected
    try {
      result = call(a)
    } catch (error) {
      return functionFailed(f, node, name, error)
    }
    return checked(f, fn, result)
  }
}

function callWithTwo(fn: GoFunction, name: string, at: Node, node: Node, evaluate: readonly Argument[]): Call {
  const [one, two] = evaluate as readonly [Argument, Argument]
  const call = fn.call as (a: Reflected, b: Reflected) => Reflected
  const callInContext = fn.call as (context: CallContext, a: Reflected, b: Reflected) => Reflected
  const { withContext } = fn
  return (f, final) => {
    f.node = at
    const a = one(f, final)
    const b = two(f, final)
    spend(f, 1 + effort(a) + effort(b))
    let result: Reflected
    try {
      result = withContext ? callInContext(f.run.context, a, b) : call(a, b)
    } catch (error) {
      return functionFailed(f, node, name, error)
    }
    return checked(f, fn, result)
  }
}

function callWithMany(fn: GoFunction, name: string, at: Node, node: Node, evaluate: readonly Argument[]): Call {
  return (f, final) => {
    f.node = at
    const args = new Array<Reflected>(evaluate.length)
    for (let next = 0; next < evaluate.length; next++) args[next] = (evaluate[next] as Argument)(f, final)
    return applyChecked(f, fn, name, node, args)
  }
}

/** A call of a method; the receiver is not among the arguments of the template. */
export type MethodCall = (f: Frame, final: Reflected, receiver: Reflected) => Reflected

/** Compiles a call of a method. */
export function compileMethodCall(
  method: GoFunction,
  name: string,
  node: Node,
  args: readonly Operand[],
  piped: boolean,
): MethodCall {
  const evaluate = fitted(method, name, args, piped)
  if (typeof evaluate === 'string') return (f) => fail(f, evaluate)
  return (f, final, receiver) => {
    const given: Reflected[] = [receiver]
    for (const argument of evaluate) given.push(argument(f, final))
    return applyChecked(f, method, name, node, given)
  }
}

/** Compiles `and` and `or`, which stop at the argument that decides. */
export function compileShortCircuit(name: 'and' | 'or', at: Node, args: readonly Operand[], piped: boolean): Call {
  if (args.length === 0 && !piped) {
    return (f) => {
      f.node = at
      return fail(f, `wrong number of args for ${name}: want at least 1 got 0`)
    }
  }
  const evaluate = args.map((arg) => typedArgument(arg, types.reflected) as Evaluate)
  const decides = name === 'or'
  return (f, final) => {
    f.node = at
    let value: Reflected
    for (const argument of evaluate) {
      value = argument(f)
      if (truth(value) === decides) return value
    }
    return piped ? final : value
  }
}
