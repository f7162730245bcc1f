import { open, readFile, readdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'

const unzip = promisify(inflate)

/**
 * The object that an annotated tag names, at whatever depth; `undefined` when `id` is no tag or cannot be read. `objects` is the
 * repository's folder of objects (gitformat-loose, gitformat-pack).
 */
export async function readTagTarget(objects: string, id: string): Promise<string | undefined> {
  let target: string | undefined
  for (let depth = 0; depth < 8; depth++) {
    const text: string | undefined = await readTag(objects, target ?? id).catch(() => undefined)
    const found = text === undefined ? undefined : /^object ([0-9a-f]+)$/m.exec(text)?.[1]
    if (found === undefined) return target
    target = found
  }
  return target
}

async function readTag(objects: string, id: string): Promise<string | undefined> {
  const loose = await readFile(join(objects, id.slice(0, 2), id.slice(2))).catch(() => undefined)
  if (loose === undefined) return readPackedTag(join(objects, 'pack'), id)
  const bytes = await unzip(loose)
  const start = bytes.indexOf(0) + 1
  return bytes.toString('latin1', 0, 4) === 'tag ' ? bytes.toString('utf8', start) : undefined
}

const tagType = 4
const offsetDelta = 6
const referenceDelta = 7

async function readPackedTag(folder: string, id: string): Promise<string | undefined> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.idx')) continue
    const index = await readFile(join(folder, name))
    const offset = findInIndex(index, id)
    if (offset === undefined) continue
    const pack = await open(join(folder, name.replace(/\.idx$/, '.pack')))
    try {
      const object = await readPacked(pack, index, offset, id.length / 2)
      return object?.type === tagType ? object.bytes.toString('utf8') : undefined
    } finally {
      await pack.close()
    }
  }
  return undefined
}

/** Offset of an object in the pack that belongs to an index of version 2. */
function findInIndex(index: Buffer, id: string): number | undefined {
  if (index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2) return undefined
  const fanout = 8
  const wanted = Buffer.from(id, 'hex')
  const count = index.readUInt32BE(fanout + 255 * 4)
  const first = wanted[0] ?? 0
  const ids = fanout + 256 * 4
  let low = first === 0 ? 0 : index.readUInt32BE(fanout + (first - 1) * 4)
  let high = index.readUInt32BE(fanout + first * 4)
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = ids + middle * wanted.length
    const order = index.compare(wanted, 0, wanted.length, at, at + wanted.length)
    if (order === 0) return offsetAt(index, ids + count * (wanted.length + 4), count, middle)
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

function offsetAt(index: Buffer, offsets: number, count: number, position: number): number {
  const value = index.readUInt32BE(offsets + position * 4)
  const large = offsets + count * 4
  return value < 0x80000000 ? value : Number(index.readBigUInt64BE(large + (value - 0x80000000) * 8))
}

interface PackedObject {
  readonly type: number
  readonly bytes: Buffer
}

/** More than a tag and the head of a delta ever take. */
const readAhead = 1 << 20

async function readPacked(
  pack: FileHandle,
  index: Buffer,
  offset: number,
  hashSize: number,
): Promise<PackedObject | undefined> {
  const buffer = Buffer.alloc(readAhead)
  const { bytesRead } = await pack.read(buffer, 0, readAhead, offset)
  const data = buffer.subarray(0, bytesRead)
  const type = ((data[0] ?? 0) >> 4) & 7
  let at = 1
  while (((data[at - 1] ?? 0) & 0x80) !== 0) at++
  if (type === offsetDelta) {
    const { value, next } = readOffset(data, at)
    return applyDelta(await readPacked(pack, index, offset - value, hashSize), await unzip(data.subarray(next)))
  }
  if (type === referenceDelta) {
    const base = findInIndex(index, data.toString('hex', at, at + hashSize))
    if (base === undefined) return undefined
    return applyDelta(await readPacked(pack, index, base, hashSize), await unzip(data.subarray(at + hashSize)))
  }
  return type === tagType ? { type, bytes: await unzip(data.subarray(at)) } : undefined
}

function readOffset(data: Buffer, start: number): { value: number; next: number } {
  let at = start
  let byte = data[at++] ?? 0
  let value = byte & 0x7f
  while ((byte & 0x80) !== 0) {
    byte = data[at++] ?? 0
    value = (value + 1) * 128 + (byte & 0x7f)
  }
  return { value, next: at }
}

function applyDelta(base: PackedObject | undefined, delta: Buffer): PackedObject | undefined {
  if (base === undefined) return undefined
  let at = skipSize(delta, skipSize(delta, 0))
  const parts: Buffer[] = []
  while (at < delta.length) {
    const command = delta[at++] ?? 0
    if ((command & 0x80) === 0) {
      parts.push(delta.subarray(at, at + command))
      at += command
      continue
    }
    const read = (bits: readonly number[]) =>
      bits.reduce(
        (value, bit, position) => value + ((command & bit) === 0 ? 0 : (delta[at++] ?? 0) * 2 ** (8 * position)),
        0,
      )
    const start = read([0x01, 0x02, 0x04, 0x08])
    const size = read([0x10, 0x20, 0x40]) || 0x10000
    parts.push(base.bytes.subarray(start, start + size))
  }
  return { type: base.type, bytes: Buffer.concat(parts) }
}

function skipSize(delta: Buffer, start: number): number {
  let at = start
  while (((delta[at++] ?? 0) & 0x80) !== 0) continue
  return at
}
