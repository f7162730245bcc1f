import type { ByteRange, StoredRange } from '@ropeway/core'

/** Ranges in order, adjacent and overlapping ones joined, empty ones left out. */
export function joined(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const result: { start: number; end: number }[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start === end) continue
    const last = result.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else result.push({ start, end })
  }
  return result
}

/** Whether the ranges together hold all of the range. */
export function covers(ranges: readonly ByteRange[], { start, end }: ByteRange): boolean {
  return start === end || joined(ranges).some((range) => range.start <= start && end <= range.end)
}

/** What is sealed of what a delivery tells as stored. */
export function sealedOf(stored: readonly StoredRange[]): readonly ByteRange[] {
  return joined(stored.filter(({ sealed }) => sealed))
}
