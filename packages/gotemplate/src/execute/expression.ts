import { callNamed } from '../builtins.js'
import type { GoFunction } from '../function.js'
import {
  showNode,
  type ChainNode,
  type CommandNode,
  type Expression,
  type FieldNode,
  type IdentifierNode,
  type PipeNode,
  type VariableNode,
} from '../parse/ast.js'
import { types } from '../type.js'
import type { Reflected } from '../value.js'
import { compileCall, compileOperands, compileMethodCall, compileShortCircuit, type MethodCall } from './call.js'
import { heldAfter, methodOf, notCallable, readFields } from './field.js'
import { fail, type Evaluate, type Frame, type Slots } from './frame.js'
import { constant } from './literal.js'

/** What is known while a template is compiled: the functions, and which variable lives in which slot. */
export interface Scope {
  readonly functions: ReadonlyMap<string, GoFunction>
  /** Names that the host has taken from Go's own functions, or added. */
  readonly own: ReadonlySet<string>
  readonly variables: { readonly name: string; readonly slot: number }[]
  readonly slots: Slots
}

/** A command of a pipeline; `final` is what the command before it gave. */
type Command = (f: Frame, final: Reflected) => Reflected

export function declare(scope: Scope, name: string): number {
  const slot = scope.slots.count++
  scope.variables.push({ name, slot })
  return slot
}

/** The slot of a variable; undefined when it is assigned to without ever being declared. */
export function slotOf(scope: Scope, name: string): number | undefined {
  return scope.variables.findLast((variable) => variable.name === name)?.slot
}

const undefinedVariable = (name: string) => (f: Frame) => fail(f, `undefined variable: ${name}`)

function notFunction(node: Expression): (f: Frame) => never {
  return (f) => fail(f, `can't give argument to non-function ${showNode(node)}`)
}

type Start = (f: Frame) => Reflected
type Held = (f: Frame) => boolean

const dotHeld: Held = (f) => f.dotHeld

/** Compiles `.a.b.c`, given what it starts from; without arguments. */
function compileFields(start: Start, held: Held, names: readonly string[]): Evaluate {
  const count = names.length
  return (f) => readFields(f, start(f), names, count, held(f))
}

/** Compiles `.a.b.c` with arguments: `c` must be a method, and which one is only known when it is called. */
function compileMethod(
  scope: Scope,
  node: FieldNode | ChainNode | VariableNode,
  start: Start,
  held: Held,
  names: readonly string[],
  args: readonly Expression[],
  piped: boolean,
): Command {
  const last = names.length - 1
  const name = names[last] as string
  const calls = new Map<GoFunction, MethodCall>()
  const operands = compileOperands(scope, args)
  return (f, final) => {
    const first = start(f)
    const receiver = readFields(f, first, names, last, held(f))
    const method = methodOf(receiver, name)
    if (method === undefined) return notCallable(f, receiver, name, heldAfter(f, first, names, last, held(f)))
    let call = calls.get(method)
    if (call === undefined) calls.set(method, (call = compileMethodCall(method, name, node, operands, piped)))
    return call(f, final, receiver)
  }
}

function compileNames(
  scope: Scope,
  node: FieldNode | ChainNode | VariableNode,
  start: Start,
  held: Held,
  names: readonly string[],
  args: readonly Expression[],
  piped: boolean,
): Command {
  if (args.length > 0 || piped) return compileMethod(scope, node, start, held, names, args, piped)
  return compileFields(start, held, names)
}

function compileField(scope: Scope, node: FieldNode, args: readonly Expression[], piped: boolean): Command {
  const { names } = node
  const count = names.length
  if (args.length === 0 && !piped) {
    return (f) => {
      f.node = node
      return readFields(f, f.dot, names, count, f.dotHeld)
    }
  }
  const start: Start = (f) => {
    f.node = node
    return f.dot
  }
  return compileMethod(scope, node, start, dotHeld, names, args, piped)
}

function compileVariable(scope: Scope, node: VariableNode, args: readonly Expression[], piped: boolean): Command {
  const [name = '$', ...names] = node.names
  const slot = slotOf(scope, name)
  const count = names.length
  const plain = args.length === 0 && !piped
  if (slot !== undefined && plain && count > 0) {
    return (f) => {
      f.node = node
      return readFields(f, f.vars[slot], names, count, f.varsHeld !== undefined && f.varsHeld[slot] === true)
    }
  }
  const start: Start = (f) => {
    f.node = node
    return slot === undefined ? undefinedVariable(name)(f) : f.vars[slot]
  }
  if (count > 0) {
    return compileNames(scope, node, start, (f) => f.varsHeld?.[slot ?? 0] === true, names, args, piped)
  }
  if (plain) return start
  const refuse = notFunction(node)
  return (f) => {
    start(f)
    return refuse(f)
  }
}

function compileChain(scope: Scope, node: ChainNode, args: readonly Expression[], piped: boolean): Command {
  if (node.node.type === 'nil') {
    return (f) => {
      f.node = node
      return fail(f, `indirection through explicit nil in ${showNode(node)}`)
    }
  }
  const inner = compileOperand(scope, node.node)
  const start: Start = (f) => {
    f.node = node
    return inner(f)
  }
  const held = node.node.type === 'identifier' && scope.functions.get(node.node.name)?.result === types.any
  return compileNames(scope, node, start, () => held, node.names, args, piped)
}

