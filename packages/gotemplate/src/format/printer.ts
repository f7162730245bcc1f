import { fromBytes, sortedKeys, toBytes } from '../bytes.js'
import { pad, write, type Printer } from './flags.js'
import { writeComplex, writeFloat, writeInteger } from './numbers.js'
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
import { canBackquote, quote } from './quote.js'

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
  // whole charts are printed by mistake, with all their files
  if (isPlain(p) && (verb === 'v' || verb === 'd')) return write(p, `[${value.bytes.join(' ')}]`)
  const type = short ? { ...value.type, name: '[]byte' } : value.type
  writeList(p, type, value.isNil, value.bytes.length, (at) => {
    printNested(p, new GoNumber(types.uint8, BigInt(value.bytes[at] ?? 0)), types.uint8, verb)
  })
}

/** Whether numbers are printed as they are. */
function isPlain({ width, precision, plus, sharp, space, sharpV }: Printer): boolean {
  return (width ?? 0) === 0 && precision === undefined && !plus && !sharp && !space && !sharpV
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
