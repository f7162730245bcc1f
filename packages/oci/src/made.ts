import type { Content } from '@ropeway/core'

/** A content that also has what was made here, by digest. */
export function withMade(content: Content, made: ReadonlyMap<string, Uint8Array>): Content {
  if (made.size === 0) return content
  return {
    ...(content.referrers === undefined ? {} : { referrers: content.referrers.bind(content) }),
    open(descriptor, options) {
      const bytes = made.get(descriptor.digest)
      return bytes === undefined
        ? content.open(descriptor, options)
        : once(bytes.subarray(options?.offset ?? 0, options?.end))
    },
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