function compileFunction(
  scope: Scope,
  node: IdentifierNode,
  command: CommandNode | IdentifierNode,
  args: readonly Expression[],
  piped: boolean,
): Command {
  const { name } = node
  const builtin = !scope.own.has(name)
  const [callee] = args
  const fn = builtin && name === 'call' && callee ? callNamed(showNode(callee)) : scope.functions.get(name)
  const operands = compileOperands(scope, args)
  const shortCircuit = builtin && (name === 'and' || name === 'or')
  if (shortCircuit) return compileShortCircuit(name, node, operands, piped)
  if (fn !== undefined) return compileCall(fn, name, node, command, operands, piped)
  return (f) => {
    f.node = node
    return fail(f, `"${name}" is not a defined function`)
  }
}

/** Compiles an operand that is not a literal: an argument, or what a chain starts from. */
export function compileOperand(scope: Scope, node: Expression): Evaluate {
  const evaluate = compileOperandAlone(scope, node)
  return (f) => {
    f.node = node
    return evaluate(f)
  }
}

function compileOperandAlone(scope: Scope, node: Expression): Evaluate {
  switch (node.type) {
    case 'pipe':
      return compilePipe(scope, node)
    case 'field':
      return withoutFinal(compileField(scope, node, [], false))
    case 'variable':
      return withoutFinal(compileVariable(scope, node, [], false))
    case 'chain':
      return withoutFinal(compileChain(scope, node, [], false))
    case 'identifier':
      return withoutFinal(compileFunction(scope, node, node, [], false))
    case 'dot':
      return (f) => f.dot
    case 'nil':
      return () => null
    default:
      return constant(node)
  }
}

function withoutFinal(command: Command): Evaluate {
  return (f) => command(f, undefined)
}

function compileCommand(scope: Scope, command: CommandNode, piped: boolean): Command {
  const [first, ...args] = command.args
  switch (first?.type) {
    case 'field':
      return compileField(scope, first, args, piped)
    case 'chain':
      return compileChain(scope, first, args, piped)
    case 'variable':
      return compileVariable(scope, first, args, piped)
    case 'identifier':
      return compileFunction(scope, first, command, args, piped)
    case 'pipe':
      return args.length > 0 || piped ? notFunction(first) : compilePipe(scope, first)
    case 'nil':
      return alone(first, args, (f) => fail(f, 'nil is not a command'))
    case 'dot':
      return alone(first, args, (f) => f.dot)
    case 'bool':
    case 'number':
    case 'string':
      return alone(first, args, constant(first))
    case undefined:
      return () => undefined
  }
}

/** A command that takes no arguments. */
function alone(node: Expression, args: readonly Expression[], evaluate: Evaluate): Command {
  const refuse = notFunction(node)
  return (f) => {
    f.node = node
    return args.length > 0 ? refuse(f) : evaluate(f)
  }
}

/**
 * Compiles the commands of a pipeline. Between commands and at the end a nil that sits in an `interface {}` becomes no value at all;
 * at the end this is left out where nobody can see it (`loose`).
 */
function compileCommands(scope: Scope, pipe: PipeNode, loose: boolean): Evaluate {
  const [first, ...others] = pipe.commands.map((command, at) => compileCommand(scope, command, at > 0))
  if (first === undefined) return () => undefined
  if (others.length === 0) {
    if (loose && pipe.commands[0]?.args[0]?.type !== 'pipe') return first as Evaluate
    return (f) => {
      f.node = pipe
      return first(f, undefined) ?? undefined
    }
  }
  const [second] = others
  if (second !== undefined && others.length === 1) {
    return (f) => {
      f.node = pipe
      return second(f, first(f, undefined) ?? undefined) ?? undefined
    }
  }
  return (f) => {
    f.node = pipe
    let value = first(f, undefined) ?? undefined
    for (const command of others) value = command(f, value) ?? undefined
    return value
  }
}

/** Compiles a pipeline with its declarations or assignments; `loose` when null and undefined are the same to who asks. */
export function compilePipe(scope: Scope, pipe: PipeNode, loose = false): Evaluate {
  const evaluate = compileCommands(scope, pipe, loose && pipe.declared.length === 0)
  const targets = pipe.declared.map(({ names: [name = '$'] }) => {
    return { name, slot: pipe.assigns ? slotOf(scope, name) : declare(scope, name) }
  })
  if (targets.length === 0) return evaluate
  return (f) => {
    const value = evaluate(f)
    for (const { name, slot } of targets) setVariable(f, slot, name, value, false)
    return value
  }
}

/** Sets a variable; `held` says that the value is an element of a list or map of `interface {}`. */
export function setVariable(f: Frame, slot: number | undefined, name: string, value: Reflected, held: boolean): void {
  if (slot === undefined) return undefinedVariable(name)(f)
  f.vars[slot] = value
  if (held) (f.varsHeld ??= [])[slot] = true
  else if (f.varsHeld !== undefined) f.varsHeld[slot] = false
}
