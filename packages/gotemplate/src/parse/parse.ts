import { quote } from '../format/quote.js'
import {
  isEmpty,
  type BranchNode,
  type ListNode,
  type Source,
  type Statement,
  type TemplateNode,
  type Tree,
} from './ast.js'
import { createLexer } from './lex.js'
import type { Delimiters } from './token.js'
import { pipeline, stringLiteral } from './pipeline.js'
import {
  createParser,
  expect,
  fail,
  nested,
  peek,
  putBack,
  startOf,
  startOfNext,
  take,
  textOf,
  unexpected,
  type Parser,
} from './tokens.js'

export interface ParseOptions {
  readonly delimiters: Delimiters
  readonly isFunction: (name: string) => boolean
}

type Trees = Map<string, Tree>

/** What ends a list of statements. */
interface End {
  readonly type: 'end' | 'else'
  readonly at: number
}

/** Parses a text: the template `name` itself and every definition in it. Throws `TemplateError`. */
export function parse(name: string, text: string, { delimiters, isFunction }: ParseOptions): Trees {
  const source: Source = { file: name, text }
  const functions = new Set(['break', 'continue'].filter(isFunction))
  const p = createParser(source, createLexer(text, delimiters, functions), isFunction)
  const trees: Trees = new Map()
  const at = startOfNext(p)
  const nodes: Statement[] = []
  while (peek(p) !== 'EOF') {
    if (peek(p) === 'leftDelim') {
      take(p)
      if (take(p) === 'define') {
        define(child(p), trees)
        continue
      }
      putBack(p, 2)
    }
    const node = statement(p, trees)
    if (isEnd(node)) fail(p, `unexpected {{${node.type}}}`)
    nodes.push(node)
  }
  add(p, trees, { name, source, root: { type: 'list', source, at, nodes } })
  return trees
}

function child(p: Parser): Parser {
  return { ...createParser(p.source, p.lexer, p.isFunction), depth: p.depth }
}

function isEnd(node: Statement | End): node is End {
  return node.type === 'end' || node.type === 'else'
}

function add(p: Parser, trees: Trees, tree: Tree): void {
  const known = trees.get(tree.name)
  if (known === undefined || isEmpty(known.root)) trees.set(tree.name, tree)
  else if (!isEmpty(tree.root)) fail(p, `template: multiple definition of template ${quote(tree.name)}`)
}

function define(p: Parser, trees: Trees): void {
  const context = 'define clause'
  const name = templateName(p, context)
  expect(p, context, 'rightDelim')
  const [root, end] = statements(p, trees)
  if (end.type !== 'end') fail(p, `unexpected {{else}} in ${context}`)
  add(p, trees, { name, source: p.source, root })
}

function statements(p: Parser, trees: Trees): [ListNode, End] {
  const at = startOfNext(p)
  const nodes: Statement[] = []
  while (peek(p) !== 'EOF') {
    const node = statement(p, trees)
    if (isEnd(node)) return [{ type: 'list', source: p.source, at, nodes }, node]
    nodes.push(node)
  }
  return fail(p, 'unexpected EOF')
}

function statement(p: Parser, trees: Trees): Statement | End {
  const type = take(p)
  if (type === 'text') return { type, source: p.source, at: startOf(p), text: textOf(p) }
  if (type !== 'leftDelim') return unexpected(p, type, 'input')
  p.actionAt = startOf(p)
  const node = action(p, trees)
  p.actionAt = -1
  return node
}

function action(p: Parser, trees: Trees): Statement | End {
  const type = take(p)
  switch (type) {
    case 'block':
      return block(p, trees)
    case 'break':
    case 'continue':
      return jump(p, type)
    case 'else':
      return elseClause(p)
    case 'end':
      expect(p, 'end', 'rightDelim')
      return { type, at: startOf(p) }
    case 'if':
    case 'range':
    case 'with':
      return control(p, trees, type)
    case 'template':
      return template(p)
    default:
      putBack(p)
      return { type: 'action', source: p.source, at: startOfNext(p), pipe: pipeline(p, 'command', 'rightDelim') }
  }
}

function jump(p: Parser, type: 'break' | 'continue'): Statement {
  const at = startOf(p)
  const token = take(p)
  if (token !== 'rightDelim') unexpected(p, token, `{{${type}}}`)
  if (p.rangeDepth === 0) fail(p, `{{${type}}} outside {{range}}`)
  return { type, source: p.source, at }
}

function elseClause(p: Parser): End {
  const at = startOfNext(p)
  const token = peek(p)
  if (token !== 'if' && token !== 'with') expect(p, 'else', 'rightDelim')
  return { type: 'else', at }
}

function control(p: Parser, trees: Trees, type: BranchNode['type']): BranchNode {
  return nested(p, () => {
    const known = p.vars.length
    const pipe = pipeline(p, type, 'rightDelim')
    if (type === 'range') p.rangeDepth++
    const [list, end] = statements(p, trees)
    if (type === 'range') p.rangeDepth--
    const elseList = end.type === 'else' ? otherwise(p, trees, type, end) : undefined
    p.vars.length = known
    return { type, source: p.source, at: pipe.at, pipe, list, elseList }
  })
}

function otherwise(p: Parser, trees: Trees, type: BranchNode['type'], { at }: End): ListNode {
  if (type !== 'range' && peek(p) === type) {
    take(p)
    return { type: 'list', source: p.source, at, nodes: [control(p, trees, type)] }
  }
  const [list, end] = statements(p, trees)
  if (end.type !== 'end') fail(p, 'expected end; found {{else}}')
  return list
}

function templateName(p: Parser, context: string): string {
  expect(p, context, 'string', 'rawString')
  return stringLiteral(p)
}

function block(p: Parser, trees: Trees): TemplateNode {
  const context = 'block clause'
  const name = templateName(p, context)
  const at = startOf(p)
  const pipe = pipeline(p, context, 'rightDelim')
  const inner = child(p)
  const [root, end] = nested(inner, () => statements(inner, trees))
  if (end.type !== 'end') fail(p, `unexpected {{else}} in ${context}`)
  add(inner, trees, { name, source: p.source, root })
  return { type: 'template', source: p.source, at, name, pipe }
}

function template(p: Parser): TemplateNode {
  const context = 'template clause'
  const name = templateName(p, context)
  const place = { type: 'template', source: p.source, at: startOf(p), name } as const
  if (take(p) === 'rightDelim') return { ...place, pipe: undefined }
  putBack(p)
  return { ...place, pipe: pipeline(p, context, 'rightDelim') }
}
