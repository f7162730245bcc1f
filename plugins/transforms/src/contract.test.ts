import { fakeContext, testTransform } from '@ropeway/testkit'
import { describe, it } from 'vitest'
import * as exports from './index.js'

const json = new URL('../package.json', import.meta.url)

const written: readonly object[] = [
  { registry: 'harbor.corp:5000/mirror', chartPrefix: 'charts' },
  { registry: 'harbor.corp', keepRegistry: true },
  { prefix: 'mirror', map: { 'registry.test/team/app': 'team/renamed', 'nothing/of/the/kind': 'x' } },
]

for (const options of written) {
  testTransform(
    {
      adapter: exports.rewrite,
      package: { json, exports },
      arrange: () => ({ options, context: (signal) => fakeContext({ signal }) }),
    },
    { describe: (title, body) => describe(`${title} with ${JSON.stringify(options)}`, body), it },
  )
}

for (const options of [{}, { charts: 'overlay' }]) {
  testTransform(
    {
      adapter: exports.normalise,
      package: { json, exports },
      arrange: () => ({ options, context: (signal) => fakeContext({ signal }) }),
    },
    { describe: (title, body) => describe(`${title} with ${JSON.stringify(options)}`, body), it },
  )
}

testTransform(
  {
    adapter: exports.overlay,
    package: { json, exports },
    arrange: () => ({
      options: {
        charts: '*',
        values: { 'image.tag': '2', 'new.key': [1] },
        patches: [{ file: 'Chart.yaml', patch: [{ op: 'add', path: '/keywords', value: ['a'] }] }],
      },
      context: (signal) => fakeContext({ signal }),
    }),
  },
  { describe, it },
)
