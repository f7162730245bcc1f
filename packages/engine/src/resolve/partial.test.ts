import { RopewayError, defineSource } from '@ropeway/core'
import { paperDisk, paperFile } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { loadChain } from '../chain/load.js'
import { deliver } from '../deliver/deliver.js'
import { plan } from '../plan/plan.js'
import { createWorld, imagesSource, storeSink } from '../world.fixture.js'
import { resolve, type ResolveOptions } from './resolve.js'

const lost = new RopewayError({
  code: 'SOME_LOST',
  side: 'source',
  message: 'lost',
  about: 'lost one',
  hint: 'find it',
})

/** Yields what is there and a failure, or throws. */
function source(end: 'yields' | 'throws') {
  return defineSource({
    ...imagesSource,
    name: 'odd',
    async *resolve(given, context) {
      yield* imagesSource.resolve(given, context)
      if (end === 'throws') throw lost
      yield { about: 'lost one', error: lost }
    },
  })
}

async function run(end: 'yields' | 'throws', options: ResolveOptions) {
  const disk = paperDisk()
  const world = createWorld([source(end), paperFile(() => disk)])
  const value = {
    name: 'partial',
    sources: [{ odd: { references: ['from.test/app/web:1'] } }],
    transforms: [{ move: { registry: 'to.test' } }],
    sinks: [{ [storeSink.name]: {} }, { 'paper-file': { path: 'bundle.tar' } }],
  }
  const chain = await loadChain({ value, directory: '/chains' }, world.runtime.adapters)
  const resolution = await resolve(chain, world.runtime, options)
  return { disk, resolution, report: await deliver(await plan(resolution, world.runtime), resolution, world.runtime) }
}

describe('a source that lacks something', () => {
  it('stops a run that was not told to go on', async () => {
    await expect(run('yields', {})).rejects.toMatchObject({ code: 'SOME_LOST' })
  })

  it('lets the rest go on where that is wanted, but not to sinks that show all or nothing', async () => {
    const { disk, resolution, report } = await run('yields', { keepGoing: true })
    expect(disk.files.size).toBe(0)
    expect(resolution.lock).not.toHaveProperty('absent')
    expect(report.failures).toMatchObject([{ code: 'SOME_LOST' }])
    expect(report.receipts.map(({ sink, complete }) => [sink, complete])).toEqual([[storeSink.name, true]])
  })

  it('is recorded where a part is wanted, which all sinks then take', async () => {
    const { disk, resolution, report } = await run('yields', { partial: true })
    expect(disk.files.size).toBe(1)
    expect(resolution.lock.absent).toEqual([{ name: 'lost one', code: 'SOME_LOST' }])
    expect(report.failures).toHaveLength(1)
    expect(report.receipts).toHaveLength(2)
  })

  it.each([{ keepGoing: true }, { partial: true }])(
    'stops the run when it cannot be asked at all: %j',
    async (options) => {
      await expect(run('throws', options)).rejects.toMatchObject({ code: 'SOME_LOST' })
    },
  )
})
