import { defineSink, defineSource, defineTransform, type Adapter, type Artifact, type TimedEvent } from '@ropeway/core'
import { buildArtifact, emptyConfig, formatReference, mediaTypes, parseReference, sha256 } from '@ropeway/oci'
import { fakeContext, memoryRegistry, sampleBytes, sampleIndex, signed, type MemoryRegistry } from '@ropeway/testkit'
import { z } from 'zod'
import { adapterTable } from './adapters/table.js'
import type { Network } from './runtime/network.js'
import { createRuntime, type Runtime, type RuntimeOptions } from './runtime/runtime.js'

/** A source of images in registries, as small as a source can be. */
export const imagesSource = defineSource({
  name: 'images',
  summary: 'images of a registry',
  shorthand: 'references',
  options: z.strictObject({
    references: z.array(z.string()),
    signatures: z.boolean().default(true),
    note: z.string().optional(),
  }),
  async *resolve({ references, signatures }, context) {
    for (const text of references) {
      const reference = parseReference(text)
      const registry = context.registry(reference.registry, 'source')
      try {
        const { descriptor } = await registry.manifest(reference.repository, reference.tag ?? 'latest')
        yield {
          kind: 'image',
          name: formatReference(reference),
          source: { reference, location: text },
          root: descriptor,
          content: {
            open: (wanted, options) => registry.blob(reference.repository, wanted, options),
            ...(signatures ? { referrers: (subject) => registry.referrers(reference.repository, subject.digest) } : {}),
          },
          naming: { path: reference.repository, tags: reference.tag === undefined ? [] : [reference.tag] },
        } satisfies Artifact
      } catch (error) {
        yield { about: text, error }
      }
    }
  },
  async reopen(locked, _options, context) {
    const reference = parseReference(locked.source.reference ?? '')
    const registry = context.registry(reference.registry, 'source')
    return { open: (wanted, options) => registry.blob(reference.repository, wanted, options) }
  },
})

/** A sink that is a registry, without survey knowledge: everything is asked for in time. */
export const storeSink = defineSink({
  name: 'store',
  summary: 'a registry',
  options: z.strictObject({ existing: z.enum(['skip', 'verify', 'overwrite', 'fail']).default('skip') }),
  accepts: ['image', 'chart', 'manifests', 'file', 'artifact'],
  takes: 'store',
  async survey(plan, { existing }, context) {
    const names = await Promise.all(
      plan.artifacts.flatMap(({ id, destinations }) =>
        destinations.map(async (destination) => {
          const found = await context
            .registry(destination.registry, 'sink')
            .find(destination.repository, destination.tag ?? destination.digest ?? 'latest')
          return found === undefined ? [] : [{ id, destination, digest: found.digest }]
        }),
      ),
    )
    return { location: 'the store', existing, names: names.flat() }
  },
  async open(_plan, _survey, _options, context) {
    const sink = (registry: string) => context.registry(registry, 'sink')
    return {
      type: 'store',
      prepare: async () => undefined,
      async missing(slots) {
        const has = await Promise.all(slots.map((slot) => sink(slot.registry).has(slot.repository, slot.descriptor)))
        return slots.filter((_, index) => has[index] === false)
      },
      blob: (slot, content, { mount, signal }) =>
        sink(slot.registry).pushBlob(
          slot.repository,
          slot.descriptor,
          () => content.open(slot.descriptor, { signal }),
          { mountFrom: mount },
        ),
      mount: (slot, from) => sink(slot.registry).mount(slot.repository, slot.descriptor, from),
      manifest: (slot, manifest) => sink(slot.registry).pushManifest(slot.repository, slot.descriptor.digest, manifest),
      async tag(slot, manifest, tags) {
        for (const tag of tags) await sink(slot.registry).pushManifest(slot.repository, tag, manifest)
      },
      close: async () => ({ location: 'the store' }),
      abort: async () => undefined,
    }
  },
})

