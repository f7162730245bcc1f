import { sprintf } from '../format/print.js'
import { quote } from '../format/quote.js'
import { isAlphaNumeric, scanNumber } from './scan-number.js'
import { isKeyword, type Delimiters, type Token, type TokenType } from './token.js'

export interface Lexer {
  next(): Token
}

interface State {
  readonly input: string
  readonly delimiters: Delimiters
  /** Words that are functions here, not keywords. */
  readonly notKeywords: ReadonlySet<string>
  at: number
  start: number
  line: number
  /** The next end of a line that is not counted yet. */
  newline: number
  depth: number
  inside: boolean
  failed: boolean
}

const end = -1

export function createLexer(input: string, delimiters: Delimiters, notKeywords: ReadonlySet<string>): Lexer {
  const s: State = {
    input,
    delimiters,
    notKeywords,
    at: 0,
    start: 0,
    line: 1,
    newline: nextNewline(input, 0),
    depth: 0,
    inside: false,
    failed: false,
  }
  return { next: () => (s.failed ? token(s, 'EOF') : s.inside ? insideAction(s) : outside(s)) }
}

function nextNewline(input: string, from: number): number {
  const found = input.indexOf('\n', from)
  return found < 0 ? Infinity : found
}

function lineAt(s: State, index: number): number {
  while (s.newline < index) {
    s.line++
    s.newline = nextNewline(s.input, s.newline + 1)
  }
  return s.line
}

function token(s: State, type: TokenType): Token {
  const made = { type, at: s.start, text: s.input.slice(s.start, s.at), line: lineAt(s, s.start) }
  s.start = s.at
  return made
}

function failure(s: State, text: string): Token {
  s.failed = true
  return { type: 'error', at: s.start, text, line: lineAt(s, s.start) }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a
}

/** The code point at an index; -1 at the end. */
function peek(s: State, at = s.at): number {
  return s.input.codePointAt(at) ?? end
}

function width(code: number): number {
  return code > 0xffff ? 2 : 1
}

function skipSpaces(s: State): void {
  while (isSpace(s.input.charCodeAt(s.at))) s.at++
}

function hasLeftTrim(s: State, at: number): boolean {
  return s.input[at] === '-' && isSpace(s.input.charCodeAt(at + 1))
}

function trimsRight(s: State, at: number): boolean {
  return isSpace(s.input.charCodeAt(at)) && s.input[at + 1] === '-' && s.input.startsWith(s.delimiters.right, at + 2)
}

function atRight(s: State): 'trim' | 'plain' | undefined {
  if (trimsRight(s, s.at)) return 'trim'
  return s.input.startsWith(s.delimiters.right, s.at) ? 'plain' : undefined
}

/** Text up to the next action, without comments and what trim markers remove. */
function outside(s: State): Token {
  for (;;) {
    const found = s.input.indexOf(s.delimiters.left, s.at)
    if (found < 0) {
      s.at = s.input.length
      return token(s, s.at > s.start ? 'text' : 'EOF')
    }
    s.at = found
    const after = found + s.delimiters.left.length
    if (hasLeftTrim(s, after)) while (s.at > s.start && isSpace(s.input.charCodeAt(s.at - 1))) s.at--
    const text = s.at > s.start ? token(s, 'text') : undefined
    s.at = s.start = found
    if (text !== undefined) return text
    const body = hasLeftTrim(s, after) ? after + 2 : after
    if (!s.input.startsWith('/*', body)) return leftDelimiter(s, after, body)
    s.start = body
    const problem = skipComment(s, body)
    if (problem !== undefined) return failure(s, problem)
  }
}

function leftDelimiter(s: State, after: number, body: number): Token {
  s.at = after
  const made = token(s, 'leftDelim')
  s.inside = true
  s.depth = 0
  s.at = s.start = body
  return made
}

/** Goes behind a comment; the reason if that is impossible. */
function skipComment(s: State, body: number): string | undefined {
  const close = s.input.indexOf('*/', body + 2)
  if (close < 0) return 'unclosed comment'
  s.at = close + 2
  const right = atRight(s)
  if (right === undefined) return 'comment ends before closing delimiter'
  s.at += s.delimiters.right.length + (right === 'trim' ? 2 : 0)
  if (right === 'trim') skipSpaces(s)
  s.start = s.at
  return undefined
}

function rightDelimiter(s: State, trims: boolean): Token {
  if (trims) s.start = s.at += 2
  s.at += s.delimiters.right.length
  const made = token(s, 'rightDelim')
  if (trims) skipSpaces(s)
  s.start = s.at
  s.inside = false
  return made
}

const singles: ReadonlyMap<number, TokenType> = new Map<number, TokenType>([
  [0x3d, 'assign'],
  [0x7c, 'pipe'],
])

