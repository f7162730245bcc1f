import { sizeMismatch } from '@ropeway/oci'

/** The stream of an upload, with what its own source threw told apart from what the network did to it. */
export interface UploadStream {
  stream(): AsyncIterable<Uint8Array>
  /** What `open` or its stream threw; `SIZE_MISMATCH` when it had another size. */
  failure(): { readonly error: unknown } | undefined
}

export function watchSource(
  open: () => AsyncIterable<Uint8Array>,
  { size, digest }: { readonly size: number; readonly digest: string },
): UploadStream {
  let failed: { readonly error: unknown } | undefined

  function iterate(): AsyncIterator<Uint8Array, undefined> {
    let source: AsyncIterator<Uint8Array> | undefined
    let seen = 0
    async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
      source ??= open()[Symbol.asyncIterator]()
      const result = await source.next()
      seen += result.done === true ? 0 : result.value.byteLength
      if (seen > size || (result.done === true && seen !== size)) {
        throw sizeMismatch(size, seen > size ? 'more' : String(seen), { about: digest })
      }
      return result.done === true ? { done: true, value: undefined } : result
    }
    return {
      async next() {
        try {
          return await next()
        } catch (error) {
          failed = { error }
          throw error
        }
      },
      // No `throw`: what breaks the request would come in by it and look like the source's own.
      async return() {
        await source?.return?.()
        return { done: true, value: undefined }
      },
    }
  }

  return {
    stream() {
      failed = undefined
      return { [Symbol.asyncIterator]: iterate }
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
