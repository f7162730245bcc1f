import { quote } from '../format/quote.js'

/** A number literal and all the kinds of number that it can be. */
export interface NumberLiteral {
  readonly text: string
  int: bigint | undefined
  uint: bigint | undefined
  float: number | undefined
  complex: readonly [re: number, im: number] | undefined
}

const integer = /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/
const digits = '[0-9](?:_?[0-9])*'
const decimalFloat = new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`)
const hexFloat =
  /^([+-]?)0[xX](_?[0-9a-fA-F](?:_?[0-9a-fA-F])*)?(?:\.([0-9a-fA-F](?:_?[0-9a-fA-F])*)?)?[pP]([+-]?[0-9](?:_?[0-9])*)$/

/** Go's `strconv.ParseInt(text, 0, …)` without the bounds; undefined when it is no integer. */
export function parseInteger(text: string): bigint | undefined {
  const match = integer.exec(text)
  if (match === null) return undefined
  const [, sign, body = ''] = match
  const plain = body.replaceAll('_', '')
  const value = BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain)
  return sign === '-' ? -value : value
}

/** Go's `strconv.ParseFloat` for literals; undefined when it is none or too large. */
export function parseFloat(text: string): number | undefined {
  const value = decimalFloat.test(text) ? Number(text.replaceAll('_', '')) : parseHexFloat(text)
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

function parseHexFloat(text: string): number | undefined {
  const match = hexFloat.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', power] = match
  const places = fraction.replaceAll('_', '')
  const mantissa = (whole + places).replaceAll('_', '')
  if (mantissa === '') return undefined
  const value = Number(BigInt(`0x${mantissa}`)) * 2 ** (Number(power?.replaceAll('_', '')) - 4 * places.length)
  return sign === '-' ? -value : value
}

const maxInt = 2n ** 63n - 1n
const maxUint = 2n ** 64n - 1n

function integral(value: number): bigint | undefined {
  return Number.isInteger(value) ? BigInt(value) : undefined
}

const inInt = (value: bigint | undefined): bigint | undefined =>
  value !== undefined && value >= -maxInt - 1n && value <= maxInt ? value : undefined
const inUint = (value: bigint | undefined): bigint | undefined =>
  value !== undefined && value >= 0n && value <= maxUint ? value : undefined

/** A character constant. */
export function characterLiteral(text: string, code: number): NumberLiteral {
  return { text, int: BigInt(code), uint: BigInt(code), float: code, complex: undefined }
}

function complexLiteral(text: string, re: number, im: number): NumberLiteral {
  const float = im === 0 ? re : undefined
  const whole = float === undefined ? undefined : integral(float)
  return { text, int: inInt(whole), uint: inUint(whole), float, complex: [re, im] }
}

/** A complex constant such as `1+2i`; undefined when it is none. */
export function complexConstant(text: string): NumberLiteral | undefined {
  const split = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'))
  const before = text[split - 1]
  const at = before === 'e' || before === 'E' || before === 'p' || before === 'P' ? splitBefore(text, split - 1) : split
  const re = anyFloat(text.slice(0, at))
  const im = anyFloat(text.slice(at, -1))
  return re === undefined || im === undefined ? undefined : complexLiteral(text, re, im)
}

function splitBefore(text: string, before: number): number {
  return Math.max(text.lastIndexOf('+', before), text.lastIndexOf('-', before))
}

function anyFloat(text: string): number | undefined {
  const whole = parseInteger(text)
  return whole === undefined ? parseFloat(text) : Number(whole)
}

const small = /^(?:0|[1-9][0-9]{0,14})$/

/** A number; a text when it is none, which is Go's reason. */
export function numberLiteral(text: string): NumberLiteral | string {
  if (small.test(text)) {
    const float = Number(text)
    const int = BigInt(float)
    return { text, int, uint: int, float, complex: undefined }
  }
  if (text.endsWith('i')) {
    const im = parseFloat(text.slice(0, -1))
    if (im !== undefined) return complexLiteral(text, 0, im)
  }
  const whole = parseInteger(text)
  const int = inInt(whole)
  const uint = inUint(/^[+-]/.test(text) && int !== 0n ? undefined : whole)
  if (int !== undefined || uint !== undefined) {
    return { text, int, uint, float: Number(int ?? uint), complex: undefined }
  }
  const float = parseFloat(text)
  if (float === undefined) return `illegal number syntax: ${quote(text)}`
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${quote(text)}`
  const integer = integral(float)
  return { text, int: inInt(integer), uint: inUint(integer), float, complex: undefined }
}
