import type { RopewayError } from '@ropeway/core'

/** One entry of a tar: a file's bytes are handed over whole, other entries have none. */
export interface TarEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly bytes: Uint8Array
}

export interface TarLimits {
  /** Entries, extension headers included. */
  readonly entries: number
  /** Bytes of one file. */
  readonly file: number
}

const block = 512
const longNameLimit = 64 * 1024
const kinds: Readonly<Record<string, TarEntry['kind']>> = { '0': 'file', '\0': 'file', '7': 'file', '5': 'folder' }

/**
 * Reads a tar (ustar, GNU long names, pax paths and sizes) entry by entry. `fail` makes the error for what is broken,
 * truncated or above the limits.
 */
export async function* readTar(
  stream: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  limits: TarLimits,
  fail: (problem: string) => RopewayError,
): AsyncGenerator<TarEntry> {
  const source = blocks(stream, fail)
  let longName: string | undefined
  let pax: ReadonlyMap<string, string> = new Map()
  for (let entries = 0; ; entries++) {
    const header = await source.take(block)
    // an archive may also end without its two empty blocks
    if (header === undefined || header.every((byte) => byte === 0)) return
    if (entries >= limits.entries) throw fail(`it has more than ${String(limits.entries)} entries`)
    checkHeader(header, fail)
    const type = String.fromCharCode(header[156] ?? 0)
    const extension = type === 'x' || type === 'g' || type === 'L' || type === 'K'
    const size = entrySize(header, extension ? undefined : pax.get('size'), fail)
    const name = pax.get('path') ?? longName ?? headerName(header)
    const limit = extension ? longNameLimit : limits.file
    if (size > limit) throw fail(`${JSON.stringify(name)} has ${String(size)} bytes; ${String(limit)} are the limit`)
    const bytes = await source.content(size)
    if (type === 'L') longName = text(bytes)
    else if (type === 'x') pax = paxRecords(bytes, fail)
    else if (!extension) {
      yield { name, kind: kinds[type] ?? (type === '1' || type === '2' ? 'link' : 'other'), bytes }
      longName = undefined
      pax = new Map()
    }
  }
}

/** Cuts a stream into pieces of wanted sizes, which are parts of its chunks where they can be; `take` gives `undefined` at the end. */
function blocks(stream: AsyncIterable<Uint8Array> | readonly Uint8Array[], fail: (problem: string) => RopewayError) {
  const iterator = Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream.values()
  let held: Uint8Array = new Uint8Array(0)
  function part(size: number): Uint8Array {
    const taken = held.subarray(0, size)
    held = held.subarray(taken.byteLength)
    return taken
  }
  async function take(size: number): Promise<Uint8Array | undefined> {
    if (held.byteLength >= size) return part(size)
    const parts: Uint8Array[] = []
    let missing = size
    while (missing > 0) {
      if (held.byteLength === 0) {
        const next = await iterator.next()
        if (next.done === true) break
        held = next.value
      }
      const taken = part(missing)
      parts.push(taken)
      missing -= taken.byteLength
    }
    if (missing === size && size > 0) return undefined
    if (missing > 0) throw fail('it is truncated')
    return Buffer.concat(parts)
  }
  async function content(size: number): Promise<Uint8Array> {
    const padded = await take(Math.ceil(size / block) * block)
    if (padded === undefined) throw fail('it is truncated')
    return padded.subarray(0, size)
  }
  return { take, content }
}

function checkHeader(header: Uint8Array, fail: (problem: string) => RopewayError): void {
  let sum = 0
  for (let index = 0; index < block; index++) sum += index >= 148 && index < 156 ? 32 : (header[index] ?? 0)
  if (octal(header, 148, 8) !== sum) throw fail('it is no tar, or is damaged')
}

function headerName(header: Uint8Array): string {
  const name = text(header.subarray(0, 100))
  const ustar = text(header.subarray(257, 262)) === 'ustar' && header[262] === 0
  const prefix = ustar ? text(header.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function entrySize(header: Uint8Array, pax: string | undefined, fail: (problem: string) => RopewayError): number {
  const binary = ((header[124] ?? 0) & 0x80) !== 0
  const size = pax !== undefined ? Number(pax) : binary ? binarySize(header) : octal(header, 124, 12)
  if (!Number.isSafeInteger(size) || size < 0) throw fail('it is no tar, or is damaged')
  return size
}

function binarySize(header: Uint8Array): number {
  return header.subarray(125, 136).reduce((value, byte) => value * 256 + byte, (header[124] ?? 0) & 0x7f)
}

function octal(header: Uint8Array, start: number, length: number): number {
  const digits = text(header.subarray(start, start + length)).trim()
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : NaN
}

function paxRecords(bytes: Uint8Array, fail: (problem: string) => RopewayError): Map<string, string> {
  const records = new Map<string, string>()
  let start = 0
  while (start < bytes.byteLength) {
    const blank = bytes.indexOf(0x20, start)
    const length = Number(text(bytes.subarray(start, Math.max(blank, start))))
    if (blank < 0 || !(length > blank - start) || start + length > bytes.byteLength) {
      throw fail('it has a damaged pax header')
    }
    const record = decoder.decode(bytes.subarray(blank + 1, start + length - 1))
    const equals = record.indexOf('=')
    records.set(record.slice(0, equals), record.slice(equals + 1))
    start += length
  }
  return records
}

const decoder = new TextDecoder()

/** The text before the first zero byte. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}
