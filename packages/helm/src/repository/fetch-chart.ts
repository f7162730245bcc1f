import { collect, sha256 } from '@ropeway/oci'
import { chartChanged, chartDigestMismatch, provenanceUnavailable, provenanceUnknown } from '../errors.js'
import { archiveLimits } from '../chart/archive.js'
import { isProvenance, provenanceLimit } from '../chart/provenance.js'
import type { RepositoryContext } from './fetch-index.js'
import { provenanceUrl, redacted, sameOrigin } from './urls.js'

/** Where to fetch an archive from, and what is known of it. */
export interface ArchiveRequest {
  readonly url: URL
  /** Whose credentials are used. */
  readonly repository: URL
  /** Whether they go along when the archive lies on another host. */
  readonly passCredentials: boolean
  /** `sha256:…` that it has to have. */
  readonly digest?: string | undefined
  /** Who says so. The default is the index. */
  readonly pinnedBy?: 'index' | 'lock' | undefined
}

/**
 * Fetches a packaged chart, or takes it from the content cache when its digest is known. It is kept there.
 * Throws what `Http.download` throws, `CONTENT_TOO_LARGE` above 64 MiB, `CHART_DIGEST_MISMATCH` and `CHART_CHANGED`.
 */
export async function fetchArchive(request: ArchiveRequest, context: RepositoryContext): Promise<Uint8Array> {
  const { url, digest, pinnedBy = 'index' } = request
  const known = digest === undefined ? undefined : await context.cache.read(digest)
  if (known !== undefined) return known
  const location = redacted(url)
  const stream = context.http.download({
    url: url.href,
    headers: { accept: 'application/gzip, application/octet-stream, */*;q=0.5' },
    credential: await credentialFor(request, context),
    role: 'source',
    signal: context.signal,
  })
  const archive = await collect(stream, archiveLimits.packed, { side: 'source', about: location })
  const actual = sha256(archive)
  if (digest !== undefined && actual !== digest) {
    throw pinnedBy === 'index'
      ? chartDigestMismatch(location, digest, actual)
      : chartChanged(location, `it is ${actual}, locked was ${digest}`)
  }
  await context.cache.write(actual, archive)
  return archive
}

/**
 * Fetches the provenance of a packaged chart; `undefined` when there is none. A server that answers with a web page, or
 * forbids to look, is taken for one that has none, with a warning.
 * Throws `PROVENANCE_UNAVAILABLE` for other answers, and `CONTENT_TOO_LARGE` above 1 MiB.
 */
export async function fetchProvenance(
  request: ArchiveRequest,
  context: RepositoryContext,
): Promise<Uint8Array | undefined> {
  const url = provenanceUrl(request.url)
  const location = redacted(url)
  const response = await context.http.request({
    url: url.href,
    credential: await credentialFor(request, context),
    role: 'source',
    signal: context.signal,
  })
  if (response.status === 200) {
    const bytes = await collect(response.body, provenanceLimit, { side: 'source', about: location })
    if (isProvenance(bytes)) return bytes
  } else {
    await discard(response.body)
  }
  if (response.status === 404 || response.status === 410) return undefined
  if (![200, 401, 403].includes(response.status)) throw provenanceUnavailable(location, response.status)
  const answer = response.status === 200 ? 'something else' : String(response.status)
  context.log.warn(provenanceUnknown(location, answer))
  return undefined
}

async function credentialFor({ url, repository, passCredentials }: ArchiveRequest, context: RepositoryContext) {
  return sameOrigin(url, repository) || passCredentials ? context.credential(repository.host, 'source') : undefined
}

/** Reads the start of a body that nobody wants, so that its connection is free again. */
async function discard(body: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > provenanceLimit) return
  }
}
