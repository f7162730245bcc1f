import type { ast } from '@ropeway/gotemplate'
import { callOf, fieldOf, withApi } from './functions.js'
import {
  anyOf,
  computed,
  elementOf,
  keyOf,
  literal,
  nothing,
  sameAs,
  valueAt,
  type Known,
  type Place,
} from './known.js'

/** A test that a template makes. */
export interface Test {
  readonly node: ast.PipeNode
  readonly kind: 'if' | 'with' | 'range' | 'ternary'
  readonly value: Known
  /** The test inside which this one is made, as far as the first way to it tells. */
  readonly within: Test | undefined
}

/** What walking through all templates of a chart gathers. */
export interface Walk {
  readonly templates: ReadonlyMap<string, ast.Tree>
  readonly normal: (place: Place) => Place
  /** The templates that stand in a default value, or in the values below it. */
  readonly textAt: (place: Place) => readonly ast.Tree[]
  readonly tests: Map<string, Test>
  readonly paths: Set<string>
  readonly calls: Map<string, Known>
  readonly active: Set<string>
  /** Nodes that may still be looked at. */
  budget: number
  test: Test | undefined
}

interface Variable {
  readonly name: string
  value: Known
}

/** One template being walked through with one argument. */
interface Scope {
  readonly walk: Walk
  dot: Known
  readonly variables: Variable[]
  /** Everything that decides what it writes. */
  readonly decides: Known[]
  /** What it writes. */
  readonly writes: Known[]
}

/** Walks through a template; what it writes depends on what comes back. */
export function walkTemplate(walk: Walk, tree: ast.Tree, dot: Known): Known {
  const key = `${tree.source.file}\0${tree.name}\0${keyOf(dot)}`
  const known = walk.calls.get(key)
  if (known !== undefined) return known
  if (walk.active.has(key) || walk.active.size > 200) return nothing
  walk.active.add(key)
  const scope: Scope = { walk, dot, variables: [{ name: '$', value: dot }], decides: [], writes: [] }
  walkList(scope, tree.root)
  walk.active.delete(key)
  const { at } = anyOf(scope.writes.map(({ at: places }) => ({ ...nothing, at: places })))
  const result = { ...computed([...scope.decides, ...scope.writes]), at }
  walk.calls.set(key, result)
  return result
}

function walkList(scope: Scope, list: ast.ListNode): void {
  const known = scope.variables.length
  for (const node of list.nodes) walkStatement(scope, node)
  scope.variables.length = known
}

function walkStatement(scope: Scope, node: ast.Statement): void {
  if (scope.walk.budget-- <= 0) return
  switch (node.type) {
    case 'action': {
      const value = pipe(scope, node.pipe)
      if (node.pipe.declared.length === 0) scope.writes.push(value)
      return
    }
    case 'if':
    case 'with':
    case 'range':
      return walkBranch(scope, node)
    case 'template': {
      const value = node.pipe === undefined ? nothing : pipe(scope, node.pipe)
      scope.writes.push(call(scope, node.name, value))
      return
    }
    default:
  }
}

function walkBranch(scope: Scope, node: ast.BranchNode): void {
  const { walk, variables, dot } = scope
  const known = variables.length
  const value = pipe(scope, node.pipe, node.type === 'range')
  scope.decides.push(computed([value]))
  const around = walk.test
  walk.test = addTest(walk, node.pipe, node.type, value)
  if (node.type !== 'if') scope.dot = node.type === 'range' ? elementOf(value) : value
  if (node.type === 'range') declareElements(scope, node.pipe, value)
  walkList(scope, node.list)
  scope.dot = dot
  if (node.elseList !== undefined) walkList(scope, node.elseList)
  variables.length = known
  walk.test = around
}

function declareElements(scope: Scope, { declared, assigns }: ast.PipeNode, value: Known): void {
  const names = declared.map(({ names: [name = '$'] }) => name)
  for (const [at, name] of names.entries()) {
    const last = at === names.length - 1
    setVariable(scope, name, last ? scope.dot : computed([value]), assigns)
  }
}

function setVariable({ variables }: Scope, name: string, value: Known, assigns: boolean): void {
  const known = assigns ? variables.findLast((variable) => variable.name === name) : undefined
  // an assignment may stand in a branch that is not taken
  if (known === undefined) variables.push({ name, value })
  else known.value = anyOf([known.value, value])
}

