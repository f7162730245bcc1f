import type { ManifestContent } from '@ropeway/core'
import { digestMismatch, isDigest, isManifestType, parseManifest } from '@ropeway/oci'
import { discard } from '../http/exchange.js'
import { call, nameOf, readAnswer, sceneOf, type RegistryCore } from './core.js'
import { addToFallback, type FallbackLocks } from './fallback.js'
import { manifestAnswers, manifestRefused } from './manifest-refused.js'

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
    accept: manifestAnswers,
  })
  if (response.status >= 400) {
    const answer = await readAnswer(response)
    throw manifestRefused(sceneOf(core, { about, operation }), `manifest ${descriptor.digest}`, answer)
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
