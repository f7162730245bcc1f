import {
  type Cursor,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isEnd,
  makeCursor,
  skip,
  skipToBreak,
  skipLine,
  type Mark,
  markOf,
} from './cursor.js'
import { YamlError } from './problem.js'
import { scanBlockScalar, scanFlowScalar, scanPlainScalar } from './scan-scalar.js'
import { scanAnchor, scanDirective, scanTag } from './scan-property.js'

export type TokenType =
  | 'stream-end'
  | 'directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

export interface Token {
  readonly type: TokenType
  readonly start: Mark
  readonly end: Mark
  /** Text of scalars, names of anchors and aliases, suffix of tags, name of directives. */
  readonly value: string
  /** Handle of tags; of a scalar whether it is plain (`plain`), else empty. */
  readonly extra: string
}

interface SimpleKey {
  possible: boolean
  required: boolean
  number: number
  mark: Mark
}

/** What is scanned so far; libyaml's scanner with the changes that Go's version of it has. */
export interface Scanner extends Cursor {
  readonly tokens: Token[]
  /** How many of `tokens` are taken. */
  head: number
  parsed: number
  indent: number
  readonly indents: number[]
  simpleKeyAllowed: boolean
  readonly simpleKeys: SimpleKey[]
  flowLevel: number
  ended: boolean
}

const deepest = 1000
const noKey = (mark: Mark): SimpleKey => ({ possible: false, required: false, number: 0, mark })

export function makeScanner(text: string): Scanner {
  const cursor = makeCursor(text)
  return {
    ...cursor,
    tokens: [],
    head: 0,
    parsed: 0,
    indent: -1,
    indents: [],
    simpleKeyAllowed: true,
    simpleKeys: [noKey(markOf(cursor))],
    flowLevel: 0,
    ended: false,
  }
}

/** The next token, not taken. */
export function peek(scanner: Scanner): Token {
  while (needsMore(scanner)) fetchNext(scanner)
  return scanner.tokens[scanner.head] as Token
}

/** Takes the token that `peek` gave. */
export function take(scanner: Scanner): void {
  scanner.head += 1
  scanner.parsed += 1
  if (scanner.head === scanner.tokens.length) {
    scanner.tokens.length = 0
    scanner.head = 0
  }
}

function needsMore(scanner: Scanner): boolean {
  if (scanner.ended) return false
  if (scanner.head === scanner.tokens.length) return true
  for (let at = scanner.simpleKeys.length - 1; at >= 0; at--) {
    const key = scanner.simpleKeys[at] as SimpleKey
    if (key.number < scanner.parsed && !key.possible) continue
    if (isValid(scanner, key) && key.number === scanner.parsed) return true
  }
  return false
}

function isValid(scanner: Scanner, key: SimpleKey): boolean {
  if (!key.possible) return false
  if (key.mark.line < scanner.line || key.mark.index + 1024 < scanner.at) {
    if (key.required) throw scanError(scanner, key.mark, "could not find expected ':'")
    key.possible = false
    return false
  }
  return true
}

/** Go's scanner counts lines from 0 and leaves the first out; where it stands comes before where the token started. */
export function scanError(scanner: Cursor, context: Mark, problem: string): YamlError {
  return new YamlError(problem, scanner.line !== 0 ? scanner.line + 1 : context.line)
}

function push(scanner: Scanner, type: TokenType, start: Mark, value = '', extra = ''): void {
  scanner.tokens.push({ type, start, end: markOf(scanner), value, extra })
}

function insert(scanner: Scanner, number: number, token: Token): void {
  scanner.tokens.splice(scanner.head + number - scanner.parsed, 0, token)
}

const starters = new Set('-?:,[]{}#&*!|>\'"%@`')

