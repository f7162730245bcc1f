import { FunctionError } from '@ropeway/gotemplate'
/** An exact decimal: units × 10^-scale. */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

/** The decimal of the fewest digits that read back as the number. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value))
    throw new FunctionError(`Cannot create a Decimal from ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const scale = fraction.length - Number(exponent)
  const units = BigInt(whole + fraction)
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 }
}

export function numberOf({ units, scale }: Decimal): number {
  return Number(`${String(units)}e${String(-scale)}`)
}

function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [a.units * 10n ** BigInt(scale - a.scale), b.units * 10n ** BigInt(scale - b.scale), scale]
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = aligned(a, b)
  return { units: x + y, scale }
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { units: -b.units, scale: b.scale })
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale }
}

const places = 16

/** Divides to 16 decimals, half away from zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw new FunctionError('decimal division by 0')
  const [x, y] = aligned(a, b)
  const negative = x < 0n !== y < 0n
  const [top, bottom] = [abs(x) * 10n ** BigInt(places), abs(y)]
  const quotient = (top * 2n + bottom) / (bottom * 2n)
  return { units: negative ? -quotient : quotient, scale: places }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
