import { sprintf } from '../format/print.js'
import { quote } from '../format/quote.js'
import { isAlphaNumeric, scanNumber } from './scan-number.js'
import { isKeyword, type Delimiters, type TokenType } from './token.js'

/**
 * Goes through a template a piece at a time: a text, or a whole action. The tokens of the piece stand in columns that each piece overwrites:
 * there are no objects for them, nor for the spaces between them, which a process that renders once would feel.
 */
export interface Lexer {
  readonly input: string
  readonly delimiters: Delimiters
  /** Words that are functions here, not keywords. */
  readonly notKeywords: ReadonlySet<string>
  readonly types: TokenType[]
  /** UTF-16 indexes of the first unit of each token, and of the first after it. */
  readonly starts: number[]
  readonly ends: number[]
  /** Whether spaces stand before a token of an action. */
  readonly spaced: boolean[]
  /** How many tokens the piece has. */
  count: number
  /** Which token of the piece is the next to be taken, and the last one that anybody looked at. */
  next: number
  reached: number
  /** What is wrong, when the last token is an `error`. */
  problem: string
  /** Where the next piece begins. */
  at: number
}

export function createLexer(input: string, delimiters: Delimiters, notKeywords: ReadonlySet<string>): Lexer {
  const columns = { types: [], starts: [], ends: [], spaced: [] }
  return { input, delimiters, notKeywords, ...columns, count: 0, next: 0, reached: 0, problem: '', at: 0 }
}

/** The line of an index, from 1. */
export function lineOf({ input }: Lexer, index: number): number {
  let line = 1
  for (let at = input.indexOf('\n'); at >= 0 && at < index; at = input.indexOf('\n', at + 1)) line++
  return line
}

/** Puts the tokens of the next piece into the columns: a text, an action from `leftDelim` to `rightDelim` or `error`, or `EOF`. */
export function scan(l: Lexer): void {
  l.count = l.next = l.reached = 0
  const { input, delimiters } = l
  const size = delimiters.left.length
  for (;;) {
    const from = l.at
    const left = input.indexOf(delimiters.left, from)
    if (left < 0) return rest(l, from)
    const trims = hasLeftTrim(input, left + size)
    const body = left + size + (trims ? 2 : 0)
    const end = trims ? beforeSpaces(input, from, left) : left
    if (end > from) {
      l.at = left
      return add(l, 'text', from, end, false)
    }
    if (!input.startsWith('/*', body)) {
      add(l, 'leftDelim', left, left + size, false)
      return scanAction(l, body)
    }
    const problem = skipComment(l, body)
    if (problem !== undefined) return failure(l, body, problem)
  }
}

function rest(l: Lexer, from: number): void {
  const end = (l.at = l.input.length)
  add(l, end > from ? 'text' : 'EOF', from, end, false)
}

function add(l: Lexer, type: TokenType, start: number, end: number, spaced: boolean): void {
  const at = l.count++
  l.types[at] = type
  l.starts[at] = start
  l.ends[at] = end
  l.spaced[at] = spaced
}

/** Adds an error, which is the last token that there is. */
function failure(l: Lexer, start: number, problem: string): void {
  l.problem = problem
  l.at = l.input.length
  add(l, 'error', start, start, false)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a
}

function afterSpaces(input: string, from: number): number {
  let at = from
  while (isSpace(input.charCodeAt(at))) at++
  return at
}

function beforeSpaces(input: string, from: number, end: number): number {
  let at = end
  while (at > from && isSpace(input.charCodeAt(at - 1))) at--
  return at
}

function hasLeftTrim(input: string, at: number): boolean {
  return input.charCodeAt(at) === 0x2d && isSpace(input.charCodeAt(at + 1))
}

/** Goes behind a comment; the reason if that is impossible. */
function skipComment(l: Lexer, body: number): string | undefined {
  const { input, delimiters } = l
  const close = input.indexOf('*/', body + 2)
  if (close < 0) return 'unclosed comment'
  const at = close + 2
  const trims = isSpace(input.charCodeAt(at)) && input.charCodeAt(at + 1) === 0x2d
  if (trims && input.startsWith(delimiters.right, at + 2)) {
    l.at = afterSpaces(input, at + 2 + delimiters.right.length)
    return undefined
  }
  if (!input.startsWith(delimiters.right, at)) return 'comment ends before closing delimiter'
  l.at = at + delimiters.right.length
  return undefined
}

/** The tokens after a left delimiter. */
function scanAction(l: Lexer, body: number): void {
  const { input, delimiters } = l
  const { right } = delimiters
  const rightCode = right.charCodeAt(0)
  let depth = 0
  let at = body
  for (;;) {
    const from = at
    at = afterSpaces(input, at)
    const spaced = at > from
    const code = input.charCodeAt(at)
    const trims = spaced && code === 0x2d && input.startsWith(right, at + 1)
    if (trims || (code === rightCode && input.startsWith(right, at))) {
      if (depth > 0) return failure(l, trims ? at - 1 : at, 'unclosed left paren')
      return rightDelimiter(l, trims ? at + 1 : at, trims)
    }
    if (code === 0x28) depth++
    else if (code === 0x29 && --depth < 0) return failure(l, at, 'unexpected right paren')
    const end = scanToken(l, at, code, spaced)
    if (end < 0) return
    at = end
  }
}

function rightDelimiter(l: Lexer, start: number, trims: boolean): void {
  const end = start + l.delimiters.right.length
  add(l, 'rightDelim', start, end, false)
  l.at = trims ? afterSpaces(l.input, end) : end
}

const failed = -1

function fail(l: Lexer, start: number, problem: string): number {
  failure(l, start, problem)
  return failed
}

