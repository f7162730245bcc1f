import { chartUrlInvalid, repositoryInvalid } from '../errors.js'

/** Reads a repository's address. Throws `REPOSITORY_INVALID` for what is none, or holds a password. */
export function parseRepository(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw repositoryInvalid(redacted(text), 'it is no http, https or oci address')
  }
  if (url.username !== '' || url.password !== '') {
    throw repositoryInvalid(redacted(text), 'it holds a user name or password, which do not belong into a chain')
  }
  return url
}

/** Where a repository's index is; the query of its address stays. */
export function indexUrl(repository: URL): URL {
  return inside(repository, 'index.yaml')
}

/**
 * Where a chart is, from its entry in the index: as it stands there when absolute, else below the repository. A query of the
 * repository's address goes along to the same host, for repositories whose address carries a signature.
 * Throws `CHART_URL_INVALID`.
 */
export function chartUrl(repository: URL, reference: string): URL {
  const base = inside(repository, '')
  const url = URL.canParse(reference, base.href) ? new URL(reference, base) : undefined
  if (url === undefined || !/^(?:https?|oci):$/.test(url.protocol)) {
    throw chartUrlInvalid(redacted(reference), redacted(repository.href))
  }
  url.username = ''
  url.password = ''
  url.hash = ''
  const relative = !URL.canParse(reference)
  return relative && sameOrigin(url, repository) ? withQuery(url, repository) : url
}

/** Where the provenance of an archive would be. */
export function provenanceUrl(archive: URL): URL {
  const url = new URL(archive)
  url.pathname += '.prov'
  return url
}

/** Same scheme, host and port: credentials for one are meant for the other. */
export function sameOrigin(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host
}

/** An address for people and locks: without user, password, query and fragment. */
export function redacted(url: string | URL): string {
  if (typeof url === 'string' && !URL.canParse(url)) return url.replace(/\/\/[^/@\s]*@/, '//').replace(/[?#].*$/s, '')
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** `url` with the queries of both, each as it was written. */
export function withQuery(url: URL, from: URL): URL {
  const joined = new URL(url)
  joined.search = [url.search, from.search]
    .map((query) => query.slice(1))
    .filter((query) => query !== '')
    .join('&')
  return joined
}

/** A path below the repository, which may have been given with its index. */
function inside(repository: URL, path: string): URL {
  const url = new URL(repository)
  url.hash = ''
  url.pathname = `${url.pathname.replace(/(?:\/index\.yaml)?\/*$/, '')}/${path}`
  return url
}
