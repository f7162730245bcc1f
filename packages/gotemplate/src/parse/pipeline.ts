import { quote } from '../format/quote.js'
import { unquote, unquoteChar } from '../format/unquote.js'
import { showNode, type ChainNode, type CommandNode, type Expression, type PipeNode, type VariableNode } from './ast.js'
import type { Token, TokenType } from './token.js'
import { characterLiteral, complexConstant, numberLiteral, type NumberLiteral } from './number.js'
import { fail, nested, next, nextNonSpace, peek, peekNonSpace, putBack, unexpected, type Parser } from './tokens.js'

function variable(p: Parser, at: number, text: string): VariableNode {
  return { type: 'variable', source: p.source, at, names: [text] }
}

/** Reads `$x :=`, `$x =` or, for `range`, `$i, $x :=`; gives back what is none of them. */
function declaration(p: Parser, context: string): Pick<PipeNode, 'declared' | 'assigns'> {
  const declared: VariableNode[] = []
  for (;;) {
    const token = peekNonSpace(p)
    if (token.type !== 'variable') return { declared, assigns: false }
    next(p)
    const after = peek(p)
    const mark = peekNonSpace(p)
    const comma = mark.type === 'char' && mark.text === ','
    if (mark.type !== 'assign' && mark.type !== 'declare' && !comma) {
      if (after.type === 'space') putBack(p, after, token)
      else putBack(p, token)
      return { declared, assigns: false }
    }
    nextNonSpace(p)
    declared.push(variable(p, token.at, token.text))
    p.vars.push(token.text)
    if (!comma) return { declared, assigns: mark.type === 'assign' }
    if (context !== 'range' || declared.length >= 2) fail(p, `too many declarations in ${context}`)
    if (!['variable', 'rightDelim', 'rightParen'].includes(peekNonSpace(p).type)) {
      fail(p, 'range can only initialize variables')
    }
  }
}

const operands: ReadonlySet<TokenType> = new Set<TokenType>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])

/** Parses a pipeline up to and including the token that ends it. */
export function pipeline(p: Parser, context: string, end: TokenType): PipeNode {
  const { at } = peekNonSpace(p)
  const { declared, assigns } = declaration(p, context)
  const commands: CommandNode[] = []
  for (;;) {
    const token = nextNonSpace(p)
    if (token.type === end) break
    if (!operands.has(token.type)) unexpected(p, token, context)
    putBack(p)
    commands.push(command(p))
  }
  checkCommands(p, commands, context)
  return { type: 'pipe', source: p.source, at, declared, assigns, commands }
}

const notExecutable = new Set(['bool', 'dot', 'nil', 'number', 'string'])

function checkCommands(p: Parser, commands: readonly CommandNode[], context: string): void {
  if (commands.length === 0) fail(p, `missing value for ${context}`)
  for (const [index, { args }] of commands.entries()) {
    if (index > 0 && notExecutable.has(args[0]?.type ?? '')) {
      fail(p, `non executable command in pipeline stage ${index + 1}`)
    }
  }
}

function command(p: Parser): CommandNode {
  const { at } = peekNonSpace(p)
  const args: Expression[] = []
  for (;;) {
    peekNonSpace(p)
    const arg = operand(p)
    if (arg !== undefined) args.push(arg)
    const token = next(p)
    if (token.type === 'space') continue
    if (token.type === 'rightDelim' || token.type === 'rightParen') putBack(p)
    else if (token.type !== 'pipe') unexpected(p, token, 'operand')
    break
  }
  if (args.length === 0) fail(p, 'empty command')
  return { type: 'command', source: p.source, at, args }
}

/** A term, and the fields that follow it. */
function operand(p: Parser): Expression | undefined {
  const node = term(p)
  if (node === undefined || peek(p).type !== 'field') return node
  const { at } = peek(p)
  const names: string[] = []
  while (peek(p).type === 'field') names.push(next(p).text.slice(1))
  switch (node.type) {
    case 'field':
    case 'variable':
      return { ...node, at, names: [...node.names, ...names] }
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return fail(p, `unexpected . after term ${quote(showNode(node))}`)
    default:
      return { type: 'chain', source: p.source, at, node, names } satisfies ChainNode
  }
}

function term(p: Parser): Expression | undefined {
  const { source } = p
  const token = nextNonSpace(p)
  const { at, text } = token
  switch (token.type) {
    case 'identifier':
      if (!p.isFunction(text)) fail(p, `function ${quote(text)} not defined`)
      return { type: 'identifier', source, at, name: text }
    case 'dot':
    case 'nil':
      return { type: token.type, source, at }
    case 'variable':
      if (!p.vars.includes(text)) fail(p, `undefined variable ${quote(text)}`)
      return { type: 'variable', source, at, names: [text] }
    case 'field':
      return { type: 'field', source, at, names: [text.slice(1)] }
    case 'bool':
      return { type: 'bool', source, at, value: text === 'true' }
    case 'charConstant':
    case 'complex':
    case 'number':
      return { type: 'number', source, at, value: literal(p, token) }
    case 'leftParen':
      return nested(p, () => pipeline(p, 'parenthesized pipeline', 'rightParen'))
    case 'string':
    case 'rawString':
      return { type: 'string', source, at, quoted: text, text: stringLiteral(p, token) }
    default:
      putBack(p)
      return undefined
  }
}

/** The text of a string token. */
export function stringLiteral(p: Parser, token: Token): string {
  return unquote(token.text) ?? fail(p, 'invalid syntax')
}

function literal(p: Parser, { type, text }: Token): NumberLiteral {
  if (type === 'charConstant') {
    const code = unquoteChar(text)
    if (code !== undefined) return characterLiteral(text, code)
    const several = text.length > 2 && unquote(`"${text.slice(1, -1).replaceAll('"', '\\"')}"`) !== undefined
    return fail(p, several ? `malformed character constant: ${text}` : 'invalid syntax')
  }
  if (type === 'complex') return complexConstant(text) ?? fail(p, 'syntax error scanning complex number')
  const number = numberLiteral(text, quote(text))
  return typeof number === 'string' ? fail(p, number) : number
}
