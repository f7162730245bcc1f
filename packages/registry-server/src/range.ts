import type { ByteRange } from '@ropeway/core'

/**
 * Reads a `Range` header (RFC 9110 §14.2) against the size of what is asked for. `undefined`: the whole is to be sent (no
 * header, several ranges, another unit, nonsense); `unsatisfiable`: answer 416.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Number(last)
    return length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(size - length, 0), end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}

/** Reads the `Content-Range` of a chunk: `<first>-<last>`, both included, without a unit (distribution-spec, "Pushing a blob in chunks"). */
export function parseContentRange(header: string): ByteRange | undefined {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(header.trim())
  if (match === null) return undefined
  const range = { start: Number(match[1]), end: Number(match[2]) + 1 }
  return range.end > range.start ? range : undefined
}
