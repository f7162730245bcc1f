/** Where a number ends, and whether it may end there. */
export interface ScannedNumber {
  readonly end: number
  readonly good: boolean
}

const letterOrDigit = /^[\p{L}\p{Nd}]$/u

/** Whether a code point is a letter, a digit or `_`. */
export function isAlphaNumeric(code: number): boolean {
  if (code < 0x80) {
    return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95
  }
  return letterOrDigit.test(String.fromCodePoint(code))
}

function accept(input: string, at: number, chars: string): number {
  const char = input[at]
  return char !== undefined && chars.includes(char) ? at + 1 : at
}

function acceptRun(input: string, at: number, chars: string): number {
  let end = at
  while (end < input.length && chars.includes(input[end] ?? '')) end++
  return end
}

const decimal = '0123456789_'

/** The digits of the base that a prefix such as `0x` tells. */
function digitsOf(input: string, at: number): { readonly digits: string; readonly from: number } {
  if (input[at] !== '0') return { digits: decimal, from: at }
  switch (input[at + 1]) {
    case 'x':
    case 'X':
      return { digits: '0123456789abcdefABCDEF_', from: at + 2 }
    case 'o':
    case 'O':
      return { digits: '01234567_', from: at + 2 }
    case 'b':
    case 'B':
      return { digits: '01_', from: at + 2 }
    default:
      return { digits: decimal, from: at + 1 }
  }
}

/** Goes over what looks like a number; whether it is one is told by its parser. */
export function scanNumber(input: string, start: number): ScannedNumber {
  const { digits, from } = digitsOf(input, accept(input, start, '+-'))
  let at = acceptRun(input, from, digits)
  const point = accept(input, at, '.')
  if (point > at) at = acceptRun(input, point, digits)
  const marks = digits === decimal ? 'eE' : digits.length > decimal.length ? 'pP' : ''
  const exponent = accept(input, at, marks)
  if (exponent > at) at = acceptRun(input, accept(input, exponent, '+-'), decimal)
  at = accept(input, at, 'i')
  const next = input.codePointAt(at)
  if (next === undefined || !isAlphaNumeric(next)) return { end: at, good: true }
  return { end: at + (next > 0xffff ? 2 : 1), good: false }
}
