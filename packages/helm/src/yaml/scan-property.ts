import { type Mark, isBlank, isBlankOrEnd, isBreak, isEnd, markOf, skip, skipLine, type Cursor } from './cursor.js'
import { scanError } from './scan.js'

const word = /[0-9A-Za-z_-]*/y
const uri = /(?:[0-9A-Za-z_;/?:@&=+$.,!~*'()[\]-]|%[0-9A-Fa-f]{2})*/y

function match(pattern: RegExp, cursor: Cursor): string {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0] ?? ''
  skip(cursor, found.length)
  return found
}

/** An anchor or alias, `&` or `*` included. */
export function scanAnchor(cursor: Cursor, start: Mark): string {
  skip(cursor)
  const name = match(word, cursor)
  const follows = cursor.text.charAt(cursor.at)
  if (name === '' || !(isBlankOrEnd(cursor, 0) || '?:,]}%@`'.includes(follows))) {
    throw scanError(cursor, start, 'did not find expected alphabetic or numeric character')
  }
  return name
}

/** A tag: `!<uri>`, `!!suffix`, `!handle!suffix`, `!suffix` or `!`. */
export function scanTag(cursor: Cursor, start: Mark): { handle: string; suffix: string } {
  const tag = cursor.text.charAt(cursor.at + 1) === '<' ? verbatim(cursor, start) : shorthand(cursor, start)
  if (!isBlankOrEnd(cursor, 0)) throw scanError(cursor, start, 'did not find expected whitespace or line break')
  return tag
}

function verbatim(cursor: Cursor, start: Mark): { handle: string; suffix: string } {
  skip(cursor, 2)
  const suffix = decoded(match(uri, cursor))
  if (suffix === '') throw scanError(cursor, start, 'did not find expected tag URI')
  if (cursor.text.charAt(cursor.at) !== '>') throw scanError(cursor, start, "did not find the expected '>'")
  skip(cursor)
  return { handle: '', suffix }
}

function shorthand(cursor: Cursor, start: Mark): { handle: string; suffix: string } {
  skip(cursor)
  const head = match(word, cursor)
  if (cursor.text.charAt(cursor.at) === '!') {
    skip(cursor)
    const suffix = decoded(match(uri, cursor))
    if (suffix === '') throw scanError(cursor, start, 'did not find expected tag URI')
    return { handle: `!${head}!`, suffix }
  }
  const suffix = head + decoded(match(uri, cursor))
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A directive without its `%`; what is not known is skipped to the end of its line. */
export function scanDirective(cursor: Cursor): { name: string; value: string } {
  const start = markOf(cursor)
  skip(cursor)
  const name = match(word, cursor)
  if (name === '') throw scanError(cursor, start, 'could not find expected directive name')
  if (!isBlankOrEnd(cursor, 0)) throw scanError(cursor, start, 'found unexpected non-alphabetical character')
  if (name !== 'YAML' && name !== 'TAG') throw scanError(cursor, start, 'found unknown directive name')
  const from = cursor.at
  while (!isBreak(cursor, 0) && !isEnd(cursor)) {
    if (isBlank(cursor, 0) && cursor.text.charAt(cursor.at + 1) === '#') break
    skip(cursor)
  }
  const value = cursor.text.slice(from, cursor.at).trim()
  while (!isBreak(cursor, 0) && !isEnd(cursor)) skip(cursor)
  if (isBreak(cursor, 0)) skipLine(cursor)
  return { name, value }
}
