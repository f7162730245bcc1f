import { defineSink, defineSource, defineTransform } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { adapterTable } from '../adapters/table.js'
import { imagesSource, moveTransform, storeSink } from '../world.fixture.js'
import { addonsChain, initialAddonsChain } from './addons.js'
import { loadChain } from './load.js'

const anything = z.record(z.string(), z.unknown())
const cloud = { ...defineSink({ ...storeSink, name: 'cloud', options: anything }), hosts: ['*.cloud.example'] }
const adapters = adapterTable([
  defineSource({ ...imagesSource, name: 'addons', options: anything }),
  defineTransform({ ...moveTransform, name: 'rewrite', options: anything }),
  defineSink({ ...storeSink, name: 'registry', options: anything }),
  cloud,
])

describe('a chain of addons', () => {
  it('has the options that were given, and nothing else', () => {
    expect(addonsChain({ values: 'addons.yaml' }, adapters)).toEqual({
      name: 'addons',
      sources: [{ addons: { values: 'addons.yaml' } }],
    })
    const chain = {
      catalogs: ['a', 'b'],
      only: ['x'],
      latest: true,
      overrides: 'o{1}.yaml',
      platforms: ['linux/arm64'],
    }
    expect(addonsChain(chain, adapters)).toEqual({
      name: 'addons',
      platforms: ['linux/arm64'],
      sources: [{ addons: { catalogs: ['a', 'b'], only: ['x'], overrides: 'o\\{1}.yaml', latest: true } }],
    })
  })

  it.each([
    [{ to: 'r.example/p' }, { registry: 'r.example/p' }],
    [
      { to: 'r.example', targetPrefix: 'mirror' },
      { registry: 'r.example', prefix: 'mirror', chartPrefix: '' },
    ],
    [
      { to: 'r.example', chartPrefix: 'charts' },
      { registry: 'r.example', chartPrefix: 'charts' },
    ],
    [
      { to: 'r.example/p', targetPrefix: 'mirror', chartPrefix: 'charts' },
      { registry: 'r.example/p', prefix: 'mirror', chartPrefix: 'charts' },
    ],
  ])('puts %j where %j says', (chain, rewrite) => {
    expect(addonsChain({ values: 'a', ...chain }, adapters)['transforms']).toEqual([{ rewrite }])
  })

  it('goes to the sink for such hosts', () => {
    const sinks = (to: string) => addonsChain({ values: 'a', to }, adapters)['sinks']
    expect(sinks('1.cloud.example/x')).toEqual([{ cloud: {} }])
    expect(sinks('localhost:5000')).toEqual([{ registry: {} }])
  })

  it('is a file that loads as the same chain', async () => {
    for (const more of [{}, { to: 'r.example/p', platforms: ['linux/amd64'] }]) {
      const chain = { name: 'team', values: 'a{b}.yaml', exclude: ['c'], ...more }
      const text = initialAddonsChain(chain, adapters)
      const { version: _, ...written } = parse(text)
      expect(written).toEqual(addonsChain(chain, adapters))
      const loaded = await loadChain({ value: parse(text), directory: '/' }, adapters)
      expect(loaded.sources[0]?.options).toEqual({ values: 'a{b}.yaml', exclude: ['c'] })
    }
  })
})
