/** Bytes of a tar block; headers and content start at multiples of it. */
export const blockSize = 512

/** The end of an archive: two zero blocks. */
export const endOfArchive = new Uint8Array(2 * blockSize)

/** Longest path in ustar's `name` field; longer ones need a PAX record. */
const longestName = 100
/** Largest size that eleven octal digits hold: one byte less than 8 GiB. */
const largestOctal = 0o77777777777

const encoder = new TextEncoder()

/** The next multiple of a block. */
export function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize
}

/** Bytes that stand before the content of an entry: one block, or three when it needs PAX records. */
export function headerLength(path: string, size: number): number {
  const records = paxRecords(path, size)
  return records.length === 0 ? blockSize : blockSize + padded(records.length) + blockSize
}

/**
 * The header of a regular file (POSIX.1-2017, pax, "ustar Interchange Format"), the same for the same path and size on every
 * machine: mode 0644, owner 0, time 0. A path of more than 100 bytes and a size from 8 GiB up stand in a PAX extended header
 * before it; ustar's own field then holds the path's first 100 bytes, or the size 0.
 */
export function encodeHeader(path: string, size: number): Uint8Array {
  const records = paxRecords(path, size)
  const header = ustarHeader(path, size > largestOctal ? 0 : size, '0')
  if (records.length === 0) return header
  const bytes = new Uint8Array(headerLength(path, size))
  bytes.set(ustarHeader(`PaxHeaders/${path}`, records.length, 'x'))
  bytes.set(records, blockSize)
  bytes.set(header, bytes.length - blockSize)
  return bytes
}

function paxRecords(path: string, size: number): Uint8Array {
  const long = encoder.encode(path).length > longestName
  const records = [long ? paxRecord('path', path) : '', size > largestOctal ? paxRecord('size', String(size)) : '']
  return encoder.encode(records.join(''))
}

/** `length key=value\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const bytes = encoder.encode(rest).length
  let length = bytes + String(bytes).length
  if (String(length).length > String(bytes).length) length = bytes + String(length).length
  return `${length}${rest}`
}

function ustarHeader(path: string, size: number, type: '0' | 'x'): Uint8Array {
  const block = new Uint8Array(blockSize)
  const put = (text: string, offset: number): void => block.set(encoder.encode(text), offset)
  block.set(encoder.encode(path).subarray(0, longestName), 0)
  put('0000644\0', 100)
  put('0000000\0', 108)
  put('0000000\0', 116)
  put(`${size.toString(8).padStart(11, '0')}\0`, 124)
  put('00000000000\0', 136)
  put('        ', 148)
  put(type, 156)
  put('ustar\x0000', 257)
  put('0000000\0', 329)
  put('0000000\0', 337)
  put(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** Sum of a header's bytes, its own checksum field counted as spaces. */
export function checksum(block: Uint8Array): number {
  let sum = 0
  for (let index = 0; index < blockSize; index++) {
    sum += index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0)
  }
  return sum
}