function addTest(walk: Walk, node: ast.PipeNode, kind: Test['kind'], value: Known): Test | undefined {
  if (value.reads.length + value.apis.length === 0) return walk.test
  const key = `${node.source.file}\0${String(node.at)}\0${kind}\0${value.reads.join(',')}\0${value.apis.join(',')}`
  let test = walk.tests.get(key)
  if (test === undefined) {
    test = { node, kind, value, within: walk.test }
    walk.tests.set(key, test)
  }
  return test
}

/** The value of a pipeline; its declarations are made unless the caller makes them. */
function pipe(scope: Scope, node: ast.PipeNode, declares = false): Known {
  let value: Known | undefined
  for (const command of node.commands) value = runCommand(scope, node, command, value)
  const found = value ?? nothing
  for (const path of found.reads) scope.walk.paths.add(path)
  if (!declares) for (const { names } of node.declared) setVariable(scope, names[0] ?? '$', found, node.assigns)
  return found
}

function runCommand(scope: Scope, around: ast.PipeNode, { args }: ast.CommandNode, piped: Known | undefined): Known {
  const [first, ...others] = args
  if (first === undefined) return nothing
  const given = (): Known[] => [...others.map((arg) => operand(scope, arg)), ...(piped === undefined ? [] : [piped])]
  if (first.type === 'identifier') return callFunction(scope, around, first.name, given())
  if (others.length === 0 && piped === undefined) return operand(scope, first)
  const all = given()
  return method(scope, first, all) ?? computed([operand(scope, first), ...all])
}

/** A method with arguments: `.Capabilities.APIVersions.Has` alone is one that matters. */
function method(scope: Scope, node: ast.Expression, args: readonly Known[]): Known | undefined {
  if (!('names' in node) || node.names.at(-1) !== 'Has') return undefined
  const receiver = operand(scope, { ...node, names: node.names.slice(0, -1) })
  return receiver.capabilities === 'apis' ? withApi(args[0] ?? nothing) : undefined
}

function callFunction(scope: Scope, around: ast.PipeNode, name: string, args: readonly Known[]): Known {
  const { walk } = scope
  if (name === 'include') {
    const [template = nothing, data = nothing] = args
    const written = typeof template.literal === 'string' ? call(scope, template.literal, data) : computed([data])
    return sameAs(written, [computed([template])])
  }
  if (name === 'tpl')
    return sameAs(callText(scope, args[0] ?? nothing, args[1] ?? nothing), [computed(args.slice(0, 1))])
  if (name === 'ternary') addTest(walk, around, 'ternary', computed(args.slice(2)))
  return callOf(name, args, walk.normal)
}

/** Default values may be templates themselves. */
function callText({ walk }: Scope, text: Known, data: Known): Known {
  const trees = text.at.flatMap((place) => walk.textAt(place))
  return anyOf([text, ...trees.map((tree) => walkTemplate(walk, tree, data))])
}

function call({ walk }: Scope, name: string, data: Known): Known {
  const tree = walk.templates.get(name)
  return tree === undefined ? computed([data]) : walkTemplate(walk, tree, data)
}

function operand(scope: Scope, node: ast.Expression): Known {
  const { walk, variables } = scope
  walk.budget--
  const fields = (value: Known, names: readonly string[]): Known =>
    names.reduce((inner, name) => fieldOf(inner, name, walk.normal), value)
  switch (node.type) {
    case 'pipe':
      return pipe(scope, node)
    case 'dot':
      return scope.dot
    case 'field':
      return fields(scope.dot, node.names)
    case 'variable': {
      const [name, ...names] = node.names
      return fields(variables.findLast((variable) => variable.name === name)?.value ?? nothing, names)
    }
    case 'chain':
      return fields(operand(scope, node.node), node.names)
    case 'identifier':
      return nothing
    case 'nil':
      return literal(null)
    case 'bool':
      return literal(node.value)
    case 'string':
      return literal(node.text)
    case 'number':
      return literal(Number(node.value.int ?? node.value.float ?? 0))
  }
}

/** What a chart's templates see as their root. */
export function rootOf(prefix: Place, subcharts: ReadonlyMap<string, Known>): Known {
  const fields = new Map<string, Known>([
    ['Values', valueAt([prefix])],
    ['Capabilities', { ...nothing, capabilities: 'all' }],
    ['Subcharts', { ...nothing, fields: subcharts }],
  ])
  return { ...nothing, fields }
}
