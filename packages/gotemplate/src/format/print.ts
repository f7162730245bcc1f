import { typeName, GoObject, type Value } from '../value.js'
import { floatText } from './float.js'
import { clearFlags, createPrinter, type Printer } from './flags.js'
import { ownText, printArgument } from './printer.js'

/** The longest text that one call of a print function makes unless the caller says otherwise: 32 Mi UTF-16 units. */
export const printLimit = 32 * 1024 * 1024

/** A value as `%v` prints it. */
export function textOf(value: Value, limit: number = printLimit): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return floatText(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    default: {
      if (value === null) return '<nil>'
      const printer = createPrinter(limit)
      printArgument(printer, value, 'v')
      return printer.text
    }
  }
}

/** A value as an action prints it: a struct that is still in its place prints by its pointer's method String. */
export function actionText(value: Value, limit: number = printLimit): string {
  if (value instanceof GoObject) {
    if (value.addressable && value.type.stringOnPointer && value.type.string) return value.type.string(value)
    const own = ownText(value)
    if (own !== undefined) return own
    // An action prints what a pointer points to.
    if (value.type.kind === 'ptr' && !value.isNil)
      return textOf(new GoObject(value.type.elem ?? value.type, value.fields, value.native), limit)
  }
  return textOf(value, limit)
}

/** Go's `fmt.Sprint`: a blank between two operands when neither is a string. */
export function sprint(values: readonly Value[], limit: number = printLimit): string {
  let text = ''
  for (const [at, value] of values.entries()) {
    if (at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string') text += ' '
    text += textOf(value, limit - text.length)
  }
  return text
}

/** Go's `fmt.Sprintln`: blanks between all operands and a newline at the end. */
export function sprintln(values: readonly Value[], limit: number = printLimit): string {
  let text = ''
  for (const [at, value] of values.entries()) text += (at > 0 ? ' ' : '') + textOf(value, limit - text.length)
  return `${text}\n`
}

const flagsOf: Readonly<Record<string, 'sharp' | 'zero' | 'plus' | 'minus' | 'space'>> = {
  '#': 'sharp',
  '0': 'zero',
  '+': 'plus',
  '-': 'minus',
  ' ': 'space',
}

/** The largest width and precision. */
const largest = 1_000_000

interface Scan {
  readonly format: string
  readonly values: readonly Value[]
  at: number
  next: number
  /** The last thing read was an index such as `[3]`. */
  afterIndex: boolean
  reordered: boolean
  goodIndex: boolean
}

function readNumber(scan: Scan): number | undefined {
  const { format } = scan
  let value: number | undefined
  while (scan.at < format.length) {
    const digit = format.charCodeAt(scan.at) - 48
    if (digit < 0 || digit > 9) break
    if (value !== undefined && value > largest) {
      scan.at = format.length
      return undefined
    }
    value = (value ?? 0) * 10 + digit
    scan.at++
  }
  return value
}

function readIndex(scan: Scan): void {
  scan.afterIndex = false
  if (scan.format[scan.at] !== '[') return
  scan.reordered = true
  const close = scan.format.indexOf(']', scan.at)
  const inner = close < 0 ? undefined : scan.format.slice(scan.at + 1, close)
  const index = inner !== undefined && /^[0-9]{1,7}$/.test(inner) ? Number(inner) - 1 : undefined
  scan.at = close < 0 ? scan.at + 1 : close + 1
  if (index !== undefined) scan.afterIndex = true
  if (index !== undefined && index >= 0 && index < scan.values.length) scan.next = index
  else scan.goodIndex = false
}

/** The operand of `*`; undefined unless it is an integer of sensible size. */
function starOperand(scan: Scan): number | undefined {
  if (scan.next >= scan.values.length) return undefined
  const value = scan.values[scan.next++]
  const number = typeof value === 'object' && value !== null && 'value' in value ? value.value : value
  if (typeof number !== 'bigint' || number > BigInt(largest) || number < -BigInt(largest)) return undefined
  return Number(number)
}

function readWidth(scan: Scan, p: Printer): void {
  if (scan.format[scan.at] !== '*') {
    p.width = readNumber(scan)
    if (scan.afterIndex && p.width !== undefined) scan.goodIndex = false
    return
  }
  scan.at++
  scan.afterIndex = false
  p.width = starOperand(scan)
  if (p.width === undefined) p.text += '%!(BADWIDTH)'
  else if (p.width < 0) {
    p.width = -p.width
    p.minus = true
    p.zero = false
  }
}

function readPrecision(scan: Scan, p: Printer): void {
  if (scan.format[scan.at] !== '.' || scan.at + 1 >= scan.format.length) return
  scan.at++
  if (scan.afterIndex) scan.goodIndex = false
  readIndex(scan)
  if (scan.format[scan.at] !== '*') {
    p.precision = readNumber(scan) ?? 0
    return
  }
  scan.at++
  scan.afterIndex = false
  p.precision = starOperand(scan)
  if (p.precision !== undefined && p.precision < 0) p.precision = undefined
  if (p.precision === undefined) p.text += '%!(BADPREC)'
}

function readFlags(scan: Scan, p: Printer): void {
  clearFlags(p)
  for (; ; scan.at++) {
    const flag = flagsOf[scan.format[scan.at] ?? '']
    if (flag === undefined) return
    p[flag] = true
  }
}

function printVerb(scan: Scan, p: Printer, verb: string): void {
  if (verb === '%') p.text += '%'
  else if (!scan.goodIndex) p.text += `%!${verb}(BADINDEX)`
  else if (scan.next >= scan.values.length) p.text += `%!${verb}(MISSING)`
  else {
    if (verb === 'v' || verb === 'w') {
      p.sharpV = p.sharp
      p.plusV = p.plus
      p.sharp = p.plus = false
    }
    printArgument(p, scan.values[scan.next++] ?? null, verb)
  }
}

function printExtra(scan: Scan, p: Printer): void {
  clearFlags(p)
  const extra = scan.values.slice(scan.next).map((value) => {
    return value === null ? '<nil>' : `${typeName(value)}=${textOf(value, p.limit)}`
  })
  p.text += `%!(EXTRA ${extra.join(', ')})`
}

/** Go's `fmt.Sprintf`, with the texts that it writes for wrong verbs, missing and surplus operands. */
export function sprintf(format: string, values: readonly Value[], limit: number = printLimit): string {
  const p = createPrinter(limit)
  const scan: Scan = { format, values, at: 0, next: 0, afterIndex: false, reordered: false, goodIndex: true }
  for (;;) {
    const percent = format.indexOf('%', scan.at)
    p.text += percent < 0 ? format.slice(scan.at) : format.slice(scan.at, percent)
    if (percent < 0) break
    scan.at = percent + 1
    scan.goodIndex = true
    readFlags(scan, p)
    readIndex(scan)
    readWidth(scan, p)
    readPrecision(scan, p)
    if (!scan.afterIndex) readIndex(scan)
    const rune = format.codePointAt(scan.at)
    if (rune === undefined) {
      p.text += '%!(NOVERB)'
      break
    }
    const verb = String.fromCodePoint(rune)
    scan.at += verb.length
    printVerb(scan, p, verb)
  }
  if (!scan.reordered && scan.next < values.length) printExtra(scan, p)
  return p.text
}
