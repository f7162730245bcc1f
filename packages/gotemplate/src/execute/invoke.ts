import { LimitError, nestedTooDeeply, outputTooLarge, TemplateError } from '../errors.js'
import type { GoFunction } from '../function.js'
import type { Node } from '../parse/ast.js'
import { types } from '../type.js'
import { GoMap, GoSlice, type Reflected, type Value } from '../value.js'
import { errorAt, fail, failLimit, spend, type Frame, type Run } from './frame.js'

/** Whether the stack is used up. A regular expression that is first used there says so by a `SyntaxError`. */
export function isStackOverflow(error: unknown): boolean {
  if (error instanceof SyntaxError) return error.message.includes('Stack overflow')
  return error instanceof RangeError && error.message.includes('call stack')
}

/** Whether the stack, or the longest string of JavaScript, was exceeded. */
export function isExhaustion(error: unknown): error is Error {
  return error instanceof RangeError || isStackOverflow(error)
}

/** What is thrown when the stack or the longest string of JavaScript is exceeded. */
export function asLimit(error: Error, run: Run): LimitError {
  return isStackOverflow(error) ? nestedTooDeeply() : outputTooLarge(run.limits.output)
}

/** Ends the execution with what a function has thrown. */
export function functionFailed(f: Frame, node: Node, name: string, error: unknown): never {
  // A stack that is used up leaves no room for a message here; the start of the execution makes one.
  if (isExhaustion(error)) throw error
  f.node = node
  if (error instanceof LimitError) return failLimit(f, error)
  const stage = error instanceof TemplateError && error.stage === 'limit' ? 'limit' : 'execute'
  throw errorAt(f, stage, `error calling ${name}: ${error instanceof Error ? error.message : String(error)}`, error)
}

/** The result of a function, within the limit of text. */
export function checked(f: Frame, fn: GoFunction, result: Reflected): Reflected {
  if (typeof result === 'string') {
    if (result.length > f.run.limits.output) failLimit(f, outputTooLarge(f.run.limits.output))
    if (result.length > 256) spend(f, result.length >> 8)
    return result
  }
  return result === undefined && fn.result !== types.reflected ? null : result
}

/** Steps that a function takes at least to look at an argument. */
export function effort(value: Reflected): number {
  if (typeof value === 'string') return value.length >> 8
  if (typeof value !== 'object' || value === null) return 0
  if (value instanceof GoSlice) return value.items.length >> 5
  return value instanceof GoMap ? value.entries.size >> 5 : 0
}

/** A call that has its arguments; a method's first one is its receiver. */
export function applyChecked(
  f: Frame,
  fn: GoFunction,
  name: string,
  node: Node,
  args: readonly Reflected[],
): Reflected {
  const call = fn.call as (...args: readonly unknown[]) => Reflected
  let steps = 1
  for (const arg of args) steps += effort(arg)
  spend(f, steps)
  let result: Reflected
  try {
    result = fn.withContext ? call(f.run.context, ...args) : call(...args)
  } catch (error) {
    return functionFailed(f, node, name, error)
  }
  return checked(f, fn, result)
}

/** Calls a method without arguments. */
export function callPlain(f: Frame, method: GoFunction, name: string, receiver: Value): Reflected {
  const wanted = method.variadic ? method.params.length - 1 : method.params.length
  if (wanted > 0) {
    return fail(f, `wrong number of args for ${name}: want ${method.variadic ? 'at least ' : ''}${wanted} got 0`)
  }
  return applyChecked(f, method, name, f.node, [receiver])
}
