import type { ByteRange } from '@ropeway/core'

/** A set of byte positions, kept as ranges that neither touch nor overlap, ascending. */
export interface RangeSet {
  readonly ranges: readonly ByteRange[]
  /** Number of bytes in it. */
  readonly total: number
  /** Adds a range and returns the one that now holds it. */
  add(range: ByteRange): ByteRange
  remove(range: ByteRange): void
  /** Whether every byte of the range is in it. */
  covers(range: ByteRange): boolean
}

export function rangeSet(initial: Iterable<ByteRange> = []): RangeSet {
  const ranges: ByteRange[] = []
  /** Index of the first range that ends at `position` or after it. */
  const firstFrom = (position: number): number => {
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle]?.end ?? 0) < position) low = middle + 1
      else high = middle
    }
    return low
  }
  const set: RangeSet = {
    ranges,
    get total() {
      return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
    },
    add(range) {
      let { start, end } = range
      if (start >= end) return range
      const first = firstFrom(start)
      let next = first
      for (let touched = ranges[next]; touched !== undefined && touched.start <= end; touched = ranges[++next]) {
        start = Math.min(start, touched.start)
        end = Math.max(end, touched.end)
      }
      const merged = { start, end }
      ranges.splice(first, next - first, merged)
      return merged
    },
    remove({ start, end }) {
      if (start >= end) return
      const first = firstFrom(start + 1)
      const left: ByteRange[] = []
      let next = first
      for (let touched = ranges[next]; touched !== undefined && touched.start < end; touched = ranges[++next]) {
        if (touched.start < start) left.push({ start: touched.start, end: start })
        if (touched.end > end) left.push({ start: end, end: touched.end })
      }
      ranges.splice(first, next - first, ...left)
    },
    covers({ start, end }) {
      if (start >= end) return true
      const found = ranges[firstFrom(start + 1)]
      return found !== undefined && found.start <= start && found.end >= end
    },
  }
  for (const range of initial) set.add(range)
  return set
}
