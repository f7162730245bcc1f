import { isRopewayError, type Reference } from '@ropeway/core'
import { parseDigest } from './digest.js'
import { referenceInvalid } from './errors.js'

/** The registry of short names such as `nginx:1`. */
export const dockerHub = 'docker.io'

const hubHosts: ReadonlySet<string> = new Set(['index.docker.io', 'registry-1.docker.io'])
const hostPattern =
  /^(?:\[[a-f0-9:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::[0-9]{1,5})?$/
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** Longest repository path that registries take. */
const longestPath = 255
const longestReference = 1024

/** Whether the text is a repository path by distribution-spec, "Pulling manifests", and no longer than 255 characters. */
export function isRepository(path: string): boolean {
  return path.length <= longestPath && pathPattern.test(path)
}

/** Whether the text is a tag by distribution-spec, "Pulling manifests". */
export function isTag(tag: string): boolean {
  return tagPattern.test(tag)
}

/** Whether the text is a registry: `host`, `host:port`, an IPv4 address, or an IPv6 address in brackets. */
export function isRegistryHost(text: string): boolean {
  const host = text.toLowerCase()
  if (!hostPattern.test(host)) return false
  const port = /:([0-9]+)$/.exec(host)?.[1]
  return port === undefined || (Number(port) > 0 && Number(port) <= 65535)
}

/** Whether the first component of a reference is a host by docker's rule, not a namespace of Docker Hub. */
export function looksLikeHost(component: string): boolean {
  return component === 'localhost' || /[.:A-Z]/.test(component)
}

/**
 * Host in lower case; Docker Hub's other names become `docker.io`. A host that only its capitals tell from a namespace
 * of Docker Hub (`Registry/app`) keeps them.
 */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase()
  if (hubHosts.has(lower)) return dockerHub
  return looksLikeHost(lower) ? lower : host
}

/**
 * Reads a reference as docker does: names without a host are Docker Hub's, and there one component means `library/…`.
 * A tag that is not written is left out; `tagOrDigest` and `withDefaultTag` then say `latest`.
 * Throws `REFERENCE_INVALID`, and `DIGEST_INVALID` or `DIGEST_UNSUPPORTED` for its digest.
 */
export function parseReference(text: string): Reference {
  refuseLookalikes(text)
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const tag = tagged ? named.slice(colon + 1) : undefined
  const { registry, repository } = splitName(tagged ? named.slice(0, colon) : named, text)
  if (tag !== undefined && !isTag(tag)) {
    throw referenceInvalid(text, `"${tag}" is not a tag`, tagHint(tag))
  }
  if (digest !== undefined) checkDigest(digest, text)
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

function refuseLookalikes(text: string): void {
  if (text === '') throw referenceInvalid(text, 'it is empty')
  if (text.length > longestReference) throw referenceInvalid(`${text.slice(0, 60)}…`, 'it is too long')
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)
  if (scheme !== null) {
    throw referenceInvalid(redacted(text), 'it starts with a scheme', `leave out ${scheme[0]}`)
  }
  if (/\s/.test(text)) throw referenceInvalid(text, 'it holds white space')
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw referenceInvalid(text, 'it is an image ID', 'refer to the image by repository@sha256:… or by its tag')
  }
}

/** Without user name, password and query, which a URL in place of a reference may hold. */
function redacted(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/s, '')
}

function splitName(name: string, text: string): { registry: string; repository: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = slash >= 0 && looksLikeHost(first)
  const registry = hasHost ? canonicalHost(first) : dockerHub
  const path = hasHost ? name.slice(slash + 1) : name
  if (!isRegistryHost(registry)) throw referenceInvalid(text, `"${first}" is not a registry's host`)
  const repository = registry === dockerHub && path !== '' && !path.includes('/') ? `library/${path}` : path
  if (!isRepository(repository)) throw referenceInvalid(text, whyNoRepository(path), repositoryHint(path))
  return { registry, repository }
}

function whyNoRepository(path: string): string {
  if (path === '') return 'it names no repository'
  if (path.length > longestPath) return `its repository is longer than ${longestPath} characters`
  if (path !== path.toLowerCase()) return `its repository "${path}" is not in lower case`
  return `"${path}" is not a repository`
}

function repositoryHint(path: string): string | undefined {
  return path !== path.toLowerCase() && pathPattern.test(path.toLowerCase())
    ? `repositories are in lower case: ${path.toLowerCase()}`
    : undefined
}

function tagHint(tag: string): string {
  const replaced = tag.replaceAll('+', '_')
  return tag.includes('+') && isTag(replaced)
    ? `a tag has no "+"; charts are tagged with "_" in its place: ${replaced}`
    : 'a tag has at most 128 letters, digits, "_", "." and "-", and starts with a letter, digit or "_"'
}

function checkDigest(digest: string, text: string): void {
  try {
    parseDigest(digest, { side: 'chain', about: text })
  } catch (error) {
    if (isRopewayError(error) && error.code === 'DIGEST_INVALID') {
      throw referenceInvalid(text, `"${digest}" is not a digest`, error.hint)
    }
    throw error
  }
}

/** The canonical text, `registry/repository[:tag][@digest]`; `parseReference` reads it back to the same reference. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${reference.registry}/${reference.repository}${tag}${digest}`
}

/** What to ask the registry for: the digest, else the tag, else `latest`. */
export function tagOrDigest(reference: Reference): string {
  return reference.digest ?? reference.tag ?? 'latest'
}

/** The reference with the tag `latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference
}
