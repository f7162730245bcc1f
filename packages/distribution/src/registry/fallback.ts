import type { Descriptor, ManifestContent } from '@ropeway/core'
import { encodeManifest, fallbackTag, mediaTypes, parseManifest, type ParsedManifest } from '@ropeway/oci'
import { referrersUnlisted } from '../errors.js'
import { call, nameOf, readAnswer, sceneOf, type RegistryCore } from './core.js'
import { discard } from '../http/exchange.js'
import { manifestAnswers, manifestRefused } from './manifest-refused.js'
import { getManifest } from './manifests.js'

/** One change at a time of each fallback tag, over all uses of a registry in this process. */
export type FallbackLocks = Map<string, Promise<unknown>>

/** What a referrers list says of a manifest (image-spec, referrers): its artifact type is its config's when it has none. */
export function referrerDescriptor(descriptor: Descriptor, parsed: ParsedManifest): Descriptor {
  const artifactType = parsed.artifactType ?? (parsed.type === 'image' ? parsed.config.mediaType : undefined)
  const { mediaType, digest, size } = descriptor
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(parsed.annotations === undefined ? {} : { annotations: parsed.annotations }),
  }
}

/**
 * Enters a manifest into the index behind the fallback tag of its subject (`sha256-…`), unless it stands there already:
 * read, add, write.
 */
export async function addToFallback(
  core: RegistryCore,
  locks: FallbackLocks,
  repository: string,
  subject: string,
  descriptor: Descriptor,
  parsed: ParsedManifest,
  signal?: AbortSignal,
): Promise<void> {
  const key = `${core.host}/${repository}@${subject}`
  const before = locks.get(key) ?? Promise.resolve()
  const change = before
    .catch(() => undefined)
    .then(() => update(core, repository, subject, referrerDescriptor(descriptor, parsed), signal))
  locks.set(key, change)
  try {
    await change
  } finally {
    if (locks.get(key) === change) locks.delete(key)
  }
}

async function update(
  core: RegistryCore,
  repository: string,
  subject: string,
  entry: Descriptor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tag = fallbackTag(subject)
  const found = await getManifest(core, repository, tag, signal)
  if (found !== undefined && found.descriptor.digest === subject) return warnOfTrap(core, repository, subject)
  const known = found === undefined ? [] : entriesOf(core, found, nameOf(core, repository, tag))
  if (known.some(({ digest }) => digest === entry.digest)) return
  const { descriptor, bytes } = encodeManifest(
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...known, entry] },
    mediaTypes.ociIndex,
  )
  const scene = { about: nameOf(core, repository, tag), operation: 'listing a referrer in' }
  const response = await call(core, {
    ...scene,
    method: 'PUT',
    target: `/v2/${repository}/manifests/${tag}`,
    repository,
    need: 'push',
    headers: { 'content-type': descriptor.mediaType },
    body: bytes,
    signal,
    accept: manifestAnswers,
  })
  if (response.status >= 400) {
    throw manifestRefused(sceneOf(core, scene), `the list of referrers of ${subject}`, await readAnswer(response))
  }
  await discard(response)
}

function entriesOf(core: RegistryCore, { bytes, descriptor }: ManifestContent, about: string): readonly Descriptor[] {
  const parsed = parseManifest(bytes, descriptor.mediaType, { side: core.role, about })
  return parsed.type === 'index' ? parsed.manifests : []
}

/** There are registries that take the fallback tag for the digest itself, so that it can never be written. */
function warnOfTrap(core: RegistryCore, repository: string, subject: string): void {
  core.log.warn(referrersUnlisted(core.host, `${core.host}/${repository}@${subject}`))
}
