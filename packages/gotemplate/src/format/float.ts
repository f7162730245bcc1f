/** Decimal digits of a finite number: 0.d1d2d3… × 10^point. Zero has no digits. */
interface Decimal {
  readonly digits: string
  readonly point: number
}

const zero: Decimal = { digits: '', point: 0 }
const view = new DataView(new ArrayBuffer(8))

/** Mantissa and exponent of a positive finite float64: mantissa × 2^exponent, as the bits hold them. */
function bitsOf(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 }
}

function trimmed(digits: string, point: number): Decimal {
  const text = digits.replace(/0+$/, '')
  return text === '' ? zero : { digits: text, point }
}

/** All digits of the exact value. */
function exact(value: number): Decimal {
  if (value === 0) return zero
  const { mantissa, exponent } = bitsOf(value)
  const digits = (exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)).toString()
  return trimmed(digits, exponent >= 0 ? digits.length : digits.length + exponent)
}

/** The fewest digits that read back as the same number. */
function shortest(value: number, size: 32 | 64): Decimal {
  if (value === 0) return zero
  let text = value.toExponential()
  for (let precision = 1; size === 32 && precision <= 9; precision++) {
    text = value.toExponential(precision - 1)
    if (Math.fround(Number(text)) === value) break
  }
  const [digits = '', exponent] = text.split('e')
  return trimmed(digits.replace('.', ''), Number(exponent) + 1)
}

/** Rounds to a number of digits, half to even. */
function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point }
  if (count < 0) return zero
  const kept = digits.slice(0, count)
  if (!roundsUp(digits, count)) return trimmed(kept, point)
  const raised = (BigInt(kept === '' ? 0 : kept) + 1n).toString()
  return raised.length > kept.length ? trimmed(raised, point + 1) : trimmed(raised, point)
}

function roundsUp(digits: string, count: number): boolean {
  const next = digits.charCodeAt(count) - 48
  if (next !== 5 || digits.length > count + 1) return next >= 5
  return count > 0 && (digits.charCodeAt(count - 1) - 48) % 2 === 1
}

function fixed({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (precision <= 0) return whole
  const fraction = '0'.repeat(Math.max(0, Math.min(-point, precision))) + digits.slice(Math.max(0, point))
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`
}

function exponential({ digits, point }: Decimal, precision: number, letter: string): string {
  const first = digits[0] ?? '0'
  const rest = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, '0')}` : ''
  const exponent = digits === '' ? 0 : point - 1
  const size = Math.abs(exponent)
  return `${first}${rest}${letter}${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`
}

function general(value: number, precision: number, size: 32 | 64, letter: string): string {
  const short = precision < 0
  const wanted = precision === 0 ? 1 : precision
  const decimal = short ? shortest(value, size) : rounded(exact(value), wanted)
  const { digits, point } = decimal
  const limit = short ? 6 : wanted > digits.length && digits.length >= point ? digits.length : wanted
  const exponent = point - 1
  if (value !== 0 && (exponent < -4 || exponent >= limit)) {
    return exponential(decimal, digits.length - 1, letter)
  }
  return fixed(decimal, Math.max(digits.length - point, 0))
}

function binary(value: number, size: 32 | 64): string {
  const { mantissa, exponent } = value === 0 ? { mantissa: 0n, exponent: -1074 } : bitsOf(value)
  if (size === 64) return `${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
  const power = value === 0 ? -149 : exponent + 29
  return `${mantissa >> 29n}p${power < 0 ? '-' : '+'}${Math.abs(power)}`
}

/** Hexadecimal with a leading digit 1, as Go's `%x` prints floats. */
function hexadecimal(value: number, precision: number, letter: 'x' | 'X'): string {
  let { mantissa, exponent } = value === 0 ? { mantissa: 0n, exponent: -52 } : bitsOf(value)
  while (mantissa !== 0n && mantissa < 0x10000000000000n) {
    mantissa <<= 1n
    exponent--
  }
  exponent += 52
  if (precision >= 0 && precision < 13) {
    const shift = BigInt((13 - precision) * 4)
    const half = 1n << (shift - 1n)
    const rest = mantissa & ((1n << shift) - 1n)
    let kept = mantissa >> shift
    if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++
    mantissa = kept << shift
    if (mantissa >= 0x20000000000000n) {
      mantissa >>= 1n
      exponent++
    }
  }
  const hex = mantissa.toString(16).padStart(14, '0')
  const digits =
    precision < 0 ? hex.slice(1).replace(/0+$/, '') : hex.slice(1).padEnd(precision, '0').slice(0, precision)
  const power = Math.abs(exponent)
  const text = `0x${hex[0] ?? '0'}${digits && `.${digits}`}p${exponent < 0 ? '-' : '+'}${power < 10 ? '0' : ''}${power}`
  return letter === 'X' ? text.toUpperCase() : text
}

/** The verbs of floats that `formatFloat` knows. */
export type FloatVerb = 'b' | 'e' | 'E' | 'f' | 'g' | 'G' | 'x' | 'X'

/**
 * Go's `strconv.FormatFloat`: `precision` -1 means the fewest digits that read back as the same number of `size` bits.
 * Rounds the exact decimal value half to even.
 */
export function formatFloat(value: number, verb: FloatVerb, precision: number, size: 32 | 64 = 64): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return sign + formatPositive(Math.abs(value), verb, precision, size)
}

function formatPositive(value: number, verb: FloatVerb, precision: number, size: 32 | 64): string {
  switch (verb) {
    case 'b':
      return binary(value, size)
    case 'x':
    case 'X':
      return hexadecimal(value, precision, verb)
    case 'g':
    case 'G':
      return general(value, precision, size, verb === 'g' ? 'e' : 'E')
    case 'e':
    case 'E': {
      const decimal = precision < 0 ? shortest(value, size) : rounded(exact(value), precision + 1)
      return exponential(decimal, precision < 0 ? Math.max(decimal.digits.length - 1, 0) : precision, verb)
    }
    case 'f': {
      const all = precision < 0 ? shortest(value, size) : exact(value)
      const decimal = precision < 0 ? all : rounded(all, all.point + precision)
      return fixed(decimal, precision < 0 ? Math.max(decimal.digits.length - decimal.point, 0) : precision)
    }
  }
}

/** A float64 as an action, `print` and `%v` write it: the fewest digits, with an exponent below 1e-4 and from 1e6 on. */
export function floatText(value: number): string {
  if (Number.isInteger(value) && value > -1e6 && value < 1e6 && !Object.is(value, -0)) return String(value)
  return formatFloat(value, 'g', -1)
}
