import { collect } from '@ropeway/oci'
import type { RepositoryContext } from './fetch-index.js'
import { parseRepository, redacted } from './urls.js'

/** Bytes that a file of values may have: more than any has. */
const limit = 64 * 1024 * 1024

/**
 * Fetches a file by its address, with the credential of its host. Throws `REPOSITORY_INVALID` for what is no address, `CONTENT_TOO_LARGE` above
 * 64 MiB, and what `Http.download` throws.
 */
export async function fetchFile(address: string, context: RepositoryContext): Promise<Uint8Array> {
  const url = parseRepository(address)
  const stream = context.http.download({
    url: url.href,
    credential: await context.credential(url.host, 'source'),
    role: 'source',
    signal: context.signal,
  })
  return collect(stream, limit, { side: 'source', about: redacted(url) })
}
