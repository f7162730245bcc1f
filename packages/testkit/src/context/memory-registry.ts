import type { Descriptor, ManifestContent, Referrer, Registry, Role } from '@ropeway/core'
import { childrenOf, cosignTags, parseManifest, sha256, verified, collect, verifyBytes } from '@ropeway/oci'
import { fakeNotFound, fakeUnauthorized, referredMissing } from '../errors.js'
import { bytesContent } from './bytes-content.js'

/** What one repository holds; tests may read and change it at will. */
export interface MemoryRepository {
  readonly blobs: Map<string, Uint8Array>
  readonly manifests: Map<string, ManifestContent>
  readonly tags: Map<string, string>
}

export interface MemoryRegistryOptions {
  /** Whether blobs can be mounted across repositories. The default is true. */
  readonly mounts?: boolean | undefined
  /** Refuses every call as a registry does that accepts no credentials. The default is false. */
  readonly unauthorized?: boolean | undefined
}

/** A registry in memory, without HTTP: what `Context.registry` of a fake context gives. */
export interface MemoryRegistry {
  readonly host: string
  readonly repositories: Map<string, MemoryRepository>
  /** The repository, created when it does not exist. */
  repository(name: string): MemoryRepository
  /** Puts content in, as if it had been there before the test. */
  seed(
    repository: string,
    content: {
      blobs?: Iterable<Uint8Array>
      manifests?: Iterable<ManifestContent>
      tags?: Readonly<Record<string, string>>
    },
  ): void
  client(role: Role, signal?: AbortSignal): Registry
}

export function memoryRegistry(host: string, options: MemoryRegistryOptions = {}): MemoryRegistry {
  const repositories = new Map<string, MemoryRepository>()
  const repository = (name: string): MemoryRepository => {
    const known = repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() }
    repositories.set(name, known)
    return known
  }
  const registry: MemoryRegistry = {
    host,
    repositories,
    repository,
    seed(name, { blobs = [], manifests = [], tags = {} }) {
      const target = repository(name)
      for (const bytes of blobs) target.blobs.set(sha256(bytes), bytes)
      for (const manifest of manifests) target.manifests.set(manifest.descriptor.digest, manifest)
      for (const [tag, digest] of Object.entries(tags)) target.tags.set(tag, digest)
    },
    client: (role, signal) => client(registry, role, options, signal),
  }
  return registry
}

