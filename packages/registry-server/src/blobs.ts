import { digestHeader, reply, replyStream, writable, type Exchange } from './exchange.js'
import { Problem } from './problem.js'
import { parseRange } from './range.js'

/** Size of a blob as this repository sees it; `undefined` when it does not have it. */
export async function statBlob(exchange: Exchange, repository: string, digest: string): Promise<number | undefined> {
  const { blobs } = exchange.storage
  return exchange.quirks.perRepositoryBlobs === false ? blobs.statAnywhere(digest) : blobs.stat(repository, digest)
}

async function sizeOf(exchange: Exchange, repository: string, digest: string): Promise<number> {
  const size = await statBlob(exchange, repository, digest)
  if (size === undefined) {
    throw new Problem('BLOB_UNKNOWN', 'the repository does not have this blob', { detail: { digest } })
  }
  return size
}

function redirected(exchange: Exchange): boolean {
  const { redirectBlobs } = exchange.quirks
  if (redirectBlobs === undefined) return false
  reply(exchange, 307, { location: `${redirectBlobs.replace(/\/+$/, '')}${exchange.path}` })
  return true
}

/** GET and HEAD of a blob, with one range. */
export async function getBlob(exchange: Exchange, repository: string, digest: string): Promise<void> {
  const size = await sizeOf(exchange, repository, digest)
  if (redirected(exchange)) return
  const headers = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    ...digestHeader(exchange, digest),
  }
  const range =
    exchange.quirks.ranges === false || exchange.method === 'HEAD'
      ? undefined
      : parseRange(exchange.request.headers.range, size)
  if (range === 'unsatisfiable') {
    throw new Problem('RANGE_INVALID', 'the range begins behind the end of the blob', {
      headers: { 'content-range': `bytes */${String(size)}` },
    })
  }
  const { start, end } = range ?? { start: 0, end: size }
  const part = range && { 'content-range': `bytes ${String(start)}-${String(end - 1)}/${String(size)}` }
  await replyStream(exchange, range ? 206 : 200, { ...headers, ...part, 'content-length': end - start }, () =>
    exchange.storage.blobs.open(repository, digest, { start, end }),
  )
}

/** Takes a blob out of its repository. */
export async function deleteBlob(exchange: Exchange, repository: string, digest: string): Promise<void> {
  if (!(await writable(exchange).blobs.unlink(repository, digest))) {
    throw new Problem('BLOB_UNKNOWN', 'the repository does not have this blob', { detail: { digest } })
  }
  reply(exchange, 202)
}
