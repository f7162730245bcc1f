import { quoteBytes } from './layout.js'
import { FunctionError } from '@ropeway/gotemplate'
/** Nanoseconds per unit. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Go's `ParseDuration`, in nanoseconds; throws Go's message. */
export function parseDuration(text: string): bigint {
  const quoted = quoteBytes(text)
  const sign = /^[-+]/.exec(text)?.[0]
  const body = sign === undefined ? text : text.slice(1)
  if (body === '0') return 0n
  if (body === '') throw new FunctionError(`time: invalid duration ${quoted}`)
  let total = 0n
  let rest = body
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)
    const [all = '', whole = '', fraction = ''] = number ?? []
    if (whole === '' && fraction === '') throw new FunctionError(`time: invalid duration ${quoted}`)
    rest = rest.slice(all.length)
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? ''
    if (unit === '') throw new FunctionError(`time: missing unit in duration ${quoted}`)
    const scale = units[unit]
    if (scale === undefined) throw new FunctionError(`time: unknown unit ${quoteBytes(unit)} in duration ${quoted}`)
    rest = rest.slice(unit.length)
    total += BigInt(whole === '' ? 0 : whole) * scale
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length)
    if (total > 2n ** 63n) throw new FunctionError(`time: invalid duration ${quoted}`)
  }
  return sign === '-' ? -total : total
}

/** A duration as Go prints it: `1h0m5s`, `1.5s`, `0s`. */
export function durationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const negative = nanoseconds < 0n
  const size = negative ? -nanoseconds : nanoseconds
  return (negative ? '-' : '') + (size < 1_000_000_000n ? small(size) : large(size))
}

function small(size: bigint): string {
  if (size < 1000n) return `${String(size)}ns`
  return size < 1_000_000n ? `${decimal(size, 1000n)}µs` : `${decimal(size, 1_000_000n)}ms`
}

function large(size: bigint): string {
  const seconds = size / 1_000_000_000n
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n]
  const rest = decimal(size - (seconds / 60n) * 60_000_000_000n, 1_000_000_000n)
  if (hours > 0n) return `${String(hours)}h${String(minutes)}m${rest}s`
  return minutes > 0n ? `${String(minutes)}m${rest}s` : `${rest}s`
}

function decimal(size: bigint, unit: bigint): string {
  const fraction = String(size % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')
  return String(size / unit) + (fraction === '' ? '' : `.${fraction}`)
}
