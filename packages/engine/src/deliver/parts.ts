import type { ByteRange, BytesDelivery, StoredRange } from '@ropeway/core'
import { rangeSet, type Archive, type RangeSet } from '@ropeway/bundle'

/** Cuts an archive that arrives blob by blob into the equal parts that a service wants. */
export interface Parts {
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** The blob in this range is whole and verified. */
  verified(range: ByteRange): Promise<void>
  /** Writes the parts that hold no blob's byte. */
  finish(): Promise<void>
}

interface Part {
  readonly range: ByteRange
  readonly bytes: Uint8Array
  /** What of it is there: a blob that is read again fills in the same bytes twice. */
  readonly filled: RangeSet
}

/**
 * A part is held from its first byte until it is full, its headers and padding filled in when it is begun. One that several
 * blobs share is held until all of them are verified, because it could not be put together again for the one that has to be
 * read anew; so about as many parts are held as blobs are under way. A part is sealed when all blobs that touch it are
 * verified: only sealed parts are trusted after a crash, and all others are written again.
 */
export function createParts(
  delivery: BytesDelivery,
  unit: number,
  archive: Archive,
  stored: readonly StoredRange[],
): Parts {
  const open = new Map<number, Part>()
  const written = new Set<number>()
  const verifiedBlobs = new Set<number>()
  const count = Math.ceil(archive.size / unit)
  const blobs = [...archive.blobs.values()]
    .map(({ offset, size }) => ({ start: offset, end: offset + size }))
    .filter(({ start, end }) => end > start)
  const rangeOf = (index: number): ByteRange => ({
    start: index * unit,
    end: Math.min((index + 1) * unit, archive.size),
  })
  const durable = rangeSet(stored.filter(({ sealed }) => sealed))
  const sealing = new Set(indexes().filter((index) => durable.covers(rangeOf(index))))
  const storing = new Map<number, Promise<void>>()

  function indexes(): number[] {
    return Array.from({ length: count }, (_, index) => index)
  }

  function begin(index: number): Part {
    const range = rangeOf(index)
    const part: Part = { range, bytes: new Uint8Array(range.end - range.start), filled: rangeSet() }
    for (let at = firstFixed(archive, range.start); at < archive.fixed.length; at++) {
      const fixed = archive.fixed[at]
      if (fixed === undefined || fixed.offset >= range.end) break
      fill(part, fixed.offset, fixed.bytes)
    }
    open.set(index, part)
    return part
  }

  function fill(part: Part, offset: number, bytes: Uint8Array): void {
    const start = Math.max(offset, part.range.start)
    const end = Math.min(offset + bytes.byteLength, part.range.end)
    if (end <= start) return
    part.bytes.set(bytes.subarray(start - offset, end - offset), start - part.range.start)
    part.filled.add({ start, end })
  }

  function isShared(index: number): boolean {
    return touching(blobs, rangeOf(index)).length > 1
  }

  function isVerified(index: number): boolean {
    return touching(blobs, rangeOf(index)).every(({ start }) => verifiedBlobs.has(start))
  }

  async function storeWhenFull(index: number): Promise<void> {
    const part = open.get(index)
    if (part?.filled.covers(part.range) !== true) return
    const running = storing.get(index) ?? store(index, part).finally(() => storing.delete(index))
    storing.set(index, running)
    await running
  }

  async function store(index: number, part: Part): Promise<void> {
    await delivery.write(part.range, part.bytes)
    open.delete(index)
    written.add(index)
  }

  async function sealWhenVerified(index: number): Promise<void> {
    if (!written.has(index) || sealing.has(index) || !isVerified(index)) return
    sealing.add(index)
    try {
      await delivery.seal(rangeOf(index))
    } catch (thrown) {
      sealing.delete(index)
      throw thrown
    }
  }

  return {
    async write(offset, bytes) {
      for (let index = Math.floor(offset / unit); index * unit < offset + bytes.byteLength; index++) {
        if (sealing.has(index) || (written.has(index) && isShared(index))) continue
        fill(open.get(index) ?? begin(index), offset, bytes)
        if (!isShared(index)) await storeWhenFull(index)
      }
    },
    async verified(range) {
      verifiedBlobs.add(range.start)
      for (let index = Math.floor(range.start / unit); index * unit < range.end; index++) {
        if (isVerified(index)) await storeWhenFull(index)
        await sealWhenVerified(index)
      }
    },
    async finish() {
      for (const index of indexes()) {
        if (sealing.has(index) || written.has(index)) continue
        if (!open.has(index)) begin(index)
        await storeWhenFull(index)
        await sealWhenVerified(index)
      }
    },
  }
}

/** Index of the first fixed stretch that ends after `offset`. */
function firstFixed(archive: Archive, offset: number): number {
  let low = 0
  let high = archive.fixed.length
  while (low < high) {
    const middle = (low + high) >> 1
    const fixed = archive.fixed[middle]
    if (fixed !== undefined && fixed.offset + fixed.bytes.byteLength <= offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Ranges, ascending, that share a byte with `range`. */
function touching(ranges: readonly ByteRange[], range: ByteRange): ByteRange[] {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.end ?? 0) <= range.start) low = middle + 1
    else high = middle
  }
  const found: ByteRange[] = []
  for (let index = low; index < ranges.length; index++) {
    const candidate = ranges[index]
    if (candidate === undefined || candidate.start >= range.end) break
    found.push(candidate)
  }
  return found
}
