import { executeError, outOfTime, tooManySteps, type LimitError, type TemplateError } from '../errors.js'
import type { CallContext } from '../function.js'
import { placeOf, showNode, type Node, type Tree } from '../parse/ast.js'
import type { Reflected } from '../value.js'
import type { Trace } from './trace.js'

/** What a missing key of a map reads as: nothing at all, the zero value of its element type, or an error. */
export type MissingKey = 'default' | 'zero' | 'error'

/** How far one execution may go; templates that loop or recurse without end stop there with an error. */
export interface Limits {
  /** UTF-16 units that the result, or the text that any function gives, may have. Default: 32 Mi. */
  readonly output: number
  /** Iterations, calls, and 256 characters of text each count as one step. Default: 10 million. */
  readonly steps: number
  /** How deep templates may be nested in templates. Default: 100,000, as in Go; the stack usually ends earlier, with an error as well. */
  readonly depth: number
  /** Asked every now and then; true ends the execution. For limits of time: this library reads no clock. */
  readonly expired?: (() => boolean) | undefined
}

/** A template that can be executed; compiled when it is first used. */
export interface Template {
  readonly name: string
  readonly tree: Tree
  code: Code | undefined
}

/** The templates that can be reached by name. */
export type Templates = Pick<ReadonlyMap<string, Template>, 'get' | 'has'>

/** How a list of statements ended: 0 at its end, 1 by break, 2 by continue. */
export type Signal = 0 | 1 | 2

export type Statement = (f: Frame) => Signal
export type Evaluate = (f: Frame) => Reflected

/** Counts the variables of a template, `$` among them; parts that are compiled later add theirs. */
export interface Slots {
  count: number
}

export interface Code {
  readonly run: Statement
  readonly slots: Slots
}

/** One execution, from the host's call to its end. */
export interface Run {
  readonly templates: Templates
  readonly missingKey: MissingKey
  readonly limits: Limits
  readonly compile: (tree: Tree) => Code
  /** What functions that ask for it get to see. */
  readonly context: CallContext
  out: string
  depth: number
  /** The template that is being executed, for errors that come from nowhere in particular. */
  current: Frame | undefined
  /** The steps so far, and at how many of them the limits are looked at again. Shared with executions within this one. */
  readonly work: { steps: number; check: number }
  /** Notes who writes what, when that is wanted. Shared with executions within this one. */
  readonly trace: Trace | undefined
}

/** The execution of one template: its dot, its variables and the node that is being evaluated, for errors. */
export interface Frame {
  readonly run: Run
  readonly template: Template
  readonly vars: Reflected[]
  dot: Reflected
  /** Whether dot is held as an `interface {}`: messages then name that as its type. */
  dotHeld: boolean
  /** The same for variables. */
  varsHeld: boolean[] | undefined
  node: Node
}

export function createFrame(run: Run, template: Template, slots: Slots, data: Reflected): Frame {
  const vars = new Array<Reflected>(slots.count).fill(undefined)
  vars[0] = data
  return { run, template, vars, dot: data, dotHeld: false, varsHeld: undefined, node: template.tree.root }
}

/** An error with Go's message for the node that is being evaluated. */
export function errorAt(f: Frame, stage: 'execute' | 'limit', detail: string, cause?: unknown): TemplateError {
  const { node } = f
  return executeError({
    stage,
    detail,
    file: node.source.file,
    ...placeOf(node),
    executing: f.template.name,
    // Before its first action a template is at the list of all of them.
    node: node.type === 'list' ? '' : showNode(node),
    ...(cause !== undefined && { cause }),
  })
}

/** Ends the execution with Go's message for the node that is being evaluated. */
export function fail(f: Frame, detail: string, cause?: unknown): never {
  throw errorAt(f, 'execute', detail, cause)
}

/** Ends the execution because a limit is reached. */
export function failLimit(f: Frame, error: LimitError): never {
  throw errorAt(f, 'limit', error.message)
}

/** Steps between two looks at the limits. */
const pace = 64

/** Counts one step, or more, against the limit. */
export function spend(f: Frame, steps = 1): void {
  const { work } = f.run
  work.steps += steps
  if (work.steps > work.check) checkLimits(f)
}

function checkLimits(f: Frame): void {
  const { work, limits } = f.run
  if (work.steps > limits.steps) failLimit(f, tooManySteps(limits.steps))
  if (limits.expired?.() === true) failLimit(f, outOfTime())
  work.check = Math.min(limits.steps, work.steps + pace)
}
