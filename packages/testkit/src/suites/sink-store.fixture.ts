import { RopewayError, isRopewayError, type Content } from '@ropeway/core'
import { collect } from '@ropeway/oci'
import { paperStoreSetup } from '../paper/setups.js'
import { sampleFor } from './samples.js'
import { delivering } from './sink-mutant.fixture.js'
import type { Mutant } from './mutant.fixture.js'
import type { SinkSetup } from './sink.js'

/** Stores that break what holds for stores. */
export const storeMutants: readonly Mutant<SinkSetup>[] = [
  {
    clause: 'store-hides-untagged',
    that: 'tags when it is closed',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => {
        const later: (() => Promise<void>)[] = []
        return {
          tag: async (slot, manifest, tags) => void later.push(() => delivery.tag(slot, manifest, tags)),
          async close() {
            for (const tag of later) await tag()
            return await delivery.close()
          },
        }
      }),
  },
  {
    clause: 'store-missing',
    that: 'looks at the first hundred',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        missing: (slots) => delivery.missing(slots.slice(0, 100)),
      })),
  },
  {
    clause: 'store-parallel',
    that: 'forgets a blob that it is sending elsewhere',
    setup() {
      const setup = delivering(paperStoreSetup(), 'store', (delivery) => {
        const sending = new Set<string>()
        return {
          async blob(slot, content, options) {
            const { digest } = slot.descriptor
            if (sending.has(digest)) return 'sent'
            sending.add(digest)
            try {
              return await delivery.blob(slot, content, options)
            } finally {
              sending.delete(digest)
            }
          },
        }
      })
      const at = (repository: string) => ({ registry: 'kit.test', repository, tag: '1' })
      return {
        ...setup,
        arrange: async () => ({
          ...(await setup.arrange()),
          samples: (seed) => [
            sampleFor('image', seed, at('kit/image')),
            sampleFor('chart', seed + 50, at('kit/chart')),
          ],
        }),
      }
    },
  },
  {
    clause: 'store-mounts',
    that: 'sends what it could mount',
    setup: () =>
      delivering(paperStoreSetup({ mounts: true }), 'store', (delivery) => ({
        blob: (slot, content, { signal }) => delivery.blob(slot, content, { signal }),
      })),
  },
  {
    clause: 'store-mount-refused',
    that: 'believes that every mount works',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        blob: async (slot, content, options) =>
          options.mount === undefined ? await delivery.blob(slot, content, options) : 'mounted',
      })),
  },
  {
    clause: 'store-refuses-wrong-bytes',
    that: 'stores what comes',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (_delivery, registry) => ({
        async blob({ repository, descriptor }, content, { signal }) {
          signal?.throwIfAborted()
          registry.repositories
            .get(repository)
            ?.content.set(descriptor.digest, await collect(content.open(descriptor), 1e6))
          return 'sent'
        },
      })),
  },
  {
    clause: 'store-broken-stream',
    that: 'hides why a stream broke',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        async blob(slot, content, options) {
          try {
            return await delivery.blob(slot, content, options)
          } catch (error) {
            if (!isRopewayError(error)) throw error
            throw new RopewayError({ code: 'PUSH_FAILED', side: 'sink', message: 'the push failed' })
          }
        },
      })),
  },
  {
    clause: 'store-broken-stream',
    that: 'keeps half a blob',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery, registry) => ({
        async blob(slot, content, options) {
          const { repository, descriptor } = slot
          const half = new Uint8Array(1)
          const keeping: Content = {
            async *open(wanted, opened) {
              yield* content.open(wanted, opened)
            },
          }
          try {
            return await delivery.blob(slot, keeping, options)
          } catch (error) {
            if (isRopewayError(error) && error.code === 'KIT_STREAM_BROKE') {
              registry.repositories.get(repository)?.content.set(descriptor.digest, half)
            }
            throw error
          }
        },
      })),
  },
  {
    clause: 'store-blob-stops',
    that: 'does not look at the signal of a blob',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        blob: (slot, content, { mount }) => delivery.blob(slot, content, { mount }),
      })),
  },
  {
    clause: 'store-exact-manifests',
    that: 'writes manifests anew until it is closed',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery, registry) => {
        const exact: (() => void)[] = []
        return {
          async manifest(slot, manifest) {
            await delivery.manifest(slot, manifest)
            const stored = registry.repositories.get(slot.repository)?.content
            stored?.set(slot.descriptor.digest, new Uint8Array([...manifest.bytes, 10]))
            exact.push(() => stored?.set(slot.descriptor.digest, manifest.bytes))
          },
          async close() {
            for (const restore of exact) restore()
            return await delivery.close()
          },
        }
      }),
  },
  {
    clause: 'store-tags',
    that: 'gives one tag of several',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        tag: (slot, manifest, tags) => delivery.tag(slot, manifest, tags.slice(0, 1)),
      })),
  },
]