function client(store: MemoryRegistry, role: Role, options: MemoryRegistryOptions, runSignal?: AbortSignal): Registry {
  const { host } = store
  const enter = (signal?: AbortSignal): void => {
    runSignal?.throwIfAborted()
    signal?.throwIfAborted()
    if (options.unauthorized === true) throw fakeUnauthorized(role, host)
  }
  const digestOf = (repository: string, tagOrDigest: string): string =>
    tagOrDigest.includes(':') ? tagOrDigest : (store.repositories.get(repository)?.tags.get(tagOrDigest) ?? '')
  const manifestAt = (repository: string, tagOrDigest: string): ManifestContent | undefined =>
    store.repositories.get(repository)?.manifests.get(digestOf(repository, tagOrDigest))
  const bytesAt = (repository: string, { digest }: Descriptor): Uint8Array | undefined => {
    const found = store.repositories.get(repository)
    return found?.blobs.get(digest) ?? found?.manifests.get(digest)?.bytes
  }
  const canMount = (descriptor: Descriptor, from: string | undefined): boolean =>
    options.mounts !== false &&
    from !== undefined &&
    store.repositories.get(from)?.blobs.has(descriptor.digest) === true

  return {
    host,
    async find(repository, tagOrDigest, { signal } = {}) {
      enter(signal)
      return manifestAt(repository, tagOrDigest)?.descriptor
    },
    async manifest(repository, tagOrDigest, { signal } = {}) {
      enter(signal)
      const found = manifestAt(repository, tagOrDigest)
      if (found !== undefined) return found
      const near = [...(store.repositories.get(repository)?.tags.keys() ?? [])]
      throw fakeNotFound(role, `${host}/${repository}:${tagOrDigest}`, near)
    },
    async *blob(repository, descriptor, opened = {}) {
      enter(opened.signal)
      const bytes = bytesAt(repository, descriptor)
      if (bytes === undefined) throw fakeNotFound(role, `${host}/${repository}@${descriptor.digest}`)
      for await (const chunk of bytesContent(bytes, opened)) {
        enter(opened.signal)
        yield chunk
      }
    },
    async has(repository, descriptor, { signal } = {}) {
      enter(signal)
      return bytesAt(repository, descriptor) !== undefined
    },
    async pushBlob(repository, descriptor, open, { signal, mountFrom } = {}) {
      enter(signal)
      const target = store.repository(repository)
      if (canMount(descriptor, mountFrom)) {
        mountBlob(store, repository, descriptor, mountFrom)
        return 'mounted'
      }
      const bytes = await collect(verified(open(), descriptor, { side: 'sink' }), descriptor.size)
      enter(signal)
      target.blobs.set(descriptor.digest, bytes)
      return 'sent'
    },
    async mount(repository, descriptor, from, { signal } = {}) {
      enter(signal)
      if (!canMount(descriptor, from)) return false
      mountBlob(store, repository, descriptor, from)
      return true
    },
    async pushManifest(repository, tagOrDigest, manifest, { signal } = {}) {
      enter(signal)
      verifyBytes(manifest.bytes, manifest.descriptor, { side: 'sink' })
      const target = store.repository(repository)
      const children = childrenOf(parseManifest(manifest.bytes, manifest.descriptor.mediaType))
      for (const { digest } of children.blobs) {
        if (!target.blobs.has(digest)) throw referredMissing(repository, manifest.descriptor.digest, `blob ${digest}`)
      }
      for (const { digest } of children.manifests) {
        if (!target.manifests.has(digest))
          throw referredMissing(repository, manifest.descriptor.digest, `manifest ${digest}`)
      }
      target.manifests.set(manifest.descriptor.digest, manifest)
      if (!tagOrDigest.includes(':')) target.tags.set(tagOrDigest, manifest.descriptor.digest)
    },
    async referrers(repository, digest, { signal } = {}) {
      enter(signal)
      const found = store.repositories.get(repository)
      return found === undefined ? [] : referrersIn(found, digest)
    },
    async *tags(repository, { signal } = {}) {
      enter(signal)
      const found = store.repositories.get(repository)
      if (found === undefined) throw fakeNotFound(role, `${host}/${repository}`)
      yield* [...found.tags.keys()].sort()
    },
    async check(_repository, _actions, { signal } = {}) {
      enter(signal)
    },
  }
}

function mountBlob(store: MemoryRegistry, repository: string, { digest }: Descriptor, from = ''): void {
  const bytes = store.repositories.get(from)?.blobs.get(digest)
  if (bytes !== undefined) store.repository(repository).blobs.set(digest, bytes)
}

function referrersIn(repository: MemoryRepository, digest: string): readonly Referrer[] {
  const found: Referrer[] = []
  for (const { descriptor, bytes } of repository.manifests.values()) {
    const { subject, artifactType } = parseManifest(bytes, descriptor.mediaType)
    if (subject?.digest !== digest) continue
    found.push({
      descriptor: artifactType === undefined ? descriptor : { ...descriptor, artifactType },
      subject: digest,
    })
  }
  for (const tag of Object.values(cosignTags(digest))) {
    const manifest = repository.manifests.get(repository.tags.get(tag) ?? '')
    if (manifest !== undefined) found.push({ descriptor: manifest.descriptor, subject: digest, tag })
  }
  return found.sort((a, b) => (a.descriptor.digest < b.descriptor.digest ? -1 : 1))
}
