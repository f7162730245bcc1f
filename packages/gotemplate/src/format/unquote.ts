import { joined } from '../bytes.js'

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))|[^\\]/gsuy

/** A character of a literal: its text in a string, and its code. */
interface Unit {
  readonly text: string
  readonly code: number
}

function byteUnit(code: number): Unit | undefined {
  if (code > 0xff) return undefined
  return { text: String.fromCharCode(code < 0x80 ? code : 0xdc00 + code), code }
}

function runeUnit(code: number): Unit | undefined {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return { text: String.fromCodePoint(code), code }
}

function unitOf(match: RegExpExecArray, quote: string): Unit | undefined {
  const [text, byte, short, long, octal, letter] = match
  if (byte !== undefined) return byteUnit(parseInt(byte, 16))
  if (octal !== undefined) return byteUnit(parseInt(octal, 8))
  if (short !== undefined || long !== undefined) return runeUnit(parseInt(short ?? long ?? '', 16))
  if (letter === undefined)
    return text === quote || text === '\n' ? undefined : { text, code: text.codePointAt(0) ?? 0 }
  const known = letter === quote ? quote : simple[letter]
  return known === undefined ? undefined : { text: known, code: known.charCodeAt(0) }
}

function unitsOf(literal: string): Unit[] | undefined {
  const quote = literal[0] ?? ''
  const body = literal.slice(1, -1)
  const units: Unit[] = []
  escapes.lastIndex = 0
  while (escapes.lastIndex < body.length) {
    const match = escapes.exec(body)
    const unit = match === null ? undefined : unitOf(match, quote)
    if (unit === undefined) return undefined
    units.push(unit)
  }
  return units
}

/** The string of a Go string literal, quoted or raw; undefined when it is none. */
export function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '')
  const body = literal.slice(1, -1)
  if (!/[\\\n"]/.test(body)) return body
  const units = unitsOf(literal)
  return units && joined(units.map((unit) => unit.text).join(''))
}

/** The code of a Go character literal; undefined when it is none. */
export function unquoteChar(literal: string): number | undefined {
  const units = unitsOf(literal)
  return units?.length === 1 ? units[0]?.code : undefined
}
