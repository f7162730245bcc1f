import { LimitError, outputTooLarge, tooDeep } from '../errors.js'
import { actionText } from '../format/print.js'
import { quote } from '../format/quote.js'
import {
  showNode,
  type ActionNode,
  type BranchNode,
  type ListNode,
  type Statement as StatementNode,
  type TemplateNode,
  type Tree,
} from '../parse/ast.js'
import { isFunction, truth, typeName, type Reflected } from '../value.js'
import { isStackOverflow } from './invoke.js'
import { compilePipe, type Scope } from './expression.js'
import {
  createFrame,
  fail,
  failLimit,
  type Code,
  type Frame,
  type Run,
  type Statement,
  type Template,
} from './frame.js'
import { compileRange } from './range.js'
import { markAction, markWriting, traceFragment } from './trace.js'

const empty: Statement = () => 0

/** Compiles one template. */
export function compileTemplate(tree: Tree, functions: Scope['functions'], own: Scope['own']): Code {
  const scope: Scope = { functions, own, variables: [{ name: '$', slot: 0 }], slots: { count: 1 } }
  const run = compileList(scope, tree.root)
  return { run, slots: scope.slots }
}

function compileList(scope: Scope, list: ListNode): Statement {
  const statements = list.nodes.map((node) => compileStatement(scope, node))
  const [first] = statements
  if (first === undefined) return empty
  if (statements.length === 1) return first
  return (f) => {
    for (let at = 0; at < statements.length; at++) {
      const signal = (statements[at] as Statement)(f)
      if (signal !== 0) return signal
    }
    return 0
  }
}

/** Compiles what declares variables that end with it. */
function compileScoped<T>(scope: Scope, compile: () => T): T {
  const known = scope.variables.length
  const compiled = compile()
  scope.variables.length = known
  return compiled
}

/** Compiles a list whose variables end with it when it first runs: most branches of a chart never do. */
export function compileLater(scope: Scope, list: ListNode): Statement {
  if (list.nodes.length === 0) return empty
  const inner: Scope = { ...scope, variables: scope.variables.slice() }
  let compiled: Statement | undefined
  return (f) => (compiled ??= compileList(inner, list))(f)
}

function compileStatement(scope: Scope, node: StatementNode): Statement {
  switch (node.type) {
    case 'text': {
      const { text } = node
      return (f) => {
        const { run } = f
        if (run.trace !== undefined) markWriting(run.trace, f, node)
        run.out += text
        return 0
      }
    }
    case 'action':
      return compileAction(scope, node)
    case 'if':
    case 'with':
      return compileScoped(scope, () => compileBranch(scope, node))
    case 'range':
      return compileScoped(scope, () => compileRange(scope, node))
    case 'template':
      return compileCallTemplate(scope, node)
    case 'break':
      return () => 1
    case 'continue':
      return () => 2
  }
}

function printed(f: Frame, node: ActionNode, value: Reflected): string {
  if (value === undefined || value === null) return '<no value>'
  if (isFunction(value)) return fail(f, `can't print ${showNode(node)} of type ${typeName(value)}`)
  try {
    return actionText(value, f.run.limits.output)
  } catch (error) {
    if (error instanceof LimitError) return failLimit(f, error)
    throw error
  }
}

function compileAction(scope: Scope, node: ActionNode): Statement {
  const evaluate = compilePipe(scope, node.pipe, true)
  if (node.pipe.declared.length > 0) {
    return (f) => {
      f.node = node
      evaluate(f)
      return 0
    }
  }
  return (f) => {
    const { run } = f
    f.node = node
    if (run.trace !== undefined) run.trace.fragments = []
    const value = evaluate(f)
    f.node = node
    const text = typeof value === 'string' ? value : printed(f, node, value)
    if (run.trace !== undefined) markAction(run.trace, f, node, text)
    run.out += text
    if (run.out.length > run.limits.output) failLimit(f, outputTooLarge(run.limits.output))
    return 0
  }
}

function compileBranch(scope: Scope, node: BranchNode): Statement {
  const evaluate = compilePipe(scope, node.pipe, true)
  const list = compileLater(scope, node.list)
  const { elseList } = node
  const otherwise = elseList === undefined ? empty : compileLater(scope, elseList)
  if (node.type === 'if') {
    return (f) => {
      f.node = node
      return truth(evaluate(f)) ? list(f) : otherwise(f)
    }
  }
  return (f) => {
    f.node = node
    const value = evaluate(f)
    if (!truth(value)) return otherwise(f)
    const { dot, dotHeld } = f
    f.dot = value
    f.dotHeld = false
    const signal = list(f)
    f.dot = dot
    f.dotHeld = dotHeld
    return signal
  }
}

function compileCallTemplate(scope: Scope, node: TemplateNode): Statement {
  const { name, pipe } = node
  const evaluate = pipe && compilePipe(scope, pipe)
  return (f) => {
    f.node = node
    const { run } = f
    const template = run.templates.get(name)
    if (template === undefined) return fail(f, `template ${quote(name)} not defined`)
    if (run.depth >= run.limits.depth) failLimit(f, tooDeep(run.limits.depth))
    const data = evaluate?.(f)
    try {
      runTemplate(run, template, data)
    } catch (error) {
      if (isStackOverflow(error)) stackUsedUp(f, node)
      throw error
    }
    return 0
  }
}

/** The stack ends before the limit of depth does; where there is room for it again, that becomes an error. */
function stackUsedUp(f: Frame, node: TemplateNode): void {
  f.node = node
  failLimit(f, tooDeep(f.run.limits.depth))
}

/** Executes a template within a run and adds its text to the run's. */
export function runTemplate(run: Run, template: Template, data: Reflected): void {
  const code = template.code ?? (template.code = run.compile(template.tree))
  const frame = createFrame(run, template, code.slots, data)
  const { current } = run
  run.current = frame
  if (run.trace !== undefined) run.trace.outer ??= frame
  run.depth++
  code.run(frame)
  run.depth--
  run.current = current
}

/** Executes a template within a run, on behalf of a function that wants its text. */
export function renderTemplate(run: Run, template: Template, data: Reflected): string {
  const { trace } = run
  return trace === undefined
    ? renderText(run, template, data)
    : traceFragment(trace, () => renderText(run, template, data))
}

function renderText(run: Run, template: Template, data: Reflected): string {
  if (run.depth >= run.limits.depth) throw tooDeep(run.limits.depth)
  const { out, depth, current } = run
  const code = template.code ?? (template.code = run.compile(template.tree))
  run.out = ''
  run.depth++
  run.current = createFrame(run, template, code.slots, data)
  try {
    code.run(run.current)
    return run.out
  } finally {
    run.out = out
    run.depth = depth
    run.current = current
  }
}
