import { GoMap, GoSlice, valueTooLarge, type Value } from '@ropeway/gotemplate'

/** Parts of a value, counted as often as they are reached: a few lists that hold each other twice are as large as the world. */
const mostParts = 2_000_000

/** Counts the parts of values that are walked through; throws `LimitError` beyond the limit. */
export function partCounter(): () => void {
  let left = mostParts
  return () => {
    if (left-- <= 0) throw valueTooLarge(mostParts)
  }
}

/** Throws `LimitError` for a value that takes too long to walk through. */
export function checkSize(value: Value): void {
  const count = partCounter()
  const walk = (item: Value): void => {
    count()
    if (item instanceof GoSlice) for (const inner of item.items) walk(inner)
    else if (item instanceof GoMap) for (const inner of item.entries.values()) walk(inner)
  }
  walk(value)
}
