import { byteLength } from '../bytes.js'
import { quote } from '../format/quote.js'
import type { NumberLiteral } from './number.js'

/** The text that nodes come from. */
export interface Source {
  /** The name under which the text was parsed. */
  readonly file: string
  readonly text: string
}

interface Place {
  readonly source: Source
  /** UTF-16 index in the text. */
  readonly at: number
}

export interface TextNode extends Place {
  readonly type: 'text'
  readonly text: string
}
export interface ActionNode extends Place {
  readonly type: 'action'
  readonly pipe: PipeNode
}
export interface BranchNode extends Place {
  readonly type: 'if' | 'with' | 'range'
  readonly pipe: PipeNode
  readonly list: ListNode
  readonly elseList: ListNode | undefined
}
export interface TemplateNode extends Place {
  readonly type: 'template'
  readonly name: string
  readonly pipe: PipeNode | undefined
}
export interface JumpNode extends Place {
  readonly type: 'break' | 'continue'
}
export interface ListNode extends Place {
  readonly type: 'list'
  readonly nodes: readonly Statement[]
}
export type Statement = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode

export interface PipeNode extends Place {
  readonly type: 'pipe'
  readonly declared: readonly VariableNode[]
  readonly assigns: boolean
  readonly commands: readonly CommandNode[]
}
export interface CommandNode extends Place {
  readonly type: 'command'
  readonly args: readonly Expression[]
}
export interface VariableNode extends Place {
  readonly type: 'variable'
  /** The variable with its `$`, then fields. */
  readonly names: readonly string[]
}
export interface FieldNode extends Place {
  readonly type: 'field'
  readonly names: readonly string[]
}
export interface ChainNode extends Place {
  readonly type: 'chain'
  readonly node: Expression
  readonly names: readonly string[]
}
export interface IdentifierNode extends Place {
  readonly type: 'identifier'
  readonly name: string
}
export interface DotNode extends Place {
  readonly type: 'dot'
}
export interface NilNode extends Place {
  readonly type: 'nil'
}
export interface BoolNode extends Place {
  readonly type: 'bool'
  readonly value: boolean
}
export interface NumberNode extends Place {
  readonly type: 'number'
  readonly value: NumberLiteral
}
export interface StringNode extends Place {
  readonly type: 'string'
  readonly quoted: string
  readonly text: string
}
export type Expression =
  | PipeNode
  | VariableNode
  | FieldNode
  | ChainNode
  | IdentifierNode
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode
export type Node = Statement | ListNode | Expression | CommandNode

/** One template of a text: the text itself, or a definition in it. */
export interface Tree {
  readonly name: string
  readonly source: Source
  readonly root: ListNode
}

const blank = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/

/** Whether a template has nothing but white space and definitions; such a one never replaces another. */
export function isEmpty(list: ListNode): boolean {
  return list.nodes.every((node) => node.type === 'text' && blank.test(node.text))
}

function showOperand(node: Expression): string {
  return node.type === 'pipe' ? `(${showNode(node)})` : showNode(node)
}

function showPipe({ declared, assigns, commands }: PipeNode): string {
  const names = declared.map(showNode).join(', ')
  const body = commands.map(showNode).join(' | ')
  return names === '' ? body : `${names}${assigns ? ' = ' : ' := '}${body}`
}

function showBranch({ type, pipe, list, elseList }: BranchNode): string {
  const otherwise = elseList === undefined ? '' : `{{else}}${showNode(elseList)}`
  return `{{${type} ${showNode(pipe)}}}${showNode(list)}${otherwise}{{end}}`
}

/** A node in Go's normal form, as messages show it. */
export function showNode(node: Node): string {
  switch (node.type) {
    case 'text':
      return node.text
    case 'action':
      return `{{${showNode(node.pipe)}}}`
    case 'if':
    case 'with':
    case 'range':
      return showBranch(node)
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${showNode(node.pipe)}`}}}`
    case 'break':
    case 'continue':
      return `{{${node.type}}}`
    case 'list':
      return node.nodes.map(showNode).join('')
    case 'pipe':
      return showPipe(node)
    case 'command':
      return node.args.map(showOperand).join(' ')
    case 'variable':
      return node.names.join('.')
    case 'field':
      return node.names.map((name) => `.${name}`).join('')
    case 'chain':
      return showOperand(node.node) + node.names.map((name) => `.${name}`).join('')
    case 'identifier':
      return node.name
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'number':
      return node.value.text
    case 'string':
      return node.quoted
  }
}

const lineStarts = new WeakMap<Source, readonly number[]>()

function startsOf(source: Source): readonly number[] {
  let starts = lineStarts.get(source)
  if (starts === undefined) {
    const found = [0]
    for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) found.push(at + 1)
    lineStarts.set(source, (starts = found))
  }
  return starts
}

/** Line (from 1) and column (bytes, from 0) of a node. */
export function placeOf({ source, at }: Place): { readonly line: number; readonly column: number } {
  const starts = startsOf(source)
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= at) low = middle
    else high = middle
  }
  return { line: low + 1, column: byteLength(source.text.slice(starts[low], at)) }
}
