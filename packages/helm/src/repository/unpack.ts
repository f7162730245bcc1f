import { Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'

/** Unpacks a body that is gzip, whatever its headers said; passes any other through. */
export async function* unpacked(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { isGzip, whole } = await peeked(stream)
  yield* isGzip ? through(whole, createGunzip()) : whole
}

/** Packs a body by gzip, to be kept for a while; passes one through that is packed already. */
export async function* packed(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { isGzip, whole } = await peeked(stream)
  yield* isGzip ? whole : through(whole, createGzip({ level: 1 }))
}

async function peeked(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ readonly isGzip: boolean; readonly whole: AsyncGenerator<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]()
  const start: Uint8Array[] = []
  while (start.reduce((size, { byteLength }) => size + byteLength, 0) < 2) {
    const next = await iterator.next()
    if (next.done === true) break
    start.push(next.value)
  }
  const [first, second] = Buffer.concat(start)
  return { isGzip: first === 0x1f && second === 0x8b, whole: joined(start, iterator) }
}

function through(
  stream: AsyncGenerator<Uint8Array>,
  transform: ReturnType<typeof createGunzip>,
): AsyncIterable<Uint8Array> {
  const source = Readable.from(stream)
  // a download that fails has to fail the reader too, and one that is given up has to end; pipe does neither
  source.once('error', (error) => transform.destroy(error))
  transform.once('close', () => source.destroy())
  return source.pipe(transform)
}

async function* joined(start: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* start
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
