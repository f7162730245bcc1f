import type { Descriptor } from '@ropeway/core'
import { mediaTypes, parseManifest } from '@ropeway/oci'
import { locate, replyJson, type Exchange } from './exchange.js'
import { Problem } from './problem.js'
import type { StoredManifest } from './storage.js'

const defaultPage = 1000

interface Page<T> {
  readonly items: readonly T[]
  readonly headers: Readonly<Record<string, string>>
}

function pageLength(exchange: Exchange): number {
  const limit = exchange.quirks.pageSize ?? defaultPage
  const text = exchange.query.get('n')
  if (text === null) return limit
  if (!/^\d{1,9}$/.test(text)) {
    throw new Problem('PAGINATION_NUMBER_INVALID', 'n has to be a number', { detail: { n: text.slice(0, 100) } })
  }
  return Math.min(Number(text), limit)
}

/** One page of a sorted list, by `n` and `last`, with the `Link` to the next one. */
function page<T>(exchange: Exchange, items: readonly T[], key: (item: T) => string): Page<T> {
  const last = exchange.query.get('last')
  const rest = last === null ? items : items.filter((item) => key(item) > last)
  const length = pageLength(exchange)
  const shown = rest.slice(0, length)
  const final = shown.at(-1)
  if (final === undefined || shown.length === rest.length) return { items: shown, headers: {} }
  const query = new URLSearchParams(exchange.query)
  query.set('n', String(length))
  query.set('last', key(final))
  const address = locate(exchange, `${exchange.path}?${query.toString()}`)
  return { items: shown, headers: { link: `<${address}>; rel="next"` } }
}

/** GET of a repository's tags. */
export async function listTags(exchange: Exchange, repository: string): Promise<void> {
  const tags = await exchange.storage.tags.tags(repository)
  if (tags === undefined) throw new Problem('NAME_UNKNOWN', 'there is no such repository', { detail: { repository } })
  const { items, headers } = page(exchange, tags, (tag) => tag)
  replyJson(exchange, 200, { name: repository, tags: items }, headers)
}

/** GET of all repositories (not in the specification, but widely known). */
export async function listRepositories(exchange: Exchange): Promise<void> {
  const { items, headers } = page(exchange, await exchange.storage.repositories(), (name) => name)
  replyJson(exchange, 200, { repositories: items }, headers)
}

function describe(manifest: StoredManifest): Descriptor {
  const parsed = parseManifest(manifest.bytes, manifest.mediaType)
  const artifactType = parsed.artifactType ?? (parsed.type === 'image' ? parsed.config.mediaType : undefined)
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(parsed.annotations === undefined ? {} : { annotations: parsed.annotations }),
  }
}

/** GET of what refers to a manifest (distribution-spec, "Listing Referrers"). */
export async function listReferrers(exchange: Exchange, repository: string, subject: string): Promise<void> {
  if (exchange.quirks.referrers === false) throw new Problem('UNSUPPORTED', 'no referrers API here', { status: 404 })
  const { manifests } = exchange.storage
  const found: Descriptor[] = []
  for (const digest of await manifests.referrers(repository, subject)) {
    const manifest = await manifests.manifest(repository, digest)
    if (manifest !== undefined) found.push(describe(manifest))
  }
  const wanted = exchange.query.get('artifactType')
  const matching = wanted === null ? found : found.filter(({ artifactType }) => artifactType === wanted)
  const { items, headers } = page(exchange, matching, ({ digest }) => digest)
  replyJson(
    exchange,
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: items },
    {
      ...headers,
      'content-type': mediaTypes.ociIndex,
      ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    },
  )
}