function insideAction(s: State): Token {
  const right = atRight(s)
  if (right !== undefined)
    return s.depth === 0 ? rightDelimiter(s, right === 'trim') : failure(s, 'unclosed left paren')
  const code = peek(s)
  if (code === end) return failure(s, 'unclosed action')
  if (isSpace(code)) return space(s)
  const single = singles.get(code)
  if (single !== undefined) {
    s.at++
    return token(s, single)
  }
  return operand(s, code)
}

function operand(s: State, code: number): Token {
  switch (code) {
    case 0x3a: // :
      s.at += 2
      return s.input[s.at - 1] === '=' ? token(s, 'declare') : failure(s, 'expected :=')
    case 0x22: // "
      return quoted(s, 'string', '"', 'unterminated quoted string')
    case 0x27: // '
      return quoted(s, 'charConstant', "'", 'unterminated character constant')
    case 0x60: // `
      return rawString(s)
    case 0x24: // $
      s.at++
      return name(s, 'variable')
    case 0x28: // (
      s.at++
      s.depth++
      return token(s, 'leftParen')
    case 0x29: // )
      s.at++
      return --s.depth < 0 ? failure(s, 'unexpected right paren') : token(s, 'rightParen')
    default:
      return word(s, code)
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function word(s: State, code: number): Token {
  // A dot may start a number, and at the very end of the input it must.
  if (code === 0x2e && s.at + 1 < s.input.length && !isDigit(s.input.charCodeAt(s.at + 1))) {
    s.at++
    return name(s, 'field')
  }
  if (code === 0x2e || code === 0x2b || code === 0x2d || isDigit(code)) return number(s)
  if (isAlphaNumeric(code)) return identifier(s)
  if (code > 0x20 && code < 0x7f) {
    s.at++
    return token(s, 'char')
  }
  return failure(s, `unrecognized character in action: ${showRune(code)}`)
}

function showRune(code: number): string {
  return sprintf('%#U', [BigInt(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code)])
}

function badCharacter(s: State): Token {
  return failure(s, `bad character ${showRune(peek(s))}`)
}

function space(s: State): Token {
  const from = s.at
  skipSpaces(s)
  if (trimsRight(s, s.at - 1)) {
    s.at--
    if (s.at === from) return rightDelimiter(s, true)
  }
  return token(s, 'space')
}

function isTerminator(code: number): boolean {
  // . , | : ) (
  return code === 0x2e || code === 0x2c || code === 0x7c || code === 0x3a || code === 0x29 || code === 0x28
}

function atTerminator(s: State): boolean {
  const code = s.at < s.input.length ? s.input.charCodeAt(s.at) : end
  if (code === end || isSpace(code) || isTerminator(code)) return true
  return s.input.startsWith(s.delimiters.right, s.at)
}

function skipAlphaNumeric(s: State): void {
  for (let code = peek(s); code !== end && isAlphaNumeric(code); code = peek(s)) s.at += width(code)
}

function identifier(s: State): Token {
  skipAlphaNumeric(s)
  if (!atTerminator(s)) return badCharacter(s)
  const text = s.input.slice(s.start, s.at)
  if (isKeyword(text) && !s.notKeywords.has(text)) return token(s, text)
  return token(s, text === 'true' || text === 'false' ? 'bool' : 'identifier')
}

/** What follows `.` or `$`. */
function name(s: State, type: 'field' | 'variable'): Token {
  if (atTerminator(s)) return token(s, type === 'field' ? 'dot' : 'variable')
  skipAlphaNumeric(s)
  return atTerminator(s) ? token(s, type) : badCharacter(s)
}

function quoted(s: State, type: TokenType, mark: string, problem: string): Token {
  for (s.at++; ; s.at++) {
    const char = s.input[s.at]
    if (char === undefined || char === '\n') return failure(s, problem)
    if (char === mark) break
    if (char !== '\\') continue
    s.at++
    if (s.at >= s.input.length || s.input[s.at] === '\n') return failure(s, problem)
  }
  s.at++
  return token(s, type)
}

function rawString(s: State): Token {
  const close = s.input.indexOf('`', s.at + 1)
  if (close < 0) return failure(s, 'unterminated raw quoted string')
  s.at = close + 1
  return token(s, 'rawString')
}

function number(s: State): Token {
  const first = scanNumber(s.input, s.at)
  s.at = first.end
  const sign = s.input[s.at]
  if (first.good && sign !== '+' && sign !== '-') return token(s, 'number')
  // Only a complex constant goes on with a sign.
  const second = first.good ? scanNumber(s.input, s.at) : first
  s.at = second.end
  if (second.good && s.input[s.at - 1] === 'i') return token(s, 'complex')
  return failure(s, `bad number syntax: ${quote(s.input.slice(s.start, s.at))}`)
}
