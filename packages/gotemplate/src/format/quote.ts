import { escapedByte } from '../bytes.js'

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII blank. */
export function isPrint(rune: number): boolean {
  if (rune < 0x7f) return rune >= 0x20
  return rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff) && printable.test(String.fromCodePoint(rune))
}

const named: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')

function escapeRune(char: string, quote: string, asciiOnly: boolean): string {
  const rune = char.codePointAt(0) ?? 0
  const byte = escapedByte(rune)
  if (byte !== undefined) return `\\x${hex(byte, 2)}`
  if (char === quote) return `\\${char}`
  const known = named[char]
  if (known !== undefined) return known
  if (isPrint(rune) && !(asciiOnly && rune > 0x7f)) return char
  if (rune < 0x80) return `\\x${hex(rune, 2)}`
  if (rune >= 0xd800 && rune <= 0xdfff) return '\\ufffd'
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`
}

const plain = /^[ !#-[\]-~]*$/

/** Go's `strconv.Quote` (`%q`); with `asciiOnly` `strconv.QuoteToASCII` (`%+q`). */
export function quote(text: string, asciiOnly = false): string {
  if (plain.test(text)) return `"${text}"`
  let quoted = '"'
  for (const char of text) quoted += escapeRune(char, '"', asciiOnly)
  return `${quoted}"`
}

/** A rune as a Go character literal; what is no valid rune is U+FFFD. */
export function quoteRune(rune: number, asciiOnly = false): string {
  const valid = rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff)
  return `'${escapeRune(String.fromCodePoint(valid ? rune : 0xfffd), "'", asciiOnly)}'`
}

/** Whether a string can stand unchanged between backquotes on one line. */
export function canBackquote(text: string): boolean {
  for (const char of text) {
    const rune = char.codePointAt(0) ?? 0
    if ((rune < 0x20 && char !== '\t') || char === '`' || rune === 0x7f || rune === 0xfeff) return false
    if (rune >= 0xd800 && rune <= 0xdfff) return false
  }
  return true
}
