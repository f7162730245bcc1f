import type { ManifestContent } from '@ropeway/core'
import { digestMismatch, isDigest, isManifestType, parseManifest } from '@ropeway/oci'
import { refused } from '../errors.js'
import { discard } from '../http/exchange.js'
import { call, nameOf, readAnswer, sceneOf, type RegistryCore } from './core.js'
import { hasCode } from '../error-text.js'
import { addToFallback, type FallbackLocks } from './fallback.js'
import type { Answer } from '../errors.js'

/**
 * `Registry.pushManifest`: the bytes as they are. A manifest with a `subject` that the registry does not confirm to have
 * noticed is entered into the fallback tag (distribution-spec, "Pushing Manifests with Subject").
 */
export async function pushManifest(
  core: RegistryCore,
  locks: FallbackLocks,
  repository: string,
  tagOrDigest: string,
  manifest: ManifestContent,
  signal?: AbortSignal,
): Promise<void> {
  const { descriptor, bytes } = manifest
  const about = nameOf(core, repository, tagOrDigest)
  const operation = 'pushing'
  const response = await call(core, {
    method: 'PUT',
    target: `/v2/${repository}/manifests/${tagOrDigest}`,
    repository,
    need: 'push',
    about,
    operation,
    headers: { 'content-type': descriptor.mediaType },
    body: bytes,
    signal,
    accept: [200, 201, 202, 400, 404, 405, 409, 412, 413, 415, 422],
  })
  if (response.status >= 400) {
    const answer = await readAnswer(response)
    throw refused(sceneOf(core, { about, operation }), `manifest ${descriptor.digest}`, answer, {
      hint: hintFor(answer),
      // The registry may not see yet what was pushed a moment ago.
      temporary: hasCode(answer.text, 'MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN'),
    })
  }
  await discard(response)
  const told = response.headers['docker-content-digest'] ?? ''
  if (isDigest(told) && told.split(':', 1)[0] === descriptor.digest.split(':', 1)[0] && told !== descriptor.digest) {
    throw digestMismatch(descriptor.digest, told, { side: core.role, about })
  }
  if (response.headers['oci-subject'] !== undefined || !isManifestType(descriptor.mediaType)) return
  const parsed = parseManifest(bytes, descriptor.mediaType, { side: core.role, about })
  if (parsed.subject !== undefined) {
    await addToFallback(core, locks, repository, parsed.subject.digest, descriptor, parsed, signal)
  }
}

function hintFor({ status, text }: Answer): string | undefined {
  if (status === 412 || /immutable|overwrit|already exists/i.test(text)) {
    return 'the tag must not be moved there: keep what it holds (existing: skip), or choose another tag'
  }
  if (status === 413) return 'a proxy before the registry limits the size of requests: raise its limit'
  if (status === 405 || status === 415) return 'the registry may not support this kind of content'
  return undefined
}
