import { YamlError } from './problem.js'

/** A place in a text. Lines and columns count from 0. */
export interface Mark {
  readonly index: number
  readonly line: number
  readonly column: number
}

/** Where reading stands. The text ends with NULs, so that looking ahead needs no care. */
export interface Cursor {
  readonly text: string
  /** Whether lines end with line feeds only. */
  readonly feedsOnly: boolean
  at: number
  line: number
  column: number
}

const otherBreak = /[\r\x85\u2028\u2029]/
const padding = '\0\0\0\0'
const notPlain = /[^\t\n\r\x20-\x7e]/
const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

export function makeCursor(text: string): Cursor {
  const found = notPlain.test(text) ? forbidden.exec(text)?.[0] : undefined
  if (found !== undefined) {
    const byte = found >= '\udc80' && found <= '\udcff'
    throw new YamlError(byte ? 'invalid leading UTF-8 octet' : 'control characters are not allowed')
  }
  const at = text.startsWith('\ufeff') ? 1 : 0
  return { text: text + padding, feedsOnly: !otherBreak.test(text), at, line: 0, column: 0 }
}

export function markOf({ at, line, column }: Cursor): Mark {
  return { index: at, line, column }
}

export function isEnd(cursor: Cursor): boolean {
  return cursor.text.charCodeAt(cursor.at) === 0
}

export function isBlank(cursor: Cursor, ahead: number): boolean {
  const code = cursor.text.charCodeAt(cursor.at + ahead)
  return code === 0x20 || code === 0x09
}

function isBreakCode(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029
}

export function isBreak(cursor: Cursor, ahead: number): boolean {
  return isBreakCode(cursor.text.charCodeAt(cursor.at + ahead))
}

/** A blank, a line break or the end. */
export function isBlankOrEnd(cursor: Cursor, ahead: number): boolean {
  const code = cursor.text.charCodeAt(cursor.at + ahead)
  return code === 0x20 || code === 0x09 || code === 0 || isBreakCode(code)
}

export function skip(cursor: Cursor, count = 1): void {
  cursor.at += count
  cursor.column += count
}

/** Skips what is left of a line: long ones, and comments, are most of a chart. */
export function skipToBreak(cursor: Cursor): void {
  const { text, feedsOnly } = cursor
  let at = cursor.at
  if (feedsOnly) {
    const feed = text.indexOf('\n', at)
    at = feed < 0 ? Math.max(at, text.length - padding.length) : feed
  } else for (let code = text.charCodeAt(at); code !== 0 && !isBreakCode(code);) code = text.charCodeAt(++at)
  skip(cursor, at - cursor.at)
}

/** Skips a line break and gives what it counts as in a scalar. */
export function skipLine(cursor: Cursor): string {
  const code = cursor.text.charCodeAt(cursor.at)
  cursor.at += code === 0x0d && cursor.text.charCodeAt(cursor.at + 1) === 0x0a ? 2 : 1
  cursor.line += 1
  cursor.column = 0
  return code === 0x2028 ? '\u2028' : code === 0x2029 ? '\u2029' : '\n'
}
