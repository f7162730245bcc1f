import type { Artifact, Finding, Reference } from '@ropeway/core'
import { looksLikeHost } from '@ropeway/oci'
import { destinationInvalid } from './errors.js'
import { splitRegistry, type RewriteOptions } from './options.js'

/** Where an artifact belongs, before prefix and map. */
interface Place {
  readonly host: string
  readonly path: string
  readonly tag: string | undefined
}

/**
 * The destinations of an artifact as text, each once. None for what lives in no registry, when no registry is given.
 * `mapped` is what the user's map says of it.
 */
export function namesFor(artifact: Artifact, options: RewriteOptions, mapped: string | undefined): string[] | Finding {
  const places = placesOf(artifact, options)
  if (mapped === undefined) {
    return unique(places.map((place) => written({ ...place, path: prefixed(place.path, artifact, options) }, artifact)))
  }
  if (mapped.includes('@')) return destinationInvalid(mapped, artifact, 'a digest is no part of a name')
  const [first = ''] = mapped.split('/', 1)
  const complete = mapped.includes('/') && looksLikeHost(first)
  const { path, tag } = splitTag(complete ? mapped.slice(first.length + 1) : mapped)
  const hosts = complete ? [first] : unique(places.map(({ host }) => host))
  if (hosts.length === 0) return destinationInvalid(mapped, artifact, 'no registry is given')
  const tags = tag === undefined ? tagsOf(artifact.naming.tags) : [tag]
  const below = complete ? path : prefixed(path, artifact, options)
  return unique(hosts.flatMap((host) => tags.map((each) => written({ host, path: below, tag: each }, artifact))))
}

function placesOf({ naming, source, destinations }: Artifact, { registry, keepRegistry }: RewriteOptions): Place[] {
  const target = registry === undefined ? undefined : splitRegistry(registry)
  const { reference } = source
  if (target !== undefined) {
    const kept = keepRegistry && reference !== undefined ? `${pathOfHost(reference.registry)}/` : ''
    return tagsOf(naming.tags).map((tag) => ({ host: target.host, path: `${kept}${naming.path}`, tag }))
  }
  if (destinations !== undefined) return destinations.map(placeOf)
  return reference === undefined ? [] : tagsOf(naming.tags).map((tag) => ({ ...placeOf(reference), tag }))
}

function placeOf({ registry, repository, tag }: Reference): Place {
  return { host: registry, path: repository, tag }
}

/** What has no tag is named once, by its digest. */
function tagsOf(tags: readonly string[]): readonly (string | undefined)[] {
  return tags.length === 0 ? [undefined] : tags
}

/** A registry's host as one component of a path: `localhost:5000` → `localhost-5000`. */
function pathOfHost(host: string): string {
  return host
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}

function prefixed(path: string, { kind }: Artifact, options: RewriteOptions): string {
  const { registry = '', prefix = '', chartPrefix = prefix } = options
  const parts = [splitRegistry(registry)?.path ?? '', kind === 'chart' ? chartPrefix : prefix]
  const whole = parts.filter((part) => part !== '').join('/')
  return whole === '' || path.startsWith(`${whole}/`) ? path : `${whole}/${path}`
}

function splitTag(name: string): { readonly path: string; readonly tag: string | undefined } {
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/')
    ? { path: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { path: name, tag: undefined }
}

/** The digest stays in the name where the source names one; without a tag it is all there is. */
function written({ host, path, tag }: Place, { source, root }: Artifact): string {
  const digest = tag === undefined || source.reference?.digest !== undefined ? `@${root.digest}` : ''
  return `${host}/${path}${tag === undefined ? '' : `:${tag}`}${digest}`
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
