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
import type { Delimiters, Token } from './token.js'
import { pipeline, stringLiteral } from './pipeline.js'
import {
  createParser,
  expect,
  fail,
  nested,
  next,
  nextNonSpace,
  peek,
  peekNonSpace,
  putBack,
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
  const at = peek(p).at
  const nodes: Statement[] = []
  while (peek(p).type !== 'EOF') {
    if (peek(p).type === 'leftDelim') {
      const delimiter = next(p)
      if (nextNonSpace(p).type === 'define') {
        define(child(p), trees)
        continue
      }
      putBack(p, delimiter)
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
  const name = stringLiteral(p, expect(p, context, 'string', 'rawString'))
  expect(p, context, 'rightDelim')
  const [root, end] = statements(p, trees)
  if (end.type !== 'end') fail(p, `unexpected {{else}} in ${context}`)
  add(p, trees, { name, source: p.source, root })
}

function statements(p: Parser, trees: Trees): [ListNode, End] {
  const { at } = peekNonSpace(p)
  const nodes: Statement[] = []
  while (peekNonSpace(p).type !== 'EOF') {
    const node = statement(p, trees)
    if (isEnd(node)) return [{ type: 'list', source: p.source, at, nodes }, node]
    nodes.push(node)
  }
  return fail(p, 'unexpected EOF')
}

function statement(p: Parser, trees: Trees): Statement | End {
  const token = nextNonSpace(p)
  if (token.type === 'text') return { type: 'text', source: p.source, at: token.at, text: token.text }
  if (token.type !== 'leftDelim') return unexpected(p, token, 'input')
  p.actionLine = token.line
  const node = action(p, trees)
  p.actionLine = 0
  return node
}

function action(p: Parser, trees: Trees): Statement | End {
  const token = nextNonSpace(p)
  switch (token.type) {
    case 'block':
      return block(p, trees)
    case 'break':
    case 'continue':
      return jump(p, token, token.type)
    case 'else':
      return elseClause(p)
    case 'end':
      return { type: 'end', at: expect(p, 'end', 'rightDelim').at }
    case 'if':
    case 'range':
    case 'with':
      return control(p, trees, token.type)
    case 'template':
      return template(p)
    default: {
      putBack(p)
      const { at } = peek(p)
      return { type: 'action', source: p.source, at, pipe: pipeline(p, 'command', 'rightDelim') }
    }
  }
}

function jump(p: Parser, { at }: Token, type: 'break' | 'continue'): Statement {
  const token = nextNonSpace(p)
  if (token.type !== 'rightDelim') unexpected(p, token, `{{${type}}}`)
  if (p.rangeDepth === 0) fail(p, `{{${type}}} outside {{range}}`)
  return { type, source: p.source, at }
}

function elseClause(p: Parser): End {
  const token = peekNonSpace(p)
  if (token.type === 'if' || token.type === 'with') return { type: 'else', at: token.at }
  return { type: 'else', at: expect(p, 'else', 'rightDelim').at }
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
  if (type !== 'range' && peek(p).type === type) {
    next(p)
    return { type: 'list', source: p.source, at, nodes: [control(p, trees, type)] }
  }
  const [list, end] = statements(p, trees)
  if (end.type !== 'end') fail(p, 'expected end; found {{else}}')
  return list
}

function templateName(p: Parser, token: Token, context: string): string {
  return token.type === 'string' || token.type === 'rawString' ? stringLiteral(p, token) : unexpected(p, token, context)
}

function block(p: Parser, trees: Trees): TemplateNode {
  const context = 'block clause'
  const token = nextNonSpace(p)
  const name = templateName(p, token, context)
  const pipe = pipeline(p, context, 'rightDelim')
  const inner = child(p)
  const [root, end] = nested(inner, () => statements(inner, trees))
  if (end.type !== 'end') fail(p, `unexpected {{else}} in ${context}`)
  add(inner, trees, { name, source: p.source, root })
  return { type: 'template', source: p.source, at: token.at, name, pipe }
}

function template(p: Parser): TemplateNode {
  const context = 'template clause'
  const token = nextNonSpace(p)
  const name = templateName(p, token, context)
  const place = { type: 'template', source: p.source, at: token.at, name } as const
  if (nextNonSpace(p).type === 'rightDelim') return { ...place, pipe: undefined }
  putBack(p)
  return { ...place, pipe: pipeline(p, context, 'rightDelim') }
}
