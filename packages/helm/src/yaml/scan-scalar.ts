import { type Mark, isBlank, isBlankOrEnd, isBreak, isEnd, skip, skipLine, skipToBreak } from './cursor.js'
import { scanError, type Scanner } from './scan.js'

/** A literal (`|`) or folded (`>`) scalar with its header. */
export function scanBlockScalar(scanner: Scanner, start: Mark, literal: boolean): string {
  skip(scanner)
  const { chomping, increment } = header(scanner, start)
  let indent = increment === 0 ? 0 : Math.max(scanner.indent, 0) + increment
  const lead = breaks(scanner, start, indent)
  indent = lead.indent
  let trailing = lead.text
  let text = ''
  let leadingBreak = ''
  let leadingBlank = false
  while (scanner.column === indent && !isEnd(scanner)) {
    const trailingBlank = isBlank(scanner, 0)
    if (!literal && leadingBreak.startsWith('\n') && !leadingBlank && !trailingBlank) {
      if (trailing === '') text += ' '
    } else text += leadingBreak
    leadingBreak = ''
    text += trailing
    leadingBlank = trailingBlank
    const from = scanner.at
    skipToBreak(scanner)
    text += scanner.text.slice(from, scanner.at)
    if (isBreak(scanner, 0)) leadingBreak = skipLine(scanner)
    trailing = breaks(scanner, start, indent).text
  }
  if (chomping !== '-') text += leadingBreak
  return chomping === '+' ? text + trailing : text
}

function header(scanner: Scanner, start: Mark): { chomping: string; increment: number } {
  let chomping = ''
  let increment = 0
  for (let part = 0; part < 2; part++) {
    const char = scanner.text.charAt(scanner.at)
    if (chomping === '' && (char === '+' || char === '-')) chomping = char
    else if (increment === 0 && char >= '0' && char <= '9') {
      if (char === '0') throw scanError(scanner, start, 'found an indentation indicator equal to 0')
      increment = Number(char)
    } else break
    skip(scanner)
  }
  while (isBlank(scanner, 0)) skip(scanner)
  if (scanner.text.charAt(scanner.at) === '#') skipToBreak(scanner)
  if (!isBreak(scanner, 0) && !isEnd(scanner)) {
    throw scanError(scanner, start, 'did not find expected comment or line break')
  }
  if (isBreak(scanner, 0)) skipLine(scanner)
  return { chomping, increment }
}

