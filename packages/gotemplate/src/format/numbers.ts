import type { GoType } from '../type.js'
import type { GoComplex } from '../value.js'
import { pad, write, type Printer } from './flags.js'
import { formatFloat, type FloatVerb } from './float.js'
import { isPrint, quoteRune } from './quote.js'

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

/** An integer with a verb; `bad` is called when it is none for integers. */
export function writeInteger(p: Printer, value: bigint, type: GoType, verb: string, bad: () => void): void {
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

/** A float with a verb. */
export function writeFloat(p: Printer, value: number, size: 32 | 64, verb: string, bad: () => void): void {
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

/** A complex number with a verb. */
export function writeComplex(p: Printer, { re, im }: GoComplex, verb: string, bad: () => void): void {
  if (floatVerbs[verb] === undefined) return bad()
  const { plus } = p
  write(p, '(')
  writeFloat(p, re, 64, verb, bad)
  p.plus = true
  writeFloat(p, im, 64, verb, bad)
  write(p, 'i)')
  p.plus = plus
}
