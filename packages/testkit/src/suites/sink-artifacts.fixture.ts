import { paperReleaseSetup } from '../paper/setups.js'
import { delivering } from './sink-mutant.fixture.js'
import type { Mutant } from './mutant.fixture.js'
import type { SinkSetup } from './sink.js'

/** Sinks that break what holds for whole artifacts. */
export const artifactsMutants: readonly Mutant<SinkSetup>[] = [
  {
    clause: 'artifacts-hidden-until-close',
    that: 'shows its first draft',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery, page) => ({
        async put(artifact, content) {
          await delivery.put(artifact, content)
          if (page.assets.size === 0) page.assets.set('draft', new Uint8Array())
        },
        async close() {
          page.assets.delete('draft')
          return await delivery.close()
        },
        async abort(reason) {
          page.assets.delete('draft')
          await delivery.abort(reason)
        },
      })),
  },
  {
    clause: 'artifacts-broken-content',
    that: 'takes no notice of broken content',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery) => ({
        put: (artifact, content) => delivery.put(artifact, content).catch(() => undefined),
      })),
  },
  {
    clause: 'artifacts-deterministic',
    that: 'writes a number of its own on the page',
    setup: () => {
      const numbers = new Map<object, number>()
      return delivering(paperReleaseSetup(), 'artifacts', (delivery, page) => ({
        async close() {
          const number = numbers.get(page) ?? numbers.size
          numbers.set(page, number)
          page.assets.set('number', new Uint8Array([number]))
          return await delivery.close()
        },
      }))
    },
  },
  {
    clause: 'artifacts-replaced',
    that: 'keeps what the page has',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery, page) => ({
        async close() {
          const before = new Map(page.assets)
          const closing = await delivery.close()
          for (const [name, bytes] of before) page.assets.set(name, bytes)
          return closing
        },
      })),
  },
]
