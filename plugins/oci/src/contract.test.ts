import {
  fakeContext,
  memoryRegistry,
  registryTarget,
  sampleChart,
  sampleImage,
  sampleIndex,
  signed,
  testSink,
  testSource,
} from '@ropeway/testkit'
import { describe, it } from 'vitest'
import * as exports from './index.js'

const json = new URL('../package.json', import.meta.url)

testSource(
  {
    adapter: exports.ociSource,
    package: { json, exports },
    capabilities: { derived: false, inputs: false },
    arrange() {
      const registry = memoryRegistry('registry.example:5000')
      const [web, next, chart] = [signed(sampleIndex(1), 1), sampleImage(2), sampleChart(3, 'podinfo', '6.7.1+build')]
      const bytes = (tree: typeof web) => tree.blobs.map((blob) => blob.bytes)
      registry.seed('app/web', {
        blobs: [...bytes(web), ...bytes(next)],
        manifests: [...web.manifests, ...next.manifests],
        tags: {
          '1.2.3': web.root.digest,
          ...Object.fromEntries(
            web.referrers.flatMap(({ tag, descriptor }) => (tag ? [[tag, descriptor.digest]] : [])),
          ),
        },
      })
      registry.seed('charts/podinfo', {
        blobs: bytes(chart),
        manifests: chart.manifests,
        tags: { '6.7.1_build': chart.root.digest },
      })
      const state = new Map()
      const cache = new Map()
      const reference = 'registry.example:5000/app/web'
      return {
        options: {
          references: [
            `${reference}:1.2.3`,
            `${reference}@${next.root.digest}`,
            'registry.example:5000/charts/podinfo:6.7.1_build',
          ],
        },
        broken: { references: [`${reference}:1.2.3`, `${reference}:9`, 'registry.example:5000/App'] },
        context: (signal?: AbortSignal) => fakeContext({ registries: [registry], signal, state, cache }),
        drift: () => registry.repository('app/web').tags.set('1.2.3', next.root.digest),
      }
    },
  },
  { describe, it },
)

testSink(
  {
    adapter: exports.registrySink,
    package: { json, exports },
    arrange() {
      const registry = memoryRegistry('kit.test')
      const state = new Map()
      const refusing = memoryRegistry('kit.test', { unauthorized: true })
      return {
        options: { existing: 'overwrite' },
        context: (signal?: AbortSignal) => fakeContext({ registries: [registry], signal, state }),
        refused: { context: (signal?: AbortSignal) => fakeContext({ registries: [refusing], signal }) },
        target: registryTarget(registry.client('sink')),
      }
    },
  },
  { describe, it },
)