function fetchNext(scanner: Scanner): void {
  skipToToken(scanner)
  unroll(scanner, scanner.column)
  if (isEnd(scanner)) return fetchStreamEnd(scanner)
  const { text, at, column } = scanner
  const char = text.charAt(at)
  if (column === 0) {
    if (char === '%') return fetchDirective(scanner)
    if (isDocumentMark(scanner)) return fetchDocumentMark(scanner)
  }
  switch (char) {
    case '[':
      return fetchFlowStart(scanner, 'flow-sequence-start')
    case '{':
      return fetchFlowStart(scanner, 'flow-mapping-start')
    case ']':
      return fetchFlowEnd(scanner, 'flow-sequence-end')
    case '}':
      return fetchFlowEnd(scanner, 'flow-mapping-end')
    case ',':
      return fetchFlowEntry(scanner)
    case '-':
      if (isBlankOrEnd(scanner, 1)) return fetchBlockEntry(scanner)
      break
    case '?':
      if (scanner.flowLevel > 0 || isBlankOrEnd(scanner, 1)) return fetchKey(scanner)
      break
    case ':':
      if (scanner.flowLevel > 0 || isBlankOrEnd(scanner, 1)) return fetchValue(scanner)
      break
    case '*':
    case '&':
      return fetchAnchor(scanner, char === '*' ? 'alias' : 'anchor')
    case '!':
      return fetchTag(scanner)
    case '|':
    case '>':
      if (scanner.flowLevel === 0) return fetchBlockScalar(scanner, char === '|')
      break
    case "'":
    case '"':
      return fetchFlowScalar(scanner, char === "'")
    default:
  }
  if (startsPlain(scanner, char)) return fetchPlain(scanner)
  throw scanError(scanner, markOf(scanner), 'found character that cannot start any token')
}

function startsPlain(scanner: Scanner, char: string): boolean {
  if (!starters.has(char)) return !isBlankOrEnd(scanner, 0)
  if (char === '-') return !isBlank(scanner, 1)
  return scanner.flowLevel === 0 && (char === '?' || char === ':') && !isBlankOrEnd(scanner, 1)
}

function isDocumentMark(scanner: Scanner): boolean {
  const { text, at } = scanner
  return (text.startsWith('---', at) || text.startsWith('...', at)) && isBlankOrEnd(scanner, 3)
}

function skipToToken(scanner: Scanner): void {
  for (;;) {
    if (scanner.column === 0 && scanner.text.charCodeAt(scanner.at) === 0xfeff) skip(scanner)
    for (;;) {
      const code = scanner.text.charCodeAt(scanner.at)
      if (code !== 0x20 && !(code === 0x09 && (scanner.flowLevel > 0 || !scanner.simpleKeyAllowed))) break
      skip(scanner)
    }
    if (scanner.text.charCodeAt(scanner.at) === 0x23) skipToBreak(scanner)
    if (!isBreak(scanner, 0)) return
    skipLine(scanner)
    if (scanner.flowLevel === 0) scanner.simpleKeyAllowed = true
  }
}

function saveSimpleKey(scanner: Scanner): void {
  if (!scanner.simpleKeyAllowed) return
  const mark = markOf(scanner)
  const key: SimpleKey = {
    possible: true,
    required: scanner.flowLevel === 0 && scanner.indent === scanner.column,
    number: scanner.parsed + scanner.tokens.length - scanner.head,
    mark,
  }
  removeSimpleKey(scanner)
  scanner.simpleKeys[scanner.simpleKeys.length - 1] = key
}

function removeSimpleKey(scanner: Scanner): void {
  const key = scanner.simpleKeys.at(-1) as SimpleKey
  if (key.possible && key.required) throw scanError(scanner, key.mark, "could not find expected ':'")
  key.possible = false
}

function roll(scanner: Scanner, column: number, number: number, type: TokenType, mark: Mark): void {
  if (scanner.flowLevel > 0 || scanner.indent >= column) return
  scanner.indents.push(scanner.indent)
  scanner.indent = column
  if (scanner.indents.length > deepest) {
    throw scanError(scanner, mark, `exceeded max depth of ${String(deepest)}`)
  }
  const token = { type, start: mark, end: mark, value: '', extra: '' }
  if (number < 0) scanner.tokens.push(token)
  else insert(scanner, number, token)
}

function unroll(scanner: Scanner, column: number): void {
  if (scanner.flowLevel > 0) return
  while (scanner.indent > column) {
    push(scanner, 'block-end', markOf(scanner))
    scanner.indent = scanner.indents.pop() ?? -1
  }
}

function fetchStreamEnd(scanner: Scanner): void {
  if (scanner.column !== 0) {
    scanner.column = 0
    scanner.line += 1
  }
  unroll(scanner, -1)
  removeSimpleKey(scanner)
  scanner.simpleKeyAllowed = false
  push(scanner, 'stream-end', markOf(scanner))
  scanner.ended = true
}

function fetchDirective(scanner: Scanner): void {
  unroll(scanner, -1)
  removeSimpleKey(scanner)
  scanner.simpleKeyAllowed = false
  const start = markOf(scanner)
  const { name, value } = scanDirective(scanner)
  push(scanner, 'directive', start, name, value)
}

function fetchDocumentMark(scanner: Scanner): void {
  const type = scanner.text.charAt(scanner.at) === '-' ? 'document-start' : 'document-end'
  unroll(scanner, -1)
  removeSimpleKey(scanner)
  scanner.simpleKeyAllowed = false
  const start = markOf(scanner)
  skip(scanner, 3)
  push(scanner, type, start)
}

