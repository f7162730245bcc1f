import { isRopewayError, type Descriptor, type HttpResponse, type Referrer } from '@ropeway/core'
import {
  collect,
  cosignTags,
  fallbackTag,
  isManifestType,
  manifestLimit,
  mediaTypes,
  parseManifest,
  plainMediaType,
} from '@ropeway/oci'
import { discard } from '../http/exchange.js'
import { call, nameOf, type RegistryCore } from './core.js'
import { referrerDescriptor } from './fallback.js'
import { findManifest, getManifest } from './manifests.js'
import { nextPage } from './tags.js'

const mostPages = 1000

/**
 * `Registry.referrers`: the API's list, where there is no API the index behind the fallback tag, and what stands under
 * cosign's tags. Each digest once per way in which it is found.
 */
export async function listReferrers(
  core: RegistryCore,
  repository: string,
  digest: string,
  signal?: AbortSignal,
): Promise<readonly Referrer[]> {
  const [listed, tagged] = await Promise.all([
    fromLists(core, repository, digest, signal),
    cosign(core, repository, digest, signal),
  ])
  return [...listed.map((descriptor) => ({ descriptor, subject: digest })), ...tagged]
}

async function fromLists(
  core: RegistryCore,
  repository: string,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[]> {
  const answered = await fromApi(core, repository, digest, signal)
  const entries = answered ?? (await fromFallback(core, repository, digest, signal))
  const unique = [...new Map(entries.map((entry) => [entry.digest, entry])).values()]
  const filled = await Promise.all(unique.map((entry) => fill(core, repository, digest, entry, signal)))
  return filled.filter((entry) => entry !== undefined)
}

/** The list of the referrers API; `undefined` when the registry has none, which registries say in many ways. */
async function fromApi(
  core: RegistryCore,
  repository: string,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[] | undefined> {
  const entries: Descriptor[] = []
  const seen = new Set<string>()
  let next: string | undefined = `/v2/${repository}/referrers/${digest}`
  while (next !== undefined && !seen.has(next) && seen.size < mostPages) {
    seen.add(next)
    const response: HttpResponse = await call(core, {
      method: 'GET',
      target: next,
      repository,
      need: 'pull',
      about: nameOf(core, repository, digest),
      operation: 'listing referrers of',
      headers: { accept: mediaTypes.ociIndex },
      signal,
      accept: [200, 400, 403, 404, 405, 406, 501],
    })
    if (response.status !== 200 || plainMediaType(response.headers['content-type'] ?? '') !== mediaTypes.ociIndex) {
      await discard(response)
      return undefined
    }
    const subject = { side: core.role, about: nameOf(core, repository, digest) }
    const page = parseManifest(await collect(response.body, manifestLimit, subject), mediaTypes.ociIndex, subject)
    if (page.type === 'index') entries.push(...page.manifests)
    next = nextPage(response, core)
  }
  return entries
}

/**
 * The index behind the fallback tag. Some registries take the tag for the digest and answer with the subject itself, whose
 * children would then pass for referrers.
 */
async function fromFallback(
  core: RegistryCore,
  repository: string,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[]> {
  const tag = fallbackTag(digest)
  const found = await getManifest(core, repository, tag, signal)
  if (found === undefined || found.descriptor.digest === digest) return []
  const index = parseManifest(found.bytes, found.descriptor.mediaType, {
    side: core.role,
    about: nameOf(core, repository, tag),
  })
  return index.type === 'index' ? index.manifests : []
}

/** An entry with its artifact type, from its manifest when the list lacks it; `undefined` for what is no referrer. */
async function fill(
  core: RegistryCore,
  repository: string,
  digest: string,
  entry: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Descriptor | undefined> {
  if (entry.artifactType !== undefined || !isManifestType(entry.mediaType)) return entry
  const found = await getManifest(core, repository, entry.digest, signal)
  if (found === undefined) return undefined
  const subject = { side: core.role, about: nameOf(core, repository, entry.digest) }
  const parsed = parseManifest(found.bytes, found.descriptor.mediaType, subject)
  return parsed.subject?.digest === digest ? { ...entry, ...referrerDescriptor(found.descriptor, parsed) } : undefined
}

/** What cosign put under tags made of the digest. */
async function cosign(
  core: RegistryCore,
  repository: string,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<readonly Referrer[]> {
  const found = await Promise.all(
    Object.values(cosignTags(digest)).map(async (tag) => {
      const descriptor = await findOrNothing(core, repository, tag, signal)
      return descriptor === undefined ? [] : [{ descriptor, subject: digest, tag }]
    }),
  )
  return found.flat()
}

/** A registry that may not be asked for a tag that it does not have says 403, and ECR says 400 to tags that it dislikes. */
async function findOrNothing(
  core: RegistryCore,
  repository: string,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<Descriptor | undefined> {
  try {
    return await findManifest(core, repository, tag, signal)
  } catch (error) {
    signal?.throwIfAborted()
    if (isRopewayError(error) && /_(FORBIDDEN|BAD_RESPONSE)$/.test(error.code) && !error.temporary) return undefined
    throw error
  }
}
