/**
 * Go's strings are bytes, JavaScript's are UTF-16. Valid UTF-8 is held as the text it is. Each byte that is not part of valid UTF-8
 * is held as the lone surrogate U+DC00 + byte (U+DC80–U+DCFF), so that binary content survives every way through a template.
 */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const escaped = /[\uDC80-\uDCFF]/
const escapedAt = 0xdc00

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** The Go string of some bytes. */
export function fromBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    return decodeEscaping(bytes)
  }
}

function decodeEscaping(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const size = runeSize(bytes, at)
    text +=
      size === 0 ? String.fromCharCode(escapedAt + (bytes[at] ?? 0)) : decoder.decode(bytes.subarray(at, at + size))
    at += Math.max(size, 1)
  }
  return text
}

/** The length of the valid UTF-8 rune at an index; 0 when there is none. */
function runeSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const size = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first <= 0xf4 ? 4 : 0
  if (size === 0 || first < 0xc2 || at + size > bytes.length) return 0
  const second = bytes[at + 1] ?? 0
  const [low, high] = secondRange(first)
  if (second < low || second > high) return 0
  for (let next = 2; next < size; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0
  return size
}

function secondRange(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf]
  if (first === 0xed) return [0x80, 0x9f]
  if (first === 0xf0) return [0x90, 0xbf]
  if (first === 0xf4) return [0x80, 0x8f]
  return [0x80, 0xbf]
}

/** The bytes of a Go string. */
export function toBytes(text: string): Uint8Array {
  if (!escaped.test(text)) return encoder.encode(text)
  const parts: number[] = []
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isHigh(unit) && isLow(text.charCodeAt(at + 1))) {
      parts.push(...encoder.encode(text.slice(at, at + 2)))
      at++
    } else if (unit >= 0xdc80 && unit <= 0xdcff) parts.push(unit - escapedAt)
    else if (unit < 0x80) parts.push(unit)
    else parts.push(...encoder.encode(text[at]))
  }
  return Uint8Array.from(parts)
}

/** The length of a Go string in bytes. */
export function byteLength(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else if (isHigh(unit) && isLow(text.charCodeAt(at + 1))) {
      length += 2
      at++
    } else if (unit < 0xdc80 || unit > 0xdcff) length += 2
  }
  return length
}

/** Whether every character is ASCII, so that bytes, runes and UTF-16 units are the same. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Bytes `from` (inclusive) to `to` (exclusive) of a Go string; runes may be cut. */
export function sliceBytes(text: string, from: number, to: number): string {
  return isAscii(text) ? text.slice(from, to) : fromBytes(toBytes(text).subarray(from, to))
}

/** Puts bytes that now form a valid rune back together; a concatenation of cut strings needs it before it is compared. */
export function joined(text: string): string {
  return escaped.test(text) ? fromBytes(toBytes(text)) : text
}

/** The runes of a Go string as Go ranges over them: a byte that is no valid UTF-8 is U+FFFD. */
export function toRunes(text: string): number[] {
  const runes: number[] = []
  for (const char of text) {
    const rune = char.codePointAt(0) ?? 0
    runes.push(rune >= 0xd800 && rune <= 0xdfff ? 0xfffd : rune)
  }
  return runes
}

/** The byte that a lone surrogate stands for; undefined for every other rune of `for...of`. */
export function escapedByte(rune: number): number | undefined {
  return rune >= 0xdc80 && rune <= 0xdcff ? rune - escapedAt : undefined
}

/** Go's order of strings: by bytes. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const x = a.charCodeAt(at)
    const y = b.charCodeAt(at)
    if (x === y) continue
    return x < 0xd800 && y < 0xd800 ? x - y : compareBytes(toBytes(a), toBytes(b))
  }
  return a.length - b.length
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Keys in Go's order of iteration: by bytes. */
export function sortedKeys(entries: ReadonlyMap<string, unknown>): string[] {
  return [...entries.keys()].sort(compareStrings)
}
