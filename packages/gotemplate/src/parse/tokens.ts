import { parseError } from '../errors.js'
import type { Source } from './ast.js'
import type { Lexer } from './lex.js'
import { showToken, type Token, type TokenType } from './token.js'

/** The parser of one template: the tokens looked ahead, and what is known at this point of the text. */
export interface Parser {
  readonly source: Source
  readonly lexer: Lexer
  readonly isFunction: (name: string) => boolean
  /** The tokens looked ahead, the next one last; the first one also tells the line of errors. */
  readonly tokens: [Token, Token, Token]
  ahead: number
  /** Variables that are known here. */
  readonly vars: string[]
  rangeDepth: number
  /** Nesting of parentheses and blocks. */
  depth: number
  /** The line of the action that is being parsed; 0 outside. */
  actionLine: number
}

const start: Token = { type: 'EOF', at: 0, text: '', line: 0 }

export function createParser(source: Source, lexer: Lexer, isFunction: (name: string) => boolean): Parser {
  return {
    source,
    lexer,
    isFunction,
    tokens: [start, start, start],
    ahead: 0,
    vars: ['$'],
    rangeDepth: 0,
    depth: 0,
    actionLine: 0,
  }
}

export function next(p: Parser): Token {
  if (p.ahead > 0) p.ahead--
  else p.tokens[0] = p.lexer.next()
  return p.tokens[p.ahead] ?? start
}

export function peek(p: Parser): Token {
  const token = next(p)
  p.ahead++
  return token
}

export function nextNonSpace(p: Parser): Token {
  for (;;) {
    const token = next(p)
    if (token.type !== 'space') return token
  }
}

export function peekNonSpace(p: Parser): Token {
  const token = nextNonSpace(p)
  p.ahead++
  return token
}

/** Puts back the last token, and up to two others before it, the latest first. */
export function putBack(p: Parser, before?: Token, earlier?: Token): void {
  if (before === undefined) {
    p.ahead += 1
    return
  }
  p.tokens[1] = before
  p.ahead = 2
  if (earlier === undefined) return
  p.tokens[2] = earlier
  p.ahead = 3
}

export function fail(p: Parser, detail: string): never {
  throw parseError(p.source.file, p.tokens[0].line, detail)
}

export function unexpected(p: Parser, token: Token, context: string): never {
  if (token.type !== 'error') return fail(p, `unexpected ${showToken(token)} in ${context}`)
  if (p.actionLine === 0 || p.actionLine === token.line) return fail(p, token.text)
  const started = `started at ${p.source.file}:${p.actionLine}`
  return fail(p, token.text + (token.text.endsWith(' action') ? ` ${started}` : ` in action ${started}`))
}

export function expect(p: Parser, context: string, ...types: readonly TokenType[]): Token {
  const token = nextNonSpace(p)
  return types.includes(token.type) ? token : unexpected(p, token, context)
}

/** Nesting that a stack can surely hold. */
const deepest = 1000

/** Parses something nested, within the limit of nesting. */
export function nested<T>(p: Parser, parse: () => T): T {
  if (p.depth >= deepest) fail(p, 'max expression depth exceeded')
  p.depth++
  const parsed = parse()
  p.depth--
  return parsed
}
