import { parseManifest } from '@ropeway/oci'
import {
  memoryStorage,
  serveRegistry,
  type LogEntry,
  type RegistryServer,
  type ServeOptions,
  type Storage,
} from '@ropeway/registry-server'
import { fakeNotFound } from '../errors.js'
import type { Fixture } from '../fixtures/fixture.js'
import { gather, type Pulled } from '../fixtures/push.js'

/** A registry in this process, whose requests can be looked at. */
export interface FakeRegistry extends RegistryServer {
  /** All requests in the order of their arrival. `status` is 0 until the answer has begun. */
  readonly requests: readonly LogEntry[]
  /** Forgets the requests so far. */
  forget(): void
  readonly storage: Storage
  /** Puts a fixture into a repository without a request, under the given tags, else under its own one. */
  push(repository: string, fixture: Fixture, tags?: readonly string[]): Promise<void>
  /** Reads everything behind a tag or digest without a request, and verifies each digest. */
  pull(repository: string, reference: string): Promise<Pulled>
}

async function store(storage: Storage, repository: string, fixture: Fixture, tags: readonly string[]): Promise<void> {
  const { write } = storage
  if (write === undefined) return
  for (const { descriptor, bytes } of fixture.blobs) {
    const upload = await write.blobs.begin(repository)
    for (const chunk of bytes.read({ start: 0, end: bytes.size })) await upload.append(chunk)
    await upload.commit(descriptor.digest)
  }
  for (const { descriptor, bytes } of fixture.manifests) {
    const { digest, mediaType } = descriptor
    const subject = parseManifest(bytes, mediaType).subject?.digest
    await write.manifests.put(repository, { digest, mediaType, bytes, subject })
  }
  for (const tag of tags) await write.tags.tag(repository, tag, fixture.root.digest)
}

function read(storage: Storage, repository: string, reference: string): Promise<Pulled> {
  return gather(
    {
      async manifest(name) {
        const digest = name.includes(':') ? name : await storage.tags.resolve(repository, name)
        const manifest = digest === undefined ? undefined : await storage.manifests.manifest(repository, digest)
        if (manifest === undefined) throw fakeNotFound('sink', `${repository}:${name}`)
        return manifest
      },
      async blob(digest) {
        const end = await storage.blobs.stat(repository, digest)
        if (end === undefined) throw fakeNotFound('sink', `${repository}@${digest}`)
        return storage.blobs.open(repository, digest, { start: 0, end })
      },
    },
    reference,
  )
}

/** Starts a registry over memory. All options of `serveRegistry` can be given; another storage too. */
export async function fakeRegistry(options: Partial<ServeOptions> = {}): Promise<FakeRegistry> {
  const storage = options.storage ?? memoryStorage()
  const requests: LogEntry[] = []
  const server = await serveRegistry({
    grace: 500,
    ...options,
    storage,
    hooks: {
      request(entry) {
        requests.push(entry)
        return options.hooks?.request?.(entry)
      },
    },
  })
  return {
    ...server,
    requests,
    storage,
    forget: () => void requests.splice(0),
    push: (repository, fixture, tags = fixture.tag === undefined ? [] : [fixture.tag]) =>
      store(storage, repository, fixture, tags),
    pull: (repository, reference) => read(storage, repository, reference),
  }
}
