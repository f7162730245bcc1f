import type { Descriptor } from '@ropeway/core'
import { createDigester, type Digester } from './digest.js'
import { contentTooLarge, digestMismatch, sizeMismatch, type Subject } from './errors.js'

export interface VerifyOptions extends Subject {
  /** The running hash of the bytes that came before this stream, when it goes on in the middle. */
  readonly prefix?: Digester | undefined
}

/**
 * Passes the bytes through and hands out the last chunk only when digest and size are the descriptor's, so that a reader
 * that came to the end has read the right content. With `prefix` the stream starts where that hash stands.
 * Throws `DIGEST_MISMATCH` or `SIZE_MISMATCH`.
 */
export async function* verified(
  stream: AsyncIterable<Uint8Array>,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  options: VerifyOptions = {},
): AsyncIterable<Uint8Array> {
  const subject: Subject = { side: options.side, about: options.about ?? descriptor.digest }
  const digester = options.prefix?.copy() ?? createDigester(descriptor.digest)
  let held: Uint8Array | undefined
  for await (const chunk of stream) {
    if (chunk.byteLength === 0) continue
    digester.update(chunk)
    if (digester.size > descriptor.size) throw sizeMismatch(descriptor.size, 'more', subject)
    if (held !== undefined) yield held
    held = chunk
  }
  if (digester.size !== descriptor.size) throw sizeMismatch(descriptor.size, String(digester.size), subject)
  const actual = digester.digest()
  if (actual !== descriptor.digest) throw digestMismatch(descriptor.digest, actual, subject)
  if (held !== undefined) yield held
}

/** Throws `SIZE_MISMATCH` or `DIGEST_MISMATCH` unless the bytes are those that the descriptor names. */
export function verifyBytes(
  bytes: Uint8Array,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  { side, about = descriptor.digest }: Subject = {},
): void {
  if (bytes.byteLength !== descriptor.size) {
    throw sizeMismatch(descriptor.size, String(bytes.byteLength), { side, about })
  }
  const digester = createDigester(descriptor.digest)
  digester.update(bytes)
  const actual = digester.digest()
  if (actual !== descriptor.digest) throw digestMismatch(descriptor.digest, actual, { side, about })
}

/** Reads a small stream into one array. Throws `CONTENT_TOO_LARGE` as soon as more than `limit` bytes came. */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  subject?: Subject,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > limit) throw contentTooLarge(limit, subject)
    chunks.push(chunk)
  }
  const only = chunks[0]
  if (chunks.length === 1 && only !== undefined) return only
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

/** The content that a descriptor carries in its `data`, when it is there and is what the descriptor says. */
export function inlineData(descriptor: Descriptor): Uint8Array | undefined {
  if (descriptor.data === undefined) return undefined
  const bytes = new Uint8Array(Buffer.from(descriptor.data, 'base64'))
  if (bytes.byteLength !== descriptor.size) return undefined
  const digester = createDigester(descriptor.digest)
  digester.update(bytes)
  return digester.digest() === descriptor.digest ? bytes : undefined
}
