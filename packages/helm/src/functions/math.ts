import { FunctionError, func, int64, textOf, type GoFunction, type Value } from '@ropeway/gotemplate'
import { toFloat64, toInt64 } from './convert.js'
import {
  addDecimals,
  decimalOf,
  divideDecimals,
  multiplyDecimals,
  numberOf,
  subtractDecimals,
  type Decimal,
} from './decimal.js'

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)
const sum = (values: readonly Value[], start = 0n): Value =>
  int64(values.reduce<bigint>((total, value) => wrap(total + toInt64(value)), start))

function divided(a: Value, b: Value, remainder: boolean): Value {
  const [x, y] = [toInt64(a), toInt64(b)]
  if (y === 0n) throw new FunctionError('runtime error: integer divide by zero')
  return int64(remainder ? x % y : x / y)
}

function extreme(values: readonly Value[], better: (a: bigint, b: bigint) => boolean): Value {
  const [first = 0n, ...others] = values.map(toInt64)
  return int64(others.reduce((best, value) => (better(value, best) ? value : best), first))
}

function folded(first: Value, others: readonly Value[], combine: (a: Decimal, b: Decimal) => Decimal): number {
  return numberOf(
    others.reduce<Decimal>((total, value) => combine(total, decimalOf(toFloat64(value))), decimalOf(toFloat64(first))),
  )
}

function round(value: Value, places: bigint, roundOn: number): number {
  const power = 10 ** Number(places)
  const digit = power * toFloat64(value)
  const fraction = digit - Math.trunc(digit)
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power
}

const limits = [-(2n ** 63n), 2n ** 63n - 1n] as const

function atoi(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) return 0n
  const value = BigInt(text.replace(/^\+/, ''))
  return value < limits[0] ? limits[0] : value > limits[1] ? limits[1] : value
}

function octal(value: Value): Value {
  const text = textOf(value)
  if (!/^[+-]?[0-7]+$/.test(text)) return int64(0)
  const magnitude = BigInt(`0o${text.replace(/^[+-]/, '')}`)
  const signed = text.startsWith('-') ? -magnitude : magnitude
  return int64(signed < limits[0] || signed > limits[1] ? 0n : signed)
}

const float = { result: 'float64' } as const
const integer = { result: 'int64' } as const

/** sprig's arithmetic: integers are int64, the functions that end in `f` calculate in decimals. */
export const mathFunctions: Readonly<Record<string, GoFunction>> = {
  add: func('...any', (...values) => sum(values), integer),
  add1: func('any', (value) => sum([value], 1n), integer),
  sub: func('any, any', (a, b) => int64(toInt64(a) - toInt64(b)), integer),
  mul: func(
    'any, ...any',
    (a, ...values) => int64(values.reduce<bigint>((product, value) => wrap(product * toInt64(value)), toInt64(a))),
    integer,
  ),
  div: func('any, any', (a, b) => divided(a, b, false), integer),
  mod: func('any, any', (a, b) => divided(a, b, true), integer),
  max: func('any, ...any', (a, ...values) => extreme([a, ...values], (x, y) => x > y), integer),
  biggest: func('any, ...any', (a, ...values) => extreme([a, ...values], (x, y) => x > y), integer),
  min: func('any, ...any', (a, ...values) => extreme([a, ...values], (x, y) => x < y), integer),
  maxf: func('any, ...any', (a, ...values) => Math.max(toFloat64(a), ...values.map(toFloat64)), float),
  minf: func('any, ...any', (a, ...values) => Math.min(toFloat64(a), ...values.map(toFloat64)), float),
  addf: func('...any', (...values) => folded(0, values, addDecimals), float),
  add1f: func('any', (value) => folded(1, [value], addDecimals), float),
  subf: func('any, ...any', (a, ...values) => folded(a, values, subtractDecimals), float),
  mulf: func('any, ...any', (a, ...values) => folded(a, values, multiplyDecimals), float),
  divf: func('any, ...any', (a, ...values) => folded(a, values, divideDecimals), float),
  floor: func('any', (value) => Math.floor(toFloat64(value)), float),
  ceil: func('any', (value) => Math.ceil(toFloat64(value)), float),
  round: func('any, int, ...float64', (value, places, ...on) => round(value, places, toFloat64(on[0] ?? 0.5)), float),
  int: func('any', (value) => toInt64(value), { result: 'int' }),
  int64: func('any', (value) => int64(toInt64(value)), integer),
  float64: func('any', toFloat64, float),
  atoi: func('string', atoi, { result: 'int' }),
  toDecimal: func('any', octal, integer),
}
