import { defineSink, isRopewayError, RopewayError, type HeldManifest, type Holdings } from '@ropeway/core'
import { parseManifest } from '@ropeway/oci'
import { memoryRegistry } from '@ropeway/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { createWorld, seedImage, storeSink } from '../world.fixture.js'
import { prune, type PruneOptions } from './prune.js'

/** What a sink holds, over a registry in memory. */
function holdingsOf(registry: ReturnType<typeof memoryRegistry>, place: string | undefined): Holdings {
  return {
    location: place ?? 'its own',
    registry: registry.host,
    async *repositories() {
      yield* [...registry.repositories.keys()]
    },
    async manifests(name) {
      const { manifests, tags } = registry.repository(name)
      return [...manifests.values()].map(({ descriptor: { digest, mediaType, size }, bytes }): HeldManifest => ({
        digest,
        subject: parseManifest(bytes, mediaType).subject?.digest,
        mediaType,
        size,
        pushed: 1000,
        tags: [...tags].filter(([, held]) => held === digest).map(([tag]) => tag),
      }))
    },
    async read(name, digests) {
      const { manifests } = registry.repository(name)
      return new Map(
        digests.flatMap((digest) => {
          const bytes = manifests.get(digest)?.bytes
          return bytes === undefined ? [] : [[digest, bytes] as const]
        }),
      )
    },
    async remove(name, what) {
      if (name === 'locked/app') throw new RopewayError({ code: 'NO', side: 'sink', message: 'no' })
      const { manifests, tags } = registry.repository(name)
      if ('tags' in what) for (const tag of what.tags) tags.delete(tag)
      else for (const digest of what.digests) manifests.delete(digest)
      return []
    },
  }
}

const registry = memoryRegistry('held.test')
const listing = defineSink({ ...storeSink, name: 'listing', prune: async (place) => holdingsOf(registry, place) })
const { runtime } = createWorld([listing])
const run = (more: Partial<PruneOptions>) => prune({ sink: 'listing', directory: '/work', ...more }, runtime)

beforeEach(() => {
  registry.repositories.clear()
  seedImage(registry, 'app/web', '1', 1)
  seedImage(registry, 'app/api', '1', 2)
})

describe('pruning', () => {
  it('shows what goes, and removes it when it is told to', async () => {
    const found = await run({ patterns: ['app/web'], registry: 'held.test' })
    expect(found).toMatchObject({ location: 'held.test', repositories: [{ repository: 'app/web', needed: [] }] })
    expect(found.repositories[0]?.bytes).toBeGreaterThan(0)
    expect(registry.repository('app/web').manifests.size).toBeGreaterThan(0)
    expect(await found.remove()).toEqual([])
    expect(registry.repository('app/web').manifests.size).toBe(0)
    expect(registry.repository('app/api').manifests.size).toBeGreaterThan(0)
  })

  it('goes on with the rest where something cannot be removed', async () => {
    seedImage(registry, 'locked/app', '1', 3)
    const found = await run({ patterns: ['*'] })
    expect(await found.remove()).toMatchObject([{ code: 'NO' }])
    expect(registry.repository('app/web').manifests.size).toBe(0)
    expect(registry.repository('locked/app').manifests.size).toBeGreaterThan(0)
  })

  it('knows an age by the clock', async () => {
    expect((await run({ olderThan: 1000 })).repositories).toHaveLength(2)
    expect((await run({ olderThan: runtime.now() })).repositories).toEqual([])
  })

  it('wants a rule, and a sink that can', async () => {
    const codeOf = (work: Promise<unknown>) =>
      work.catch((error: unknown) => (isRopewayError(error) ? error.code : error))
    expect(await codeOf(run({}))).toBe('PRUNE_UNBOUNDED')
    expect(await codeOf(run({ sink: 'store', keep: 1 }))).toBe('PRUNE_UNSUPPORTED')
    expect(await codeOf(run({ sink: 'nobody', keep: 1 }))).toBe('ADAPTER_UNKNOWN')
  })
})
