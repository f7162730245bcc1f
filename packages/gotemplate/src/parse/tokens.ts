import { parseError } from '../errors.js'
import type { Source } from './ast.js'
import { lineOf, scan, type Lexer } from './lex.js'
import { showToken, type TokenType } from './token.js'

/** The parser of one template, and what is known at this point of the text. */
export interface Parser {
  readonly source: Source
  readonly lexer: Lexer
  readonly isFunction: (name: string) => boolean
  /** Variables that are known here. */
  readonly vars: string[]
  rangeDepth: number
  /** Nesting of parentheses and blocks. */
  depth: number
  /** Where the action begins that is being parsed; -1 outside. */
  actionAt: number
}

export function createParser(source: Source, lexer: Lexer, isFunction: (name: string) => boolean): Parser {
  return { source, lexer, isFunction, vars: ['$'], rangeDepth: 0, depth: 0, actionAt: -1 }
}

/** The next token, not taken. */
export function peek({ lexer }: Parser): TokenType {
  if (lexer.next === lexer.count) scan(lexer)
  if (lexer.next > lexer.reached) lexer.reached = lexer.next
  return lexer.types[lexer.next] as TokenType
}

export function take(p: Parser): TokenType {
  const type = peek(p)
  p.lexer.next++
  return type
}

/** Puts back the token that was taken last, or several of the same action. */
export function putBack({ lexer }: Parser, tokens = 1): void {
  lexer.next -= tokens
}

/** Whether spaces stand before the next token of an action. */
export function isSpaced({ lexer }: Parser): boolean {
  return lexer.spaced[lexer.next] === true
}

/** UTF-16 index of the start of the token that was taken last. */
export function startOf({ lexer }: Parser): number {
  return lexer.starts[lexer.next - 1] as number
}

/** UTF-16 index of the start of the next token. */
export function startOfNext(p: Parser): number {
  peek(p)
  return p.lexer.starts[p.lexer.next] as number
}

/** The text of the token that was taken last. */
export function textOf({ lexer }: Parser): string {
  const at = lexer.next - 1
  return lexer.input.slice(lexer.starts[at], lexer.ends[at])
}

/** Go names the line of the last token that anybody looked at. */
export function fail(p: Parser, detail: string): never {
  const { lexer } = p
  throw parseError(p.source.file, lineOf(lexer, lexer.starts[lexer.reached] ?? 0), detail)
}

/** Fails because of the token that was taken last. */
export function unexpected(p: Parser, type: TokenType, context: string): never {
  const { lexer } = p
  if (type !== 'error') return fail(p, `unexpected ${showToken(type, textOf(p))} in ${context}`)
  const line = p.actionAt < 0 ? 0 : lineOf(lexer, p.actionAt)
  if (line === 0 || line === lineOf(lexer, startOf(p))) return fail(p, lexer.problem)
  const started = `started at ${p.source.file}:${line}`
  return fail(p, lexer.problem + (lexer.problem.endsWith(' action') ? ` ${started}` : ` in action ${started}`))
}

/** Takes a token that must be one of some types. */
export function expect(p: Parser, context: string, ...types: readonly TokenType[]): TokenType {
  const type = take(p)
  return types.includes(type) ? type : unexpected(p, type, context)
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
