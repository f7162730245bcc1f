import { quote } from '../format/quote.js'
import { unquote, unquoteChar } from '../format/unquote.js'
import { showNode, type ChainNode, type CommandNode, type Expression, type PipeNode, type VariableNode } from './ast.js'
import type { TokenType } from './token.js'
import { characterLiteral, complexConstant, numberLiteral, type NumberLiteral } from './number.js'
import {
  fail,
  isSpaced,
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

function variable(p: Parser, at: number, text: string): VariableNode {
  return { type: 'variable', source: p.source, at, names: [text] }
}

/** Reads `$x :=`, `$x =` or, for `range`, `$i, $x :=`; gives back what is none of them. */
function declaration(p: Parser, context: string): Pick<PipeNode, 'declared' | 'assigns'> {
  const declared: VariableNode[] = []
  while (peek(p) === 'variable') {
    take(p)
    const [at, text] = [startOf(p), textOf(p)]
    const mark = peek(p)
    const comma = mark === 'char' && isComma(p)
    if (mark !== 'assign' && mark !== 'declare' && !comma) {
      putBack(p)
      break
    }
    take(p)
    declared.push(variable(p, at, text))
    p.vars.push(text)
    if (!comma) return { declared, assigns: mark === 'assign' }
    if (context !== 'range' || declared.length >= 2) fail(p, `too many declarations in ${context}`)
    if (!afterComma.has(peek(p))) fail(p, 'range can only initialize variables')
  }
  return { declared, assigns: false }
}

const afterComma: ReadonlySet<TokenType> = new Set<TokenType>(['variable', 'rightDelim', 'rightParen'])

function isComma(p: Parser): boolean {
  return p.lexer.input.charCodeAt(startOfNext(p)) === 0x2c
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
  const at = startOfNext(p)
  const { declared, assigns } = declaration(p, context)
  const commands: CommandNode[] = []
  for (;;) {
    const type = take(p)
    if (type === end) break
    if (!operands.has(type)) unexpected(p, type, context)
    putBack(p)
    commands.push(command(p))
  }
  checkCommands(p, commands, context)
  return { type: 'pipe', source: p.source, at, declared, assigns, commands }
}

const notExecutable = new Set(['bool', 'dot', 'nil', 'number', 'string'])

function checkCommands(p: Parser, commands: readonly CommandNode[], context: string): void {
  if (commands.length === 0) fail(p, `missing value for ${context}`)
  for (let index = 1; index < commands.length; index++) {
    if (notExecutable.has(commands[index]?.args[0]?.type ?? '')) {
      fail(p, `non executable command in pipeline stage ${index + 1}`)
    }
  }
}

function command(p: Parser): CommandNode {
  const at = startOfNext(p)
  const args: Expression[] = []
  for (;;) {
    const arg = operand(p)
    if (arg !== undefined) args.push(arg)
    if (arg !== undefined && isSpaced(p)) continue
    const type = take(p)
    if (type === 'rightDelim' || type === 'rightParen') putBack(p)
    else if (type !== 'pipe') unexpected(p, type, 'operand')
    break
  }
  if (args.length === 0) fail(p, 'empty command')
  return { type: 'command', source: p.source, at, args }
}

/** A term, and the fields that follow it. */
function operand(p: Parser): Expression | undefined {
  const node = term(p)
  if (node === undefined || !fieldFollows(p)) return node
  const at = startOfNext(p)
  const names: string[] = []
  while (fieldFollows(p)) {
    take(p)
    names.push(textOf(p).slice(1))
  }
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

function fieldFollows(p: Parser): boolean {
  return !isSpaced(p) && peek(p) === 'field'
}

function term(p: Parser): Expression | undefined {
  const { source } = p
  const type = take(p)
  const at = startOf(p)
  switch (type) {
    case 'identifier': {
      const text = textOf(p)
      if (!p.isFunction(text)) fail(p, `function ${quote(text)} not defined`)
      return { type, source, at, name: text }
    }
    case 'dot':
    case 'nil':
      return { type, source, at }
    case 'variable': {
      const text = textOf(p)
      if (!p.vars.includes(text)) fail(p, `undefined variable ${quote(text)}`)
      return { type, source, at, names: [text] }
    }
    case 'field':
      return { type, source, at, names: [textOf(p).slice(1)] }
    case 'bool':
      return { type, source, at, value: textOf(p) === 'true' }
    case 'charConstant':
    case 'complex':
    case 'number':
      return { type: 'number', source, at, value: literal(p, type, textOf(p)) }
    case 'leftParen':
      return nested(p, () => pipeline(p, 'parenthesized pipeline', 'rightParen'))
    case 'string':
    case 'rawString':
      return { type: 'string', source, at, quoted: textOf(p), text: stringLiteral(p) }
    default:
      putBack(p)
      return undefined
  }
}

/** The text of a string, the token that was taken last. */
export function stringLiteral(p: Parser): string {
  return unquote(textOf(p)) ?? fail(p, 'invalid syntax')
}

function literal(p: Parser, type: TokenType, text: string): NumberLiteral {
  if (type === 'charConstant') {
    const code = unquoteChar(text)
    if (code !== undefined) return characterLiteral(text, code)
    const several = text.length > 2 && unquote(`"${text.slice(1, -1).replaceAll('"', '\\"')}"`) !== undefined
    return fail(p, several ? `malformed character constant: ${text}` : 'invalid syntax')
  }
  if (type === 'complex') return complexConstant(text) ?? fail(p, 'syntax error scanning complex number')
  const number = numberLiteral(text)
  return typeof number === 'string' ? fail(p, number) : number
}
