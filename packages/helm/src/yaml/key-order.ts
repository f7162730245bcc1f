import { compareStrings } from '@ropeway/gotemplate'

const isLetter = (char: string): boolean => /^\p{L}$/u.test(char)
const isDigit = (char: string | undefined): boolean => char !== undefined && /^\p{Nd}$/u.test(char)

/**
 * The keys of a map in the order in which Go's YAML writes them: runs of digits compare as numbers, letters come after
 * everything else. `pretty` is the slightly different order of its third version.
 */
export function orderedKeys(keys: Iterable<string>, pretty: boolean): string[] {
  const sorted = [...keys].sort(compareStrings)
  if (sorted.every((key) => /^[A-Za-z]+$/.test(key))) return sorted
  const split = new Map(sorted.map((key) => [key, [...key]]))
  return sorted.sort((a, b) => compare(split.get(a) ?? [], split.get(b) ?? [], pretty))
}

function compare(a: readonly string[], b: readonly string[], pretty: boolean): number {
  let digits = false
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [x = '', y = ''] = [a[at], b[at]]
    if (x === y) {
      digits = isDigit(x)
      continue
    }
    const [xLetter, yLetter] = [isLetter(x), isLetter(y)]
    if (xLetter && yLetter) return codeOrder(x, y)
    if (xLetter || yLetter) return (pretty && digits ? xLetter : yLetter) ? -1 : 1
    return compareNumbers(a, b, at)
  }
  return a.length - b.length
}

function codeOrder(x: string, y: string): number {
  return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0)
}

function compareNumbers(a: readonly string[], b: readonly string[], at: number): number {
  const start = continuesNumber(a, b, at) ? 1n : 0n
  const [xDigits, yDigits] = [run(a, at), run(b, at)]
  const [x, y] = [numberOf(xDigits, start), numberOf(yDigits, start)]
  if (x !== y) return x < y ? -1 : 1
  if (xDigits.length !== yDigits.length) return xDigits.length - yDigits.length
  return codeOrder(a[at] ?? '', b[at] ?? '')
}

/** Go counts in 64 bits, which overflow, and takes any digit as so far from zero. */
function numberOf(digits: readonly string[], start: bigint): bigint {
  return digits.reduce((sum, digit) => BigInt.asIntN(64, sum * 10n + BigInt(codeOrder(digit, '0'))), start)
}

/** Whether a zero stands here behind a digit that is none. */
function continuesNumber(a: readonly string[], b: readonly string[], at: number): boolean {
  if (a[at] !== '0' && b[at] !== '0') return false
  for (let before = at - 1; before >= 0 && isDigit(a[before]); before--) if (a[before] !== '0') return true
  return false
}

function run(chars: readonly string[], from: number): readonly string[] {
  let end = from
  while (isDigit(chars[end])) end++
  return chars.slice(from, end)
}
