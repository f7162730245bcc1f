import type { ByteRange, BytesDelivery, Content, Descriptor } from '@ropeway/core'
import { rangeSet, type Archive } from '@ropeway/bundle'
import { createDigester, verified } from '@ropeway/oci'
import { createParts } from './parts.js'

/** Bytes that are gathered before they are written. */
const writeSize = 512 * 1024
/** Fixed stretches that are written at once. */
const finishBatch = 64
/** A stored stretch shorter than this is not worth reading back. */
const worthResuming = 256 * 1024

/** One open bytes delivery, told what to write in the archive's terms. */
export interface BytesWriter {
  /** Whether the blob was delivered and verified by an earlier, interrupted delivery. */
  done(digest: string): boolean
  /** Writes a whole verified blob and seals it. */
  blob(digest: string, stream: AsyncIterable<Uint8Array>): Promise<void>
  /** Writes the rest of a blob of which a part is stored; `undefined` when nothing worthwhile is. */
  resume(
    descriptor: Descriptor,
    content: Content,
    signal: AbortSignal,
  ): Promise<{ readonly resumedAt: number; finish(progress: (done: number) => void): Promise<void> } | undefined>
  /** Everything that is no blob. Called once, after the last blob. */
  finish(): Promise<void>
}

export async function createBytesWriter(delivery: BytesDelivery, archive: Archive): Promise<BytesWriter> {
  const stored = await delivery.stored()
  const sealed = rangeSet(stored.filter((range) => range.sealed))
  const stretches = rangeSet(stored).ranges
  const parts = delivery.unit === undefined ? undefined : createParts(delivery, delivery.unit, archive, stored)
  const rangeOf = (digest: string): ByteRange => {
    const place = archive.blobs.get(digest)
    return place === undefined ? { start: 0, end: 0 } : { start: place.offset, end: place.offset + place.size }
  }

  async function write(offset: number, bytes: Uint8Array): Promise<void> {
    if (parts === undefined) await delivery.write({ start: offset, end: offset + bytes.byteLength }, bytes)
    else await parts.write(offset, bytes)
  }

  async function writeStream(from: number, range: ByteRange, stream: AsyncIterable<Uint8Array>): Promise<void> {
    let offset = from
    for await (const bytes of gathered(stream)) {
      await write(offset, bytes)
      offset += bytes.byteLength
    }
    if (parts === undefined) await delivery.seal(range)
    else await parts.verified(range)
  }

  async function writeFixed({ offset, bytes }: Archive['fixed'][number]): Promise<void> {
    const range = { start: offset, end: offset + bytes.byteLength }
    if (sealed.covers(range)) return
    await delivery.write(range, bytes)
    await delivery.seal(range)
  }

  return {
    done(digest) {
      const range = rangeOf(digest)
      return range.end > range.start && sealed.covers(range)
    },
    blob: (digest, stream) => writeStream(rangeOf(digest).start, rangeOf(digest), stream),
    async resume(descriptor, content, signal) {
      const range = rangeOf(descriptor.digest)
      const resumedAt = storedUntil(range, stretches) - range.start
      const read = delivery.read?.bind(delivery)
      if (read === undefined || parts !== undefined || resumedAt < worthResuming) return undefined
      const prefix = createDigester(descriptor.digest)
      for await (const chunk of read({ start: range.start, end: range.start + resumedAt })) prefix.update(chunk)
      return {
        resumedAt,
        async finish(progress) {
          const rest =
            resumedAt === range.end - range.start ? nothing() : content.open(descriptor, { offset: resumedAt, signal })
          const checked = verified(counted(rest, resumedAt, progress), descriptor, { prefix })
          await writeStream(range.start + resumedAt, range, checked)
        },
      }
    },
    async finish() {
      if (parts !== undefined) return parts.finish()
      for (let at = 0; at < archive.fixed.length; at += finishBatch) {
        await Promise.all(archive.fixed.slice(at, at + finishBatch).map((fixed) => writeFixed(fixed)))
      }
    },
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}

export async function* counted(
  stream: AsyncIterable<Uint8Array>,
  from: number,
  progress: (done: number) => void,
): AsyncIterable<Uint8Array> {
  let done = from
  for await (const chunk of stream) {
    done += chunk.byteLength
    progress(done)
    yield chunk
  }
}

/**
 * Small chunks together, so that the disk sees few large writes. The same memory is handed out again and again: what is not
 * written before the next step is lost. (Fresh arrays pile up outside of the heap, faster than they are collected.)
 */
async function* gathered(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gathering = new Uint8Array(writeSize)
  let size = 0
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.byteLength;) {
      const part = chunk.subarray(taken, taken + writeSize - size)
      gathering.set(part, size)
      size += part.byteLength
      taken += part.byteLength
      if (size < writeSize) continue
      yield gathering
      size = 0
    }
  }
  if (size > 0) yield gathering.subarray(0, size)
}

/** The first byte of the range that is not stored in one stretch from its start. */
function storedUntil(range: ByteRange, stretches: readonly ByteRange[]): number {
  const stretch = stretches.find(({ start, end }) => start <= range.start && end > range.start)
  return stretch === undefined ? range.start : Math.min(stretch.end, range.end)
}
