import { fromBytes, sortedKeys, toBytes, toRunes } from '../bytes.js'
import { outputTooLarge } from '../errors.js'
import { types, type GoType } from '../type.js'
import {
  GoBytes,
  GoComplex,
  GoMap,
  GoNumber,
  GoObject,
  GoSlice,
  isFunction,
  typeName,
  typeOf,
  type Value,
} from '../value.js'
import { formatFloat, type FloatVerb } from './float.js'
import { canBackquote, isPrint, quote, quoteRune } from './quote.js'

/** The flags, width and precision of one verb, and the text so far. */
export interface Printer {
  text: string
  /** The longest text that may be made, in UTF-16 units. */
  readonly limit: number
  pieces: number
  width: number | undefined
  precision: number | undefined
  plus: boolean
  minus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  /** `%+v` and `%#v`. */
  plusV: boolean
  sharpV: boolean
  /** Within the text of a wrong verb methods are not asked. */
  erroring: boolean
}

export function createPrinter(limit: number): Printer {
  const flags = { plus: false, minus: false, sharp: false, space: false, zero: false, plusV: false, sharpV: false }
  return { text: '', limit, pieces: 0, width: undefined, precision: undefined, ...flags, erroring: false }
}

export function clearFlags(p: Printer): void {
  p.width = undefined
  p.precision = undefined
  p.plus = p.minus = p.sharp = p.space = p.zero = p.plusV = p.sharpV = false
}

function write(p: Printer, text: string): void {
  p.text += text
  // Text in very many pieces takes far more time and memory than its length tells.
  if (p.text.length > p.limit || ++p.pieces > p.limit >> 4) throw outputTooLarge(p.limit)
}

/** Fills to the width with blanks, or with zeros in front of the text when the flag asks for them and `zeros` allows it. */
function pad(p: Printer, text: string, zeros = true): void {
  const { width } = p
  if (width === undefined || width === 0) return write(p, text)
  const missing = Math.max(0, width - toRunes(text).length)
  if (p.minus) write(p, text + ' '.repeat(missing))
  else write(p, (zeros && p.zero ? '0' : ' ').repeat(missing) + text)
}

function truncated(p: Printer, text: string): string {
  if (p.precision === undefined || text.length <= p.precision) return text
  return [...text].slice(0, p.precision).join('')
}

function writeString(p: Printer, text: string): void {
  pad(p, truncated(p, text))
}

function writeQuoted(p: Printer, text: string): void {
  const short = truncated(p, text)
  pad(p, p.sharp && canBackquote(short) ? `\`${short}\`` : quote(short, p.plus))
}

function writeHex(p: Printer, bytes: Uint8Array, verb: string): void {
  const shown = p.precision === undefined ? bytes : bytes.subarray(0, p.precision)
  const digits = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0'))
  const prefix = p.sharp && digits.length > 0 ? '0x' : ''
  const text = prefix + digits.join(p.space ? ` ${prefix}` : '')
  const { zero } = p
  pad(p, verb === 'X' ? text.toUpperCase() : text, zero)
}

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

function integerDigits(p: Printer, size: bigint, base: number, signed: boolean): string {
  const digits = size.toString(base)
  if (p.precision !== undefined) return digits.padStart(p.precision, '0')
  if (!p.zero || p.minus || p.width === undefined) return digits
  return digits.padStart(signed ? p.width - 1 : p.width, '0')
}

function basePrefix(p: Printer, verb: string, base: number, digits: string): string {
  const mark = p.sharp
    ? base === 2
      ? '0b'
      : base === 16
        ? '0x'
        : base === 8 && !digits.startsWith('0')
          ? '0'
          : ''
    : ''
  return (verb === 'O' ? '0o' : '') + mark
}

function writeBased(p: Printer, value: bigint, verb: string): void {
  const base = bases[verb] ?? 10
  const negative = value < 0n
  if (p.precision === 0 && value === 0n) return pad(p, '', false)
  const digits = integerDigits(p, negative ? -value : value, base, negative || p.plus || p.space)
  const text = basePrefix(p, verb, base, digits) + digits
  const sign = negative ? '-' : p.plus ? '+' : p.space ? ' ' : ''
  pad(p, sign + (verb === 'X' ? text.toUpperCase() : text), false)
}

function writeUnicode(p: Printer, value: bigint): void {
  const code = BigInt.asUintN(64, value)
  const digits = code
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, p.precision ?? 0), '0')
  const shown = p.sharp && code <= 0x10ffffn && isPrint(Number(code)) ? ` '${String.fromCodePoint(Number(code))}'` : ''
  pad(p, `U+${digits}${shown}`, false)
}

function runeOf(value: bigint): number {
  const valid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn)
  return valid ? Number(value) : 0xfffd
}

function writeInteger(p: Printer, value: bigint, type: GoType, verb: string, bad: () => void): void {
  if (verb === 'v' && p.sharpV && type.kind.startsWith('uint')) {
    const { sharp } = p
    p.sharp = true
    writeBased(p, value, 'x')
    p.sharp = sharp
  } else if (bases[verb] !== undefined) writeBased(p, value, verb)
  else if (verb === 'c') pad(p, String.fromCodePoint(runeOf(value)))
  else if (verb === 'q') pad(p, quoteRune(runeOf(value), p.plus))
  else if (verb === 'U') writeUnicode(p, value)
  else bad()
}

