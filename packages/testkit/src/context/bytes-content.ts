import type { Content, Descriptor, OpenOptions } from '@ropeway/core'
import { fakeNotFound } from '../errors.js'

/** Length of the chunks in which fakes hand out bytes: short, so that small content has several. */
const chunkLength = 1024

/** Streams bytes in chunks, from `offset` to `end`. */
export async function* bytesContent(bytes: Uint8Array, options: OpenOptions = {}): AsyncIterable<Uint8Array> {
  const { offset = 0, end = bytes.byteLength, signal } = options
  for (let start = offset; start < end; start += chunkLength) {
    signal?.throwIfAborted()
    yield bytes.subarray(start, Math.min(start + chunkLength, end))
  }
}

/** Content whose bytes are in memory, by digest. */
export function memoryContent(bytesByDigest: ReadonlyMap<string, Uint8Array>): Content {
  return {
    async *open(descriptor, options) {
      const bytes = bytesByDigest.get(descriptor.digest)
      if (bytes === undefined) throw fakeNotFound('source', descriptor.digest)
      options?.signal?.throwIfAborted()
      yield* bytesContent(bytes, options)
    },
  }
}

/** Content that counts how often each digest was opened, to prove that a blob for two sinks is read once. */
export interface CountedContent extends Content {
  readonly opened: ReadonlyMap<string, number>
}

export function countedContent(content: Content): CountedContent {
  const opened = new Map<string, number>()
  const { referrers } = content
  return {
    opened,
    open(descriptor: Descriptor, options?: OpenOptions) {
      opened.set(descriptor.digest, (opened.get(descriptor.digest) ?? 0) + 1)
      return content.open(descriptor, options)
    },
    ...(referrers === undefined ? {} : { referrers: referrers.bind(content) }),
  }
}
