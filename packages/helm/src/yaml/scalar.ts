/** What a plain scalar means to Helm: integers are bigint, so that they stay apart from floats. */
export type YamlScalar = null | boolean | bigint | number | string

const nulls = new Set(['', '~', 'null', 'Null', 'NULL'])
const truths = new Set('y Y yes Yes YES true True TRUE on On ON'.split(' '))
const falsehoods = new Set('n N no No NO false False FALSE off Off OFF'.split(' '))
const integer = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/
const float = /^[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?$/
const dotFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][+-]?[0-9]+)?$/
const infinity = /^([+-]?)\.(?:inf|Inf|INF)$/
const notANumber = /^\.(?:nan|NaN|NAN)$/

/** Reads an unquoted scalar by the rules of YAML 1.1 as Helm's parser applies them: `yes` is true, `017` is 15, `1.10` is 1.1. */
export function plainScalar(text: string): YamlScalar {
  // most are words, which start neither a number nor are as short as a truth
  if (text.length > 5 && !numeric(text.charCodeAt(0))) return text
  if (nulls.has(text)) return null
  if (truths.has(text)) return true
  if (falsehoods.has(text)) return false
  const sign = infinity.exec(text)?.[1]
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity
  if (notANumber.test(text)) return NaN
  return plainNumber(text) ?? text
}

/** Whether a unit is a digit, a sign or a dot. */
function numeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e
}

function plainNumber(text: string): bigint | number | undefined {
  if (text.startsWith('.')) return dotFloat.test(text) ? finite(text.replaceAll('_', '')) : undefined
  if (!/^[+\-0-9]/.test(text)) return undefined
  const digits = text.replaceAll('_', '')
  const whole = integer.test(digits) ? wholeNumber(digits) : undefined
  return whole ?? (float.test(digits) ? finite(digits) : undefined)
}

/** An integer of 64 bits, signed or not; larger ones are floats. */
function wholeNumber(digits: string): bigint | undefined {
  const signed = digits.startsWith('-') || digits.startsWith('+')
  const bare = signed ? digits.slice(1) : digits
  const octal = /^0[0-7]+$/.test(bare) ? `0o${bare.slice(1)}` : bare
  const magnitude = BigInt(octal.toLowerCase())
  const value = digits.startsWith('-') ? -magnitude : magnitude
  return BigInt.asIntN(64, value) === value || (!signed && BigInt.asUintN(64, value) === value) ? value : undefined
}

function finite(digits: string): number | undefined {
  const value = Number(digits)
  return Number.isFinite(value) ? value : undefined
}

/**
 * A float as text where Helm wants text (`appVersion: 1.10`): the shortest digits that give the same 32-bit float, with an
 * exponent when it is below -4 or above 5 (`2.0231124e+07`).
 */
export function floatText(value: number): string {
  const single = Math.fround(value)
  if (Number.isNaN(single)) return 'NaN'
  if (!Number.isFinite(single)) return single < 0 ? '-Inf' : '+Inf'
  if (single === 0) return Object.is(single, -0) ? '-0' : '0'
  let digits = 1
  while (digits < 9 && Math.fround(Number(single.toExponential(digits - 1))) !== single) digits += 1
  const [mantissa = '', power = '0'] = single.toExponential(digits - 1).split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return withoutExponent(mantissa, exponent)
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function withoutExponent(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const padded = digits.padEnd(exponent + 1, '0')
  const fraction = padded.slice(exponent + 1)
  return `${sign}${padded.slice(0, exponent + 1)}${fraction === '' ? '' : `.${fraction}`}`
}