const floatVerbs: Readonly<Record<string, readonly [FloatVerb, number]>> = {
  v: ['g', -1],
  b: ['b', -1],
  g: ['g', -1],
  G: ['G', -1],
  x: ['x', -1],
  X: ['X', -1],
  f: ['f', 6],
  F: ['f', 6],
  e: ['e', 6],
  E: ['E', 6],
}

/** With the flag `#` a number keeps its decimal point and the zeros up to its precision. */
function withPoint(digits: string, verb: FloatVerb, precision: number): string {
  if (verb === 'b') return digits
  const hexadecimal = verb === 'x' || verb === 'X'
  const at = digits.search(hexadecimal ? /[pP]/ : /[eE]/)
  const head = at < 0 ? digits : digits.slice(0, at)
  const tail = at < 0 ? '' : digits.slice(at)
  const general = verb === 'g' || verb === 'G' || verb === 'x'
  const wanted = general ? (precision === -1 ? 6 : precision) : 0
  // Go counts the x of 0x as a digit.
  const significant = head.replace('.', '').replace(/^0+/, '').length + (head === '0' ? 1 : 0)
  const point = head.includes('.') ? '' : '.'
  return head + point + '0'.repeat(Math.max(0, wanted - significant)) + tail
}

function writeFloat(p: Printer, value: number, size: 32 | 64, verb: string, bad: () => void): void {
  const known = floatVerbs[verb]
  if (known === undefined) return bad()
  const [style, usual] = known
  const precision = p.precision ?? usual
  const text = formatFloat(value, style, precision, size)
  const signed = text.startsWith('-') || text.startsWith('+')
  const digits = signed ? text.slice(1) : text
  const sign = text.startsWith('-') ? '-' : p.plus ? '+' : p.space ? ' ' : ''
  // Infinity always shows its sign; neither it nor NaN is filled with zeros.
  if (!Number.isFinite(value)) return pad(p, (text.startsWith('+') && sign === '' ? '+' : sign) + digits, false)
  const shown = p.sharp ? withPoint(digits, style, precision) : digits
  const missing = (p.width ?? 0) - shown.length - sign.length
  if (sign !== '' && p.zero && !p.minus && missing > 0) write(p, sign + '0'.repeat(missing) + shown)
  else pad(p, sign + shown)
}

function writeComplex(p: Printer, { re, im }: GoComplex, verb: string, bad: () => void): void {
  if (floatVerbs[verb] === undefined) return bad()
  const { plus } = p
  write(p, '(')
  writeFloat(p, re, 64, verb, bad)
  p.plus = true
  writeFloat(p, im, 64, verb, bad)
  write(p, 'i)')
  p.plus = plus
}

function writeBool(p: Printer, value: boolean, verb: string, bad: () => void): void {
  if (verb === 't' || verb === 'v') pad(p, String(value))
  else bad()
}

function writeText(p: Printer, text: string, verb: string, bad: () => void): void {
  if (verb === 'v' && p.sharpV) writeQuoted(p, text)
  else if (verb === 'v' || verb === 's') writeString(p, text)
  else if (verb === 'x' || verb === 'X') writeHex(p, toBytes(text), verb)
  else if (verb === 'q') writeQuoted(p, text)
  else bad()
}

function separator(p: Printer): string {
  return p.sharpV ? ', ' : ' '
}

function writeList(p: Printer, type: GoType, isNil: boolean, length: number, item: (at: number) => void): void {
  if (p.sharpV) write(p, type.name)
  if (p.sharpV && isNil) return write(p, '(nil)')
  write(p, p.sharpV ? '{' : '[')
  for (let at = 0; at < length; at++) {
    if (at > 0) write(p, separator(p))
    item(at)
  }
  write(p, p.sharpV ? '}' : ']')
}

function writeBytes(p: Printer, value: GoBytes, verb: string, depth: number): void {
  if (verb === 's') return writeString(p, fromBytes(value.bytes))
  if (verb === 'x' || verb === 'X') return writeHex(p, value.bytes, verb)
  if (verb === 'q') return writeQuoted(p, fromBytes(value.bytes))
  const short = depth === 0 && !value.type.named && (verb === 'v' || verb === 'd')
  const type = short ? { ...value.type, name: '[]byte' } : value.type
  writeList(p, type, value.isNil, value.bytes.length, (at) => {
    printNested(p, new GoNumber(types.uint8, BigInt(value.bytes[at] ?? 0)), types.uint8, verb)
  })
}

