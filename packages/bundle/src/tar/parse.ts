import { blockSize, checksum } from './header.js'

/** A header block as it stands in a tar, of any of the formats in use (v7, ustar, GNU, PAX). */
export interface TarHeader {
  /** With ustar's prefix. */
  readonly path: string
  readonly size: number
  /** One character: `0` file, `1` hard link, `2` symbolic link, `5` folder, `x` and `g` PAX, `L` and `K` GNU long names. */
  readonly type: string
  readonly target: string
}

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** Reads a header; `undefined` when its checksum or its size shows that it is none. */
export function parseHeader(block: Uint8Array): TarHeader | undefined {
  if (block.byteLength < blockSize) return undefined
  const size = parseNumber(block.subarray(124, 136))
  if (size === undefined || parseNumber(block.subarray(148, 156)) !== checksum(block)) return undefined
  const name = text(block.subarray(0, 100))
  const prefix = isPosix(block) ? text(block.subarray(345, 500)) : ''
  const type = String.fromCharCode(block[156] ?? 0)
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    size,
    type: type === '\0' || type === '7' ? '0' : type,
    target: text(block.subarray(157, 257)),
  }
}

/** GNU's old format has other fields where ustar has its prefix. */
function isPosix(block: Uint8Array): boolean {
  return text(block.subarray(257, 263)) === 'ustar' && block[262] === 0
}

/** Text up to the first zero byte. */
function text(field: Uint8Array): string {
  const end = field.indexOf(0)
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end))
}

/** An octal number, or GNU's base 256 for large ones. */
function parseNumber(field: Uint8Array): number | undefined {
  const first = field[0] ?? 0
  if (first >= 0x80) {
    // 0x80 marks a positive number; anything else is negative or larger than any file.
    if (first !== 0x80) return undefined
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
    return Number.isSafeInteger(value) ? value : undefined
  }
  const octal = text(field).trim()
  if (octal === '') return 0
  return /^[0-7]+$/.test(octal) ? Number.parseInt(octal, 8) : undefined
}
