import {
  isRopewayError,
  nearest,
  type Descriptor,
  type HttpResponse,
  type ManifestContent,
  type RopewayError,
} from '@ropeway/core'
import {
  acceptedManifests,
  collect,
  createDigester,
  digestMismatch,
  isDigest,
  isManifestType,
  isReferrerTag,
  manifestLimit,
  parseManifest,
  plainMediaType,
} from '@ropeway/oci'
import { badResponse, notFound, registryDigestWrong } from '../errors.js'
import { discard } from '../http/exchange.js'
import { call, nameOf, sceneOf, type Call, type RegistryCore } from './core.js'
import { tagsForHint } from './tags.js'

function manifestCall(
  core: RegistryCore,
  method: 'GET' | 'HEAD',
  repository: string,
  tagOrDigest: string,
  signal: AbortSignal | undefined,
): Call {
  return {
    method,
    target: `/v2/${repository}/manifests/${tagOrDigest}`,
    repository,
    need: 'pull',
    about: nameOf(core, repository, tagOrDigest),
    operation: 'reading',
    headers: { accept: acceptedManifests.join(', ') },
    signal,
  }
}

/** `Registry.find`: by HEAD, and by GET where the registry's answer to HEAD says too little. */
export async function findManifest(
  core: RegistryCore,
  repository: string,
  tagOrDigest: string,
  signal?: AbortSignal,
): Promise<Descriptor | undefined> {
  const request = manifestCall(core, 'HEAD', repository, tagOrDigest, signal)
  const response = await call(core, { ...request, accept: [200, 404, 405] })
  await discard(response)
  if (response.status === 404) return undefined
  const told = response.status === 200 ? describe(core, response, request.about, tagOrDigest) : undefined
  if (told !== undefined) return told
  return (await getManifest(core, repository, tagOrDigest, signal))?.descriptor
}

/** What the head alone tells, if that is all that a descriptor needs. */
function describe(
  core: RegistryCore,
  response: HttpResponse,
  about: string,
  tagOrDigest: string,
): Descriptor | undefined {
  const mediaType = plainMediaType(response.headers['content-type'] ?? '')
  const told = response.headers['docker-content-digest'] ?? ''
  const wanted = isDigest(tagOrDigest) ? tagOrDigest : undefined
  if (wanted !== undefined && isDigest(told) && sameAlgorithm(told, wanted) && told !== wanted) {
    throw digestMismatch(wanted, told, { side: core.role, about })
  }
  const digest = wanted ?? (isDigest(told) ? told : undefined)
  const size = Number(response.headers['content-length'] ?? '')
  if (digest === undefined || !isManifestType(mediaType) || !Number.isInteger(size) || size <= 0) return undefined
  return { mediaType, digest, size }
}

function sameAlgorithm(one: string, other: string): boolean {
  return one.split(':', 1)[0] === other.split(':', 1)[0]
}

/** `Registry.manifest`. */
export async function readManifest(
  core: RegistryCore,
  repository: string,
  tagOrDigest: string,
  signal?: AbortSignal,
): Promise<ManifestContent> {
  const found = await getManifest(core, repository, tagOrDigest, signal)
  if (found === undefined) throw await missing(core, repository, tagOrDigest, signal)
  return found
}

/**
 * A manifest, its digest computed over its bytes; `undefined` when it does not exist. What the registry says of the digest
 * is a hint only, but bytes that were asked for by digest must have it. Throws `DIGEST_MISMATCH`, `CONTENT_TOO_LARGE`,
 * `…_BAD_RESPONSE` for a web page and the errors of `parseManifest`.
 */
export async function getManifest(
  core: RegistryCore,
  repository: string,
  tagOrDigest: string,
  signal?: AbortSignal,
): Promise<ManifestContent | undefined> {
  const request = manifestCall(core, 'GET', repository, tagOrDigest, signal)
  const subject = { side: core.role, about: request.about }
  return readWhole(core, request.about, signal, async () => {
    const response = await call(core, { ...request, accept: [200, 404] })
    if (response.status === 404) {
      await discard(response)
      return undefined
    }
    if (plainMediaType(response.headers['content-type'] ?? '') === 'text/html') {
      await discard(response)
      throw badResponse(sceneOf(core, request), { ...response, text: '' }, 'answered with a web page')
    }
    const bytes = await collect(response.body, manifestLimit, subject)
    const digester = createDigester(isDigest(tagOrDigest) ? tagOrDigest : 'sha256')
    digester.update(bytes)
    const digest = digester.digest()
    if (isDigest(tagOrDigest) && digest !== tagOrDigest) throw digestMismatch(tagOrDigest, digest, subject)
    doubt(core, request.about, response.headers['docker-content-digest'], digest)
    const { mediaType } = parseManifest(bytes, response.headers['content-type'], subject)
    return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes }
  })
}

/** Small bodies are not resumed but read again. */
async function readWhole<T>(
  core: RegistryCore,
  about: string,
  signal: AbortSignal | undefined,
  read: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      const broken = isRopewayError(error) && error.code.endsWith('_UNREACHABLE') && error.temporary
      if (!broken || attempt >= core.http.retry.attempts) throw error
      await core.http.pause(about, attempt, error.message, signal)
    }
  }
}

function doubt(core: RegistryCore, about: string, told: string | undefined, digest: string): void {
  if (told === undefined || !isDigest(told) || !sameAlgorithm(told, digest) || told === digest) return
  core.log.warn(registryDigestWrong(core.host, about, told, digest))
}

/** The error for what is not there: without the repository, or without the tag, with those that look alike. */
async function missing(
  core: RegistryCore,
  repository: string,
  tagOrDigest: string,
  signal: AbortSignal | undefined,
): Promise<RopewayError> {
  const about = nameOf(core, repository, tagOrDigest)
  const scene = sceneOf(core, { about, operation: 'reading' })
  const digest = isDigest(tagOrDigest)
  const tags = await tagsForHint(core, repository, signal)
  if (tags === 'no repository' || (tags?.length === 0 && !digest)) {
    return notFound(scene, `${core.host} has no repository ${repository}, or does not show it`, {
      hint: `check the spelling; if it is private: ropeway login ${core.host}`,
    })
  }
  if (digest) return notFound(scene, `${core.host}/${repository} has no manifest ${tagOrDigest}`, { hint: digestHint })
  const known = (tags ?? []).filter((tag) => !isReferrerTag(tag))
  return notFound(scene, `${core.host}/${repository} has no tag "${tagOrDigest}"`, {
    hint: tagHint(tagOrDigest, known),
  })
}

const mostTags = 5

function tagHint(tag: string, known: readonly string[]): string {
  const near = nearest(tag, known)
  if (near.length > 0) return `tags that look like it: ${near.join(', ')}`
  if (known.length === 0) return 'check which tags the repository has'
  const more = known.length > mostTags ? ` and ${known.length - mostTags} more` : ''
  return `it has ${known.slice(-mostTags).join(', ')}${more}`
}

const digestHint = 'it may have been deleted or never pushed here: lock anew, or take the image from where it still is'