/** Empty lines; an indentation of 0 is found out. */
function breaks(scanner: Scanner, start: Mark, known: number): { text: string; indent: number } {
  let indent = known
  let text = ''
  let widest = 0
  for (;;) {
    while ((indent === 0 || scanner.column < indent) && scanner.text.charCodeAt(scanner.at) === 0x20) skip(scanner)
    widest = Math.max(widest, scanner.column)
    if ((indent === 0 || scanner.column < indent) && scanner.text.charCodeAt(scanner.at) === 0x09) {
      throw scanError(scanner, start, 'found a tab character where an indentation space is expected')
    }
    if (!isBreak(scanner, 0)) break
    text += skipLine(scanner)
  }
  if (indent === 0) indent = Math.max(widest, scanner.indent + 1, 1)
  return { text, indent }
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** A quoted scalar, quotes included. */
export function scanFlowScalar(scanner: Scanner, start: Mark, single: boolean): string {
  skip(scanner)
  const quote = single ? 0x27 : 0x22
  let text = ''
  for (;;) {
    if (scanner.column === 0 && isDocumentIndicator(scanner)) {
      throw scanError(scanner, start, 'found unexpected document indicator')
    }
    if (isEnd(scanner)) throw scanError(scanner, start, 'found unexpected end of stream')
    let joined = false
    let from = scanner.at
    while (!isBlankOrEnd(scanner, 0)) {
      const code = scanner.text.charCodeAt(scanner.at)
      if (single && code === quote && scanner.text.charCodeAt(scanner.at + 1) === quote) {
        text += scanner.text.slice(from, scanner.at + 1)
        skip(scanner, 2)
        from = scanner.at
      } else if (code === quote) break
      else if (!single && code === 0x5c) {
        text += scanner.text.slice(from, scanner.at)
        if (isBreak(scanner, 1)) {
          skip(scanner)
          skipLine(scanner)
          joined = true
          from = scanner.at
          break
        }
        text += escape(scanner, start)
        from = scanner.at
      } else skip(scanner, lettersAt(scanner))
    }
    text += scanner.text.slice(from, scanner.at)
    if (scanner.text.charCodeAt(scanner.at) === quote) break
    text += foldBlanks(scanner, joined)
  }
  skip(scanner)
  return text
}

/** One, or how many small letters there are: they are never anything else. */
function lettersAt({ text, at }: Scanner): number {
  let end = at + 1
  for (let code = text.charCodeAt(end); code > 0x60 && code < 0x7b;) code = text.charCodeAt(++end)
  return end - at
}

function isDocumentIndicator(scanner: Scanner): boolean {
  const { text, at } = scanner
  return (text.startsWith('---', at) || text.startsWith('...', at)) && isBlankOrEnd(scanner, 3)
}

function escape(scanner: Scanner, start: Mark): string {
  const char = scanner.text.charAt(scanner.at + 1)
  const simple = escapes[char]
  if (simple !== undefined) {
    skip(scanner, 2)
    return simple
  }
  const length = escapeLengths[char]
  if (length === undefined) throw scanError(scanner, start, 'found unknown escape character')
  const digits = scanner.text.slice(scanner.at + 2, scanner.at + 2 + length)
  if (!/^[0-9A-Fa-f]+$/.test(digits) || digits.length !== length) {
    skip(scanner, 2)
    throw scanError(scanner, start, 'did not find expected hexdecimal number')
  }
  const code = Number.parseInt(digits, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    skip(scanner, 2)
    throw scanError(scanner, start, 'found invalid Unicode character escape code')
  }
  skip(scanner, 2 + length)
  return String.fromCodePoint(code)
}

/** Blanks and line breaks inside a quoted scalar, folded; `joined` after an escaped line break. */
function foldBlanks(scanner: Scanner, joined: boolean): string {
  let blanks = ''
  let leading = ''
  let trailing = ''
  let isLeading = joined
  while (isBlank(scanner, 0) || isBreak(scanner, 0)) {
    if (isBlank(scanner, 0)) {
      if (!isLeading) blanks += scanner.text.charAt(scanner.at)
      skip(scanner)
    } else if (isLeading) trailing += skipLine(scanner)
    else {
      blanks = ''
      leading = skipLine(scanner)
      isLeading = true
    }
  }
  if (!isLeading) return blanks
  return folded(leading, trailing)
}

function folded(leading: string, trailing: string): string {
  if (!leading.startsWith('\n')) return leading + trailing
  return trailing === '' ? ' ' : trailing
}

/** A plain scalar, over several lines where the indentation says so. */
export function scanPlainScalar(scanner: Scanner, start: Mark): string {
  const indent = scanner.indent + 1
  const { text: source } = scanner
  let text = ''
  let blanks = ''
  let leading = ''
  let trailing = ''
  let isLeading = false
  for (;;) {
    if (scanner.column === 0 && isDocumentIndicator(scanner)) break
    if (source.charCodeAt(scanner.at) === 0x23) break
    const from = scanner.at
    skip(scanner, plainEnd(scanner) - from)
    if (scanner.at > from) {
      if (isLeading) text += folded(leading, trailing)
      else text += blanks
      blanks = leading = trailing = ''
      isLeading = false
      text += source.slice(from, scanner.at)
    }
    if (!(isBlank(scanner, 0) || isBreak(scanner, 0))) break
    while (isBlank(scanner, 0) || isBreak(scanner, 0)) {
      if (isBlank(scanner, 0)) {
        if (isLeading && scanner.column < indent && source.charCodeAt(scanner.at) === 0x09) {
          throw scanError(scanner, start, 'found a tab character that violates indentation')
        }
        if (!isLeading) blanks += source.charAt(scanner.at)
        skip(scanner)
      } else if (isLeading) trailing += skipLine(scanner)
      else {
        blanks = ''
        leading = skipLine(scanner)
        isLeading = true
      }
    }
    if (scanner.flowLevel === 0 && scanner.column < indent) break
  }
  if (isLeading) scanner.simpleKeyAllowed = true
  return text
}

/** Where a part of a plain scalar without blanks ends. */
function plainEnd(scanner: Scanner): number {
  const { text } = scanner
  for (let at = scanner.at; ; at++) {
    const code = text.charCodeAt(at)
    // small letters are most of all texts
    if (code > 0x60 && code < 0x7b) continue
    if (isBlankOrEnd(scanner, at - scanner.at) || endsPlain(scanner, code, at)) return at
  }
}

function endsPlain(scanner: Scanner, code: number, at: number): boolean {
  if (code === 0x3a) return isBlankOrEnd(scanner, at + 1 - scanner.at)
  if (scanner.flowLevel === 0) return false
  return code === 0x2c || code === 0x3f || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d
}
