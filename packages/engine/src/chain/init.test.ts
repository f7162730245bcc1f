import { defineSink, defineSource, defineTransform, type Sink } from '@ropeway/core'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { adapterTable } from '../adapters/table.js'
import { imagesSource, moveTransform, storeSink } from '../world.fixture.js'
import { initialChain } from './init.js'
import { loadChain } from './load.js'

/** The options of the built-in adapters, as far as a first chain names them. */
const adapters = adapterTable([
  defineSource({ ...imagesSource, name: 'oci' }),
  defineTransform({ ...moveTransform, name: 'rewrite' }),
  defineSink({ ...storeSink, name: 'registry' }),
  defineSink<unknown>({
    ...(storeSink as Sink<unknown>),
    name: 'tarball',
    options: z.strictObject({ path: z.string() }),
  }),
])

async function load(answers: Parameters<typeof initialChain>[0]) {
  return loadChain({ value: parse(initialChain(answers)), directory: '/' }, adapters)
}

describe('a first chain', () => {
  it('loads as it is', async () => {
    const chain = await load({ name: 'first' })
    expect(chain).toMatchObject({
      name: 'first',
      version: '0.1.0',
      transforms: [],
      sinks: [{ adapter: 'tarball', options: { path: 'first-0.1.0.tar' } }],
    })
    expect(chain.sources).toHaveLength(1)
  })
  it('holds what was answered', async () => {
    const references = ['a.test/b:1', `a.test/c@sha256:${'0'.repeat(64)}`]
    const chain = await load({ name: 'first', references, registry: 'to.test:5000/mirror' })
    expect(chain.sources[0]?.options).toMatchObject({ references })
    expect(chain.transforms).toMatchObject([{ adapter: 'rewrite', options: { registry: 'to.test:5000/mirror' } }])
    expect(chain.sinks.map(({ adapter }) => adapter)).toEqual(['tarball', 'registry'])
  })
  it.each(['1.0', 'true', '1e3', 'null', '0x10'])('may be named %s, whatever YAML thinks of that', async (name) => {
    expect(await load({ name })).toMatchObject({ name })
  })
  it('says what else there is, each line of it valid once it is uncommented', async () => {
    const text = initialChain({ name: 'first' })
    const commented = text.split('\n').filter((line) => /^ *# *(- |platforms:|transforms:)/.test(line))
    expect(commented.length).toBeGreaterThan(4)
    for (const line of commented) expect(parse(line.replace('# ', ''))).toBeTypeOf('object')
  })
})
