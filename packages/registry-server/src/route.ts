import { isDigest, isRepository, isTag } from '@ropeway/oci'
import { Problem } from './problem.js'

/** What a path of the distribution API names. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly tag: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string }

function checkName(name: string): string {
  if (isRepository(name)) return name
  throw new Problem('NAME_INVALID', 'the repository name does not follow the grammar', {
    detail: { name: name.slice(0, 255) },
  })
}

/** Throws DIGEST_INVALID unless it is a sha256 or sha512 digest. */
export function checkDigest(digest: string): string {
  if (isDigest(digest)) return digest
  throw new Problem('DIGEST_INVALID', 'not a sha256 or sha512 digest', { detail: { digest: digest.slice(0, 200) } })
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Problem('NAME_INVALID', 'the path is not valid percent-encoding')
  }
}

function manifestRoute(repository: string, reference: string): Route {
  if (reference.includes(':')) return { kind: 'manifest', repository, digest: checkDigest(reference) }
  if (!isTag(reference)) {
    throw new Problem('TAG_INVALID', 'the tag does not follow the grammar', {
      detail: { tag: reference.slice(0, 200) },
    })
  }
  return { kind: 'manifest', repository, tag: reference }
}

const patterns: readonly (readonly [RegExp, (name: string, rest: string) => Route])[] = [
  [/^(.+)\/tags\/list\/?$/, (name) => ({ kind: 'tags', repository: checkName(name) })],
  [/^(.+)\/manifests\/([^/]+)$/, (name, rest) => manifestRoute(checkName(name), rest)],
  [/^(.+)\/blobs\/uploads\/?$/, (name) => ({ kind: 'uploads', repository: checkName(name) })],
  [/^(.+)\/blobs\/uploads\/([^/]+)$/, (name, id) => ({ kind: 'upload', repository: checkName(name), id })],
  [
    /^(.+)\/blobs\/([^/]+)$/,
    (name, rest) => ({ kind: 'blob', repository: checkName(name), digest: checkDigest(rest) }),
  ],
  [
    /^(.+)\/referrers\/([^/]+)$/,
    (name, rest) => ({ kind: 'referrers', repository: checkName(name), digest: checkDigest(rest) }),
  ],
]

/** Reads a request path; `undefined` when it is none of the API. Throws a `Problem` for a malformed name, tag or digest. */
export function parseRoute(path: string): Route | undefined {
  const decoded = decode(path)
  if (decoded === '/v2' || decoded === '/v2/') return { kind: 'base' }
  if (!decoded.startsWith('/v2/')) return undefined
  const rest = decoded.slice('/v2/'.length)
  if (rest === '_catalog') return { kind: 'catalog' }
  for (const [pattern, make] of patterns) {
    const match = pattern.exec(rest)
    if (match !== null) return make(match[1] ?? '', match[2] ?? '')
  }
  return undefined
}
