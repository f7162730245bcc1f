import type { TarHeader } from './parse.js'

/**
 * Reads the records of a PAX extended header (POSIX.1-2017, pax, "pax Extended Header"): path, linkpath and size. A GNU
 * sparse file becomes an entry of type `S`. `undefined` for damaged records.
 */
export function parsePax(bytes: Uint8Array): Partial<TarHeader> | undefined {
  const found: { path?: string; target?: string; size?: number; type?: string } = {}
  let position = 0
  while (position < bytes.byteLength && bytes[position] !== 0) {
    const record = readRecord(bytes, position)
    if (record === undefined) return undefined
    const { key, value } = record
    position = record.end
    if (key === 'path') found.path = value
    else if (key === 'linkpath') found.target = value
    else if (key === 'size') {
      if (!/^[0-9]{1,16}$/.test(value)) return undefined
      found.size = Number(value)
    } else if (key.startsWith('GNU.sparse')) found.type = 'S'
  }
  return found
}

/** `length key=value\n`, where the length is that of the whole record. */
function readRecord(bytes: Uint8Array, start: number): { key: string; value: string; end: number } | undefined {
  const space = bytes.indexOf(0x20, start)
  const digits = new TextDecoder().decode(bytes.subarray(start, Math.min(space, start + 10)))
  if (space < 0 || !/^[0-9]{1,9}$/.test(digits)) return undefined
  const end = start + Number(digits)
  if (end > bytes.byteLength || end <= space + 1 || bytes[end - 1] !== 0x0a) return undefined
  const text = new TextDecoder().decode(bytes.subarray(space + 1, end - 1))
  const equals = text.indexOf('=')
  return equals < 1 ? undefined : { key: text.slice(0, equals), value: text.slice(equals + 1), end }
}