function writeMap(p: Printer, value: GoMap, verb: string): void {
  const elem = value.type.elem ?? types.any
  const keys = sortedKeys(value.entries)
  if (p.sharpV) write(p, value.type.name)
  if (p.sharpV && value.isNil) return write(p, '(nil)')
  write(p, p.sharpV ? '{' : 'map[')
  for (const [at, key] of keys.entries()) {
    if (at > 0) write(p, separator(p))
    printNested(p, key, types.string, verb)
    write(p, ':')
    printNested(p, value.entries.get(key) ?? null, elem, verb)
  }
  write(p, p.sharpV ? '}' : ']')
}

function writeFields(p: Printer, value: GoObject, type: GoType, verb: string): void {
  if (p.sharpV) write(p, type.name)
  write(p, '{')
  for (const [at, field] of (type.fields ?? []).entries()) {
    if (at > 0) write(p, separator(p))
    if (p.plusV || p.sharpV) write(p, `${field.name}:`)
    printNested(p, value.fields.get(field.name) ?? null, field.type, verb)
  }
  write(p, '}')
}

/** Pointers have no address here: a pointer below the top prints as a fixed one. */
const address = '0xc000010000'

function writeObject(p: Printer, value: GoObject, verb: string, depth: number): void {
  const { type } = value
  if (type.kind !== 'ptr') return writeFields(p, value, type, verb)
  if (value.isNil) return p.sharpV ? write(p, `(${type.name})(nil)`) : pad(p, '<nil>')
  if (depth > 0) return write(p, p.sharpV ? `(${type.name})(${address})` : address)
  write(p, '&')
  writeFields(p, value, type.elem ?? type, verb)
}

const stringVerbs = new Set(['v', 's', 'x', 'X', 'q'])

/** The text of the value's own method String, when it has one that may be called on it. */
export function ownText(value: Value): string | undefined {
  if (!(value instanceof GoObject)) return undefined
  const { type } = value
  if (type.string === undefined || value.isNil) return undefined
  return type.kind === 'struct' && type.stringOnPointer === true ? undefined : type.string(value)
}

/** The text of a number whose named type has a method String. */
function numberText(value: Value): string | undefined {
  if (!(value instanceof GoNumber) || value.type.string === undefined) return undefined
  return value.type.string(new GoObject(value.type, new Map(), value.value))
}

function badVerb(p: Printer, value: Value, verb: string): void {
  p.erroring = true
  write(p, `%!${verb}(`)
  if (value === null) write(p, '<nil>')
  else {
    write(p, `${typeName(value)}=`)
    printValue(p, value, 'v', 0)
  }
  write(p, ')')
  p.erroring = false
}

/** An element, key or field; nil shows the static type that holds it. */
function printNested(p: Printer, value: Value, holder: GoType, verb: string): void {
  if (value !== null) return printValue(p, value, verb, 1)
  write(p, p.sharpV ? `${holder.name}(nil)` : '<nil>')
}

function printValue(p: Printer, value: Exclude<Value, null>, verb: string, depth: number): void {
  const bad = (): void => badVerb(p, value, verb)
  if (!p.erroring && !p.sharpV && stringVerbs.has(verb)) {
    const own = ownText(value) ?? numberText(value)
    if (own !== undefined) return writeText(p, own, verb, bad)
  }
  if (typeof value === 'string') writeText(p, value, verb, bad)
  else if (typeof value === 'number') writeFloat(p, value, 64, verb, bad)
  else if (typeof value === 'bigint') writeInteger(p, value, types.int, verb, bad)
  else if (typeof value === 'boolean') writeBool(p, value, verb, bad)
  else if (verb === 'w' && !(value instanceof GoBytes)) bad()
  else if (value instanceof GoMap) writeMap(p, value, verb)
  else if (value instanceof GoSlice) {
    const elem = value.type.elem ?? types.any
    writeList(p, value.type, value.isNil, value.items.length, (at) =>
      printNested(p, value.items[at] ?? null, elem, verb),
    )
  } else if (value instanceof GoBytes) writeBytes(p, value, verb, depth)
  else if (value instanceof GoNumber) printNumber(p, value, verb, bad)
  else if (value instanceof GoComplex) writeComplex(p, value, verb, bad)
  else if (value instanceof GoObject) writeObject(p, value, verb, depth)
  else write(p, p.sharpV ? `(${typeName(value)})(${address})` : address)
}

function printNumber(p: Printer, { type, value }: GoNumber, verb: string, bad: () => void): void {
  if (typeof value === 'bigint') writeInteger(p, value, type, verb, bad)
  else writeFloat(p, value, type.kind === 'float32' ? 32 : 64, verb, bad)
}

/** Prints one operand with one verb, as Go's fmt does. */
export function printArgument(p: Printer, value: Value, verb: string): void {
  if (value === null) return verb === 'T' || verb === 'v' ? pad(p, '<nil>') : badVerb(p, value, verb)
  if (verb === 'T') return writeString(p, typeName(value))
  if (verb === 'p') return printPointer(p, value)
  printValue(p, value, verb, 0)
}

function printPointer(p: Printer, value: Exclude<Value, null>): void {
  const kind = typeOf(value).kind
  if (kind === 'map' || kind === 'slice' || kind === 'ptr' || isFunction(value))
    write(p, p.sharp ? address.slice(2) : address)
  else badVerb(p, value, 'p')
}