export const moveTransform = defineTransform({
  name: 'move',
  summary: 'gives all artifacts another registry',
  stage: 'name',
  options: z.strictObject({ registry: z.string() }),
  async apply(artifacts, { registry }) {
    const named = artifacts.map((artifact) => ({
      ...artifact,
      destinations: artifact.naming.tags.map((tag) => ({ registry, repository: artifact.naming.path, tag })),
    }))
    return { artifacts: named, findings: [] }
  },
})

export interface World {
  readonly runtime: Runtime
  readonly events: TimedEvent[]
  readonly from: MemoryRegistry
  readonly to: MemoryRegistry
  /** Bytes that were read from `from.test`, by digest. */
  readonly read: Map<string, number>
}

export interface WorldOptions extends Partial<RuntimeOptions> {
  /** Kept over several worlds when the same one is passed. */
  readonly from?: MemoryRegistry
  /** Called before each chunk that is read from `from.test`. */
  readonly onChunk?: (digest: string) => void | Promise<void>
}

/** A runtime with two registries in memory, `from.test` holding a signed multi-platform image `app/web:1`. */
export function createWorld(adapters: readonly Adapter[] = [], options: WorldOptions = {}): World {
  const from = options.from ?? memoryRegistry('from.test')
  const to = memoryRegistry('to.test')
  if (options.from === undefined) seedImage(from, 'app/web', '1', 1)
  const events: TimedEvent[] = []
  const read = new Map<string, number>()
  const credential = { username: 'kit', password: 'secret', origin: 'test' }
  const credentials = { 'paper-bucket.test': credential, 'paper-store.test': credential, 'paper-page.test': credential }
  const fake = fakeContext({ registries: [from, to], credentials })

  async function* watched(digest: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      await options.onChunk?.(digest)
      read.set(digest, (read.get(digest) ?? 0) + chunk.byteLength)
      yield chunk
    }
  }
  const registry: Network['registry'] = (host, role) => {
    const client = fake.registry(host, role)
    if (host !== from.host) return client
    return {
      ...client,
      blob: (repository, descriptor, opened) => watched(descriptor.digest, client.blob(repository, descriptor, opened)),
    }
  }
  const runtime = createRuntime({
    adapters: adapterTable([imagesSource, storeSink, moveTransform, ...adapters]),
    network: {
      http: fake.http,
      registry,
      credential: fake.credential,
      limiter: fake.limiter,
      close: async () => undefined,
    },
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { runtime, events, from, to, read }
}

/** Puts a signed index with shared layers into a registry. */
export function seedImage(registry: MemoryRegistry, repository: string, tag: string, seed: number): string {
  const tree = signed(sampleIndex(seed), seed + 100)
  const signatures = Object.fromEntries(
    tree.referrers.flatMap(({ tag: name, descriptor }) => (name === undefined ? [] : [[name, descriptor.digest]])),
  )
  registry.seed(repository, {
    blobs: tree.blobs.map(({ bytes }) => bytes),
    manifests: tree.manifests,
    tags: { [tag]: tree.root.digest, ...signatures },
  })
  return tree.root.digest
}

/** Puts an artifact with layers of these sizes (bytes) into a registry. */
export function seedLayers(
  registry: MemoryRegistry,
  repository: string,
  tag: string,
  sizes: readonly number[],
  seed = 1,
): void {
  const blobs = sizes.map((size, index) => sampleBytes(seed * 1000 + index, size))
  const layers = blobs.map((bytes) => ({
    mediaType: mediaTypes.ociLayerGzip,
    digest: sha256(bytes),
    size: bytes.byteLength,
  }))
  const manifest = buildArtifact({ artifactType: 'application/vnd.example.large', layers })
  registry.seed(repository, {
    blobs: [...blobs, emptyConfig.bytes],
    manifests: [manifest],
    tags: { [tag]: manifest.descriptor.digest },
  })
}
