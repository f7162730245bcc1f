import {
  defineSink,
  defineSource,
  defineTransform,
  isRopewayError,
  type Adapter,
  type RopewayError,
} from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadChain } from '../chain/load.js'
import { deliver } from '../deliver/deliver.js'
import { plan } from '../plan/plan.js'
import { createWorld, imagesSource, storeSink } from '../world.fixture.js'
import { resolve } from './resolve.js'

const options = z.strictObject({})

/** What a plugin says that no compiler has seen. */
const unchecked = (value: unknown) => value as never

async function failure(adapters: readonly Adapter[], chain: object): Promise<RopewayError> {
  const world = createWorld(adapters)
  const value = { name: 'answers', sources: [{ images: { references: ['from.test/app/web:1'] } }], ...chain }
  try {
    const loaded = await loadChain({ value, directory: '/chains' }, world.runtime.adapters)
    const resolution = await resolve(loaded, world.runtime)
    const report = await deliver(await plan(resolution, world.runtime), resolution, world.runtime)
    return report.failures[0] ?? expect.fail('nothing failed')
  } catch (thrown) {
    return isRopewayError(thrown) ? thrown : expect.fail(String(thrown))
  }
}

describe('an answer that the contract does not provide for', () => {
  const parts = ['kind', 'name', 'source', 'root', 'content', 'naming'] as const

  it.each(parts)('is told of the source whose artifact has another %s', async (part) => {
    const source = defineSource({
      ...imagesSource,
      name: 'odd',
      async *resolve(given, context) {
        for await (const item of imagesSource.resolve(given, context)) yield unchecked({ ...item, [part]: 1 })
      },
    })
    const error = await failure([source], { sources: [{ odd: { references: ['from.test/app/web:1'] } }] })
    expect(error).toMatchObject({ code: 'ADAPTER_ANSWER_INVALID', side: 'source', about: 'odd' })
    expect(error.message).toContain(`at ${part}`)
  })

  it('is told of the source that yields no artifact at all', async () => {
    const source = defineSource({
      ...imagesSource,
      name: 'odd',
      resolve: async function* () {
        yield unchecked('text')
      },
    })
    const error = await failure([source], { sources: [{ odd: { references: [] } }] })
    expect(error).toMatchObject({ code: 'ADAPTER_ANSWER_INVALID', side: 'source', about: 'odd' })
  })

  it('is told of the transform', async () => {
    const broken = [{}, { artifacts: [1], findings: [] }, { artifacts: [], findings: [{ severity: 'bad' }] }, undefined]
    for (const answer of broken) {
      const transform = defineTransform({
        name: 'odd',
        summary: 'odd',
        stage: 'name',
        options,
        apply: async () => unchecked(answer),
      })
      const error = await failure([transform], { transforms: [{ odd: {} }] })
      expect(error).toMatchObject({ code: 'ADAPTER_ANSWER_INVALID', side: 'transform', about: 'odd' })
    }
  })

  it('is told of the sink', async () => {
    const survey = async () => ({ location: 'here' })
    const broken: Partial<typeof storeSink>[] = [
      { survey: async () => unchecked(undefined) },
      { survey: async () => unchecked({ location: 'here', names: [{ id: 'x' }] }) },
      { survey, open: async () => unchecked(undefined) },
      { survey, open: async () => unchecked({ type: 'store' }) },
    ]
    for (const part of broken) {
      const sink = defineSink({ ...storeSink, ...part, name: 'odd' })
      const error = await failure([sink], { transforms: [{ move: { registry: 'to.test' } }], sinks: [{ odd: {} }] })
      expect(error).toMatchObject({ code: 'ADAPTER_ANSWER_INVALID', side: 'sink', about: 'odd' })
    }
  })
})