function fetchFlowStart(scanner: Scanner, type: TokenType): void {
  saveSimpleKey(scanner)
  const start = markOf(scanner)
  scanner.simpleKeys.push(noKey(start))
  scanner.flowLevel += 1
  if (scanner.flowLevel > deepest) throw scanError(scanner, start, `exceeded max depth of ${String(deepest)}`)
  scanner.simpleKeyAllowed = true
  skip(scanner)
  push(scanner, type, start)
}

function fetchFlowEnd(scanner: Scanner, type: TokenType): void {
  removeSimpleKey(scanner)
  if (scanner.flowLevel > 0) {
    scanner.flowLevel -= 1
    scanner.simpleKeys.pop()
  }
  scanner.simpleKeyAllowed = false
  const start = markOf(scanner)
  skip(scanner)
  push(scanner, type, start)
}

function fetchFlowEntry(scanner: Scanner): void {
  removeSimpleKey(scanner)
  scanner.simpleKeyAllowed = true
  const start = markOf(scanner)
  skip(scanner)
  push(scanner, 'flow-entry', start)
}

function fetchBlockEntry(scanner: Scanner): void {
  const start = markOf(scanner)
  if (scanner.flowLevel === 0) {
    if (!scanner.simpleKeyAllowed) {
      throw scanError(scanner, start, 'block sequence entries are not allowed in this context')
    }
    roll(scanner, scanner.column, -1, 'block-sequence-start', start)
  }
  removeSimpleKey(scanner)
  scanner.simpleKeyAllowed = true
  skip(scanner)
  push(scanner, 'block-entry', start)
}

function fetchKey(scanner: Scanner): void {
  const start = markOf(scanner)
  if (scanner.flowLevel === 0) {
    if (!scanner.simpleKeyAllowed) throw scanError(scanner, start, 'mapping keys are not allowed in this context')
    roll(scanner, scanner.column, -1, 'block-mapping-start', start)
  }
  removeSimpleKey(scanner)
  scanner.simpleKeyAllowed = scanner.flowLevel === 0
  skip(scanner)
  push(scanner, 'key', start)
}

function fetchValue(scanner: Scanner): void {
  const key = scanner.simpleKeys.at(-1) as SimpleKey
  const start = markOf(scanner)
  if (isValid(scanner, key)) {
    insert(scanner, key.number, { type: 'key', start: key.mark, end: key.mark, value: '', extra: '' })
    roll(scanner, key.mark.column, key.number, 'block-mapping-start', key.mark)
    key.possible = false
    scanner.simpleKeyAllowed = false
  } else {
    if (scanner.flowLevel === 0) {
      if (!scanner.simpleKeyAllowed) throw scanError(scanner, start, 'mapping values are not allowed in this context')
      roll(scanner, scanner.column, -1, 'block-mapping-start', start)
    }
    scanner.simpleKeyAllowed = scanner.flowLevel === 0
  }
  skip(scanner)
  push(scanner, 'value', start)
}

function fetchAnchor(scanner: Scanner, type: 'alias' | 'anchor'): void {
  saveSimpleKey(scanner)
  scanner.simpleKeyAllowed = false
  const start = markOf(scanner)
  push(scanner, type, start, scanAnchor(scanner, start))
}

function fetchTag(scanner: Scanner): void {
  saveSimpleKey(scanner)
  scanner.simpleKeyAllowed = false
  const start = markOf(scanner)
  const { handle, suffix } = scanTag(scanner, start)
  push(scanner, 'tag', start, suffix, handle)
}

function fetchBlockScalar(scanner: Scanner, literal: boolean): void {
  removeSimpleKey(scanner)
  scanner.simpleKeyAllowed = true
  const start = markOf(scanner)
  push(scanner, 'scalar', start, scanBlockScalar(scanner, start, literal))
}

function fetchFlowScalar(scanner: Scanner, single: boolean): void {
  saveSimpleKey(scanner)
  scanner.simpleKeyAllowed = false
  const start = markOf(scanner)
  push(scanner, 'scalar', start, scanFlowScalar(scanner, start, single))
}

function fetchPlain(scanner: Scanner): void {
  saveSimpleKey(scanner)
  scanner.simpleKeyAllowed = false
  const start = markOf(scanner)
  const value = scanPlainScalar(scanner, start)
  scanner.tokens.push({ type: 'scalar', start, end: markOf(scanner), value, extra: 'plain' })
}
