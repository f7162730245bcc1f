import { Readable } from 'node:stream'
import type { Context, Http } from '@ropeway/core'
import { collect } from '@ropeway/oci'
import { type RepositoryIndex, indexLimits, readIndex } from './read-index.js'
import { packed } from './unpack.js'
import { indexUrl, redacted } from './urls.js'

/** What fetching from a repository needs of a run. */
export type RepositoryContext = Pick<Context, 'http' | 'credential' | 'cache' | 'signal' | 'clock' | 'log'>

interface Kept {
  readonly at: number
  readonly body: Promise<Uint8Array>
}

/**
 * The indexes that a run has fetched, packed: several steps of a chain that name one repository fetch it once. It belongs
 * to the run, whose HTTP client it hangs on, and holds nothing that fetching again would not bring back.
 */
const fetched = new WeakMap<Http, Map<string, Kept>>()

/** Milliseconds after which a long-lived run asks again. */
const freshFor = 5 * 60 * 1000

/**
 * Fetches a repository's index with the credential of its host and reads the entries of the wanted charts.
 * Throws what `Http.download` throws, `INDEX_INVALID` and `INDEX_TOO_LARGE`.
 */
export async function fetchIndex(
  repository: URL,
  wanted: readonly string[],
  context: RepositoryContext,
): Promise<RepositoryIndex> {
  const url = indexUrl(repository)
  const body = await packedIndex(url, context)
  return readIndex(Readable.from([body]), wanted, redacted(url))
}

function packedIndex(url: URL, context: RepositoryContext): Promise<Uint8Array> {
  const run = fetched.get(context.http) ?? new Map<string, Kept>()
  fetched.set(context.http, run)
  const known = run.get(url.href)
  const now = context.clock.now()
  if (known !== undefined && now - known.at < freshFor) return known.body
  const body = download(url, context)
  run.set(url.href, { at: now, body })
  body.catch(() => run.delete(url.href))
  return body
}

async function download(url: URL, context: RepositoryContext): Promise<Uint8Array> {
  const stream = context.http.download({
    url: url.href,
    // the one file of a repository that is worth packing; readers tell by its first bytes whether it is
    headers: { 'accept-encoding': 'gzip', accept: 'application/x-yaml, text/yaml, */*;q=0.5' },
    credential: await context.credential(url.host, 'source'),
    role: 'source',
    signal: context.signal,
  })
  return collect(packed(stream), indexLimits.whole, { side: 'source', about: redacted(url) })
}