function addToken(l: Lexer, type: TokenType, start: number, end: number, spaced: boolean): number {
  add(l, type, start, end, spaced)
  return end
}

/** Adds one token of an action and tells where it ends, or that it cannot be one. */
function scanToken(l: Lexer, at: number, code: number, spaced: boolean): number {
  if (isWord(code)) return code >= 48 && code <= 57 ? number(l, at, spaced) : identifier(l, at, spaced)
  switch (code) {
    case 0x2e: // .
      return dot(l, at, spaced)
    case 0x24: // $
      return name(l, at, 'variable', 'variable', spaced)
    case 0x22: // "
      return quoted(l, at, 'string', code, spaced)
    case 0x27: // '
      return quoted(l, at, 'charConstant', code, spaced)
    case 0x60: // `
      return rawString(l, at, spaced)
    case 0x28: // (
      return addToken(l, 'leftParen', at, at + 1, spaced)
    case 0x29: // )
      return addToken(l, 'rightParen', at, at + 1, spaced)
    case 0x7c: // |
      return addToken(l, 'pipe', at, at + 1, spaced)
    case 0x3d: // =
      return addToken(l, 'assign', at, at + 1, spaced)
    case 0x3a: // :
      if (l.input.charCodeAt(at + 1) !== 0x3d) return fail(l, at, 'expected :=')
      return addToken(l, 'declare', at, at + 2, spaced)
    case 0x2b: // +
    case 0x2d: // -
      return number(l, at, spaced)
    default:
      return other(l, at, spaced)
  }
}

/** Whether a unit is a letter, a digit or `_` of ASCII. */
function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95
}

function other(l: Lexer, at: number, spaced: boolean): number {
  const code = l.input.codePointAt(at)
  if (code === undefined) return fail(l, at, 'unclosed action')
  if (isAlphaNumeric(code)) return identifier(l, at, spaced)
  if (code > 0x20 && code < 0x7f) return addToken(l, 'char', at, at + 1, spaced)
  return fail(l, at, `unrecognized character in action: ${showRune(code)}`)
}

function showRune(code: number): string {
  return sprintf('%#U', [BigInt(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code)])
}

/** A dot may start a number, and at the very end of the input it must. */
function dot(l: Lexer, at: number, spaced: boolean): number {
  const next = l.input.charCodeAt(at + 1)
  return Number.isNaN(next) || (next >= 48 && next <= 57) ? number(l, at, spaced) : name(l, at, 'field', 'dot', spaced)
}

/** The end of a word that may be empty. */
function wordEnd(input: string, from: number): number {
  let at = from
  while (isWord(input.charCodeAt(at))) at++
  if (!(input.charCodeAt(at) >= 0x80)) return at
  for (let code = input.codePointAt(at); code !== undefined && isAlphaNumeric(code); code = input.codePointAt(at)) {
    at += code > 0xffff ? 2 : 1
  }
  return at
}

function atTerminator({ input, delimiters }: Lexer, at: number): boolean {
  const code = input.charCodeAt(at)
  if (isSpace(code) || Number.isNaN(code)) return true
  // . , | : ) (
  if (code === 0x2e || code === 0x2c || code === 0x7c || code === 0x3a || code === 0x29 || code === 0x28) return true
  return input.startsWith(delimiters.right, at)
}

function badCharacter(l: Lexer, start: number, at: number): number {
  return fail(l, start, `bad character ${showRune(l.input.codePointAt(at) ?? -1)}`)
}

function identifier(l: Lexer, start: number, spaced: boolean): number {
  const end = wordEnd(l.input, start)
  if (!atTerminator(l, end)) return badCharacter(l, start, end)
  return addToken(l, wordType(l, l.input.slice(start, end)), start, end, spaced)
}

function wordType(l: Lexer, word: string): TokenType {
  if (isKeyword(word) && !l.notKeywords.has(word)) return word
  return word === 'true' || word === 'false' ? 'bool' : 'identifier'
}

/** `.` or `$` and what follows it; `bare` is its type when nothing does. */
function name(l: Lexer, start: number, type: TokenType, bare: TokenType, spaced: boolean): number {
  const end = wordEnd(l.input, start + 1)
  if (!atTerminator(l, end)) return badCharacter(l, start, end)
  return addToken(l, end === start + 1 ? bare : type, start, end, spaced)
}

const unterminated = { string: 'unterminated quoted string', charConstant: 'unterminated character constant' } as const

function quoted(l: Lexer, start: number, type: 'string' | 'charConstant', mark: number, spaced: boolean): number {
  const { input } = l
  let at = start + 1
  for (let code = input.charCodeAt(at); code !== mark; code = input.charCodeAt(++at)) {
    if (code === 0x5c) code = input.charCodeAt(++at)
    if (code === 0x0a || Number.isNaN(code)) return fail(l, start, unterminated[type])
  }
  return addToken(l, type, start, at + 1, spaced)
}

function rawString(l: Lexer, start: number, spaced: boolean): number {
  const close = l.input.indexOf('`', start + 1)
  if (close < 0) return fail(l, start, 'unterminated raw quoted string')
  return addToken(l, 'rawString', start, close + 1, spaced)
}

function number(l: Lexer, start: number, spaced: boolean): number {
  const { input } = l
  const first = scanNumber(input, start)
  const sign = input[first.end]
  if (first.good && sign !== '+' && sign !== '-') return addToken(l, 'number', start, first.end, spaced)
  // Only a complex constant goes on with a sign.
  const second = first.good ? scanNumber(input, first.end) : first
  if (second.good && input[second.end - 1] === 'i') return addToken(l, 'complex', start, second.end, spaced)
  return fail(l, start, `bad number syntax: ${quote(input.slice(start, second.end))}`)
}
