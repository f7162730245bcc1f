/** The stream of an upload, with what its own source threw told apart from what the network did. */
export interface UploadStream {
  stream(): AsyncIterable<Uint8Array>
  /** What `open` or its stream threw. */
  failure(): { readonly error: unknown } | undefined
}

export function watchSource(open: () => AsyncIterable<Uint8Array>): UploadStream {
  let failed: { readonly error: unknown } | undefined
  return {
    async *stream() {
      failed = undefined
      try {
        yield* open()
      } catch (error) {
        failed = { error }
        throw error
      }
    },
    failure: () => failed,
  }
}

/** Reads a stream in parts of a given size, each a stream of its own, without holding a part in memory. */
export interface PartReader {
  /** Passes over bytes. */
  skip(bytes: number): Promise<void>
  part(bytes: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export function readInParts(stream: AsyncIterable<Uint8Array>): PartReader {
  const iterator = stream[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array(0)

  async function* part(bytes: number): AsyncIterable<Uint8Array> {
    for (let left = bytes; left > 0;) {
      if (held.byteLength === 0) {
        const next = await iterator.next()
        if (next.done === true) return
        held = next.value
      }
      const piece = held.subarray(0, left)
      held = held.subarray(piece.byteLength)
      left -= piece.byteLength
      if (piece.byteLength > 0) yield piece
    }
  }

  return {
    part,
    async skip(bytes) {
      for await (const _piece of part(bytes)) {
        // Passed over.
      }
    },
    async close() {
      await iterator.return?.()
    },
  }
}
