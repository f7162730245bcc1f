import { GoMap, GoSlice, defaultLimits, outputTooLarge, valueTooLarge, type Value } from '@ropeway/gotemplate'

/** Parts of a value, counted as often as they are reached: a few lists that hold each other twice are as large as the world. */
const mostParts = 2_000_000

/** Counts the parts of values that are walked through, one or several at once; throws `LimitError` beyond the limit. */
export function partCounter(): (parts?: number) => void {
  let left = mostParts
  return (parts = 1) => {
    left -= parts
    if (left < 0) throw valueTooLarge(mostParts)
  }
}

/** Counts the characters of a text that is being written; throws `LimitError` beyond what a template may print. */
export function lengthCounter(): (length: number) => void {
  let left = defaultLimits.output
  return (length) => {
    left -= length
    if (left < 0) throw outputTooLarge(defaultLimits.output)
  }
}

/** Whether a value holds itself. */
export function hasCycle(value: Value): boolean {
  const done = new Set<Value>()
  const open = new Set<Value>()
  const walk = (item: Value): boolean => {
    if (!(item instanceof GoMap || item instanceof GoSlice) || done.has(item)) return false
    if (open.has(item)) return true
    open.add(item)
    const inner = item instanceof GoMap ? [...item.entries.values()] : item.items
    const found = inner.some(walk)
    open.delete(item)
    done.add(item)
    return found
  }
  return walk(value)
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
