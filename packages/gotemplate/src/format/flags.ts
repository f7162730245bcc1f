import { toRunes } from '../bytes.js'
import { outputTooLarge } from '../errors.js'

/** The flags, width and precision of one verb, and the text so far. */
export interface Printer {
  text: string
  /** The longest text that may be made, in UTF-16 units. */
  readonly limit: number
  pieces: number
  width: number | undefined
  precision: number | undefined
  plus: boolean
  minus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  /** `%+v` and `%#v`. */
  plusV: boolean
  sharpV: boolean
  /** Within the text of a wrong verb methods are not asked. */
  erroring: boolean
}

export function createPrinter(limit: number): Printer {
  const flags = { plus: false, minus: false, sharp: false, space: false, zero: false, plusV: false, sharpV: false }
  return { text: '', limit, pieces: 0, width: undefined, precision: undefined, ...flags, erroring: false }
}

export function clearFlags(p: Printer): void {
  p.width = undefined
  p.precision = undefined
  p.plus = p.minus = p.sharp = p.space = p.zero = p.plusV = p.sharpV = false
}

/** Adds text as it is. */
export function write(p: Printer, text: string): void {
  p.text += text
  // Text in very many pieces takes far more time and memory than its length tells.
  if (p.text.length > p.limit || ++p.pieces > p.limit >> 4) throw outputTooLarge(p.limit)
}

/** Fills to the width with blanks, or with zeros in front of the text when the flag asks for them and `zeros` allows it. */
export function pad(p: Printer, text: string, zeros = true): void {
  const { width } = p
  if (width === undefined || width === 0) return write(p, text)
  const missing = Math.max(0, width - toRunes(text).length)
  if (p.minus) write(p, text + ' '.repeat(missing))
  else write(p, (zeros && p.zero ? '0' : ' ').repeat(missing) + text)
}
