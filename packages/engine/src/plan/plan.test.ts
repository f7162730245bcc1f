import { defineSink, type Adapter, type DeliveryPlan, type Sink } from '@ropeway/core'
import { readLock } from '@ropeway/bundle'
import { collect } from '@ropeway/oci'
import { paperDisk, paperFile, paperRegistry, paperStore } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadChain } from '../chain/load.js'
import { lockDigest, type Lock } from '../lock/lock.js'
import { resolve } from '../resolve/resolve.js'
import { createWorld, seedImage, seedLayers, type World } from '../world.fixture.js'
import { plan, type PlanOptions } from './plan.js'

const file = { 'paper-file': { path: 'a.tar' } }
const papers = () => [paperFile(paperDisk), paperStore(() => paperRegistry())] as Sink<unknown>[]

async function prepare(
  world: World,
  value: object,
  options?: PlanOptions,
  references = ['from.test/app/web:1', 'from.test/app/db:2'],
) {
  seedImage(world.from, 'app/db', '2', 2)
  const chain = await loadChain(
    { value: { name: 'plans', sources: [{ images: { references } }], ...value }, directory: '/' },
    world.runtime.adapters,
  )
  const resolution = await resolve(chain, world.runtime)
  return { resolution, planned: await plan(resolution, world.runtime, options) }
}

/** A sink that is asked and tells what a test wants. */
function asked(name: string, change: Partial<Sink<unknown>> = {}): Sink<unknown> {
  return defineSink<unknown>({
    name,
    summary: 'asked',
    options: z.strictObject({}),
    accepts: ['image', 'artifact'],
    takes: 'artifacts',
    survey: async () => ({ location: name }),
    open: () => Promise.reject(new Error('not in these tests')),
    ...change,
  })
}

async function planOf(adapters: readonly Adapter[], sinks: object[], options?: PlanOptions) {
  return (await prepare(createWorld(adapters), { sinks }, options)).planned
}

describe('a plan', () => {
  it('tells each content once, and what sharing saves', async () => {
    const world = createWorld()
    seedLayers(world.from, 'big/one', '1', [1000, 2000])
    seedLayers(world.from, 'big/two', '1', [1000, 2000, 3000])
    const { planned } = await prepare(world, { sinks: [] }, {}, ['from.test/big/one:1', 'from.test/big/two:1'])
    const manifests = planned.artifacts
      .flatMap((artifact) => artifact.manifests)
      .reduce((sum, { size }) => sum + size, 0)
    expect(planned.totals).toEqual({
      artifacts: { image: 2 },
      blobs: 4,
      bytes: 6002 + manifests,
      bytesBeforeDedupe: 9004 + manifests,
      cacheBytes: manifests,
    })
  })
  it('says that there is too little space, with both numbers, and plans the other sinks', async () => {
    const full = asked('full', { survey: async () => ({ location: '/mnt', space: { free: 10, needed: 20 } }) })
    const planned = await planOf(
      [full, asked('roomy', { survey: async () => ({ location: '/srv', space: { free: 20, needed: 20 } }) })],
      [{ full: {} }, { roomy: {} }],
    )
    expect(planned.errors).toMatchObject([
      { code: 'SINK_SPACE', about: '/mnt', message: '/mnt needs 20 bytes and has 10 free', exitCode: 5 },
    ])
    expect(planned.sinks).toHaveLength(2)
  })
  it('leaves out kinds that a sink does not take, and says so', async () => {
    const planned = await planOf([asked('charts', { accepts: ['chart'] }), asked('all')], [{ charts: {} }, { all: {} }])
    expect(planned.sinks.map(({ refused, delivery }) => [refused.length, delivery.artifacts.length])).toEqual([
      [2, 0],
      [0, 2],
    ])
    expect(planned.warnings).toMatchObject([
      {
        code: 'KIND_NOT_TAKEN',
        about: 'image:from.test/app/db:2',
        message: expect.stringContaining('charts takes chart only'),
      },
      { code: 'KIND_NOT_TAKEN', about: 'image:from.test/app/web:1' },
    ])
  })
  it('asks for proof before the survey, and only when it is wanted', async () => {
    const calls: string[] = []
    const sink = asked('asked', {
      check: async ({ artifacts }: DeliveryPlan) => void calls.push(`check ${artifacts.length}`),
      survey: async () => {
        calls.push('survey')
        return { location: 'asked' }
      },
    })
    await planOf([sink], [{ asked: {} }])
    await planOf([sink], [{ asked: {} }], { check: true, only: ['*db*'] })
    expect(calls).toEqual(['survey', 'check 1', 'survey'])
  })
  it('asks for proof of a sink that has something to do alone, where it is asked only when needed', async () => {
    const calls: string[] = []
    const check = async () => void calls.push('check')
    const survey = (complete: boolean) => async () => ({ location: 'asked', complete })
    const ofIdle = await planOf([asked('asked', { check, survey: survey(true) })], [{ asked: {} }], { check: 'needed' })
    expect([calls, ofIdle.sinks.map(({ checked }) => checked)]).toEqual([[], [false]])
    const ofBusy = await planOf([asked('asked', { check, survey: survey(false) })], [{ asked: {} }], {
      check: 'needed',
    })
    expect([calls, ofBusy.sinks.map(({ checked }) => checked)]).toEqual([['check'], [true]])
  })
  it('names the sink whose check or survey fails', async () => {
    const failing = () => Promise.reject(new TypeError('no route'))
    for (const fault of [{ check: failing }, { survey: failing }]) {
      await expect(planOf([asked('asked', fault)], [{ asked: {} }], { check: true })).rejects.toMatchObject({
        code: 'ADAPTER_FAILED',
        about: 'asked',
        message: expect.stringContaining('no route'),
        exitCode: 5,
      })
    }
  })
  it('computes one archive for all sinks that take the same bytes', async () => {
    const { planned } = await prepare(createWorld(papers()), { sinks: [file, { 'paper-file': { path: 'b.tar' } }] })
    const [first, second] = planned.sinks
    expect(first?.archive).toBe(second?.archive)
    expect(first?.delivery.archive).toEqual(planned.bundle)
  })
  it('puts the lock of exactly those artifacts into an archive of some', async () => {
    const { planned, resolution } = await prepare(createWorld(papers()), { sinks: [file] }, { only: ['*app/db*'] })
    const [sink] = planned.sinks
    expect(planned.artifacts).toHaveLength(1)
    const entry = sink?.archive?.entries.find(({ path }) => path === 'ropeway.lock') ?? expect.fail('no lock')
    const nothing = { open: () => expect.fail('the lock is fixed') }
    const range = { start: entry.offset, end: entry.offset + entry.size }
    const bytes = await collect(sink?.archive?.read(range, nothing) ?? expect.fail('no archive'), entry.size)
    const reading = readLock(bytes)
    expect('lock' in reading && reading.lock.artifacts.map(({ id }) => id)).toEqual(['image:from.test/app/db:2'])
    expect(planned.lock).toBe(resolution.lockDigest)
    const part: Lock = { ...resolution.lock, artifacts: resolution.lock.artifacts.slice(0, 1) }
    expect(lockDigest(JSON.parse(Buffer.from(bytes).toString()) as Lock)).toBe(lockDigest(part))
  })
  it('delivers neither of two contents with one name at a store, and names both', async () => {
    const world = createWorld()
    const value = {
      sources: [{ images: { references: ['from.test/app/web:1'] } }],
      transforms: [{ move: { registry: 'to.test' } }],
      sinks: [{ store: {} }],
    }
    const chain = await loadChain({ value: { name: 'plans', ...value }, directory: '/' }, world.runtime.adapters)
    const base = await resolve(chain, world.runtime)
    seedImage(world.from, 'app/web', '1', 9)
    const later = await resolve(chain, world.runtime)
    const renamed = later.artifacts.map((artifact) => ({
      ...artifact,
      locked: { ...artifact.locked, id: 'image:later' },
    }))
    const both = { ...base, artifacts: [...base.artifacts, ...renamed] }
    const planned = await plan(both, world.runtime)
    expect(planned.sinks[0]?.artifacts).toEqual([])
    expect(planned.failures).toMatchObject([
      {
        message: expect.stringMatching(/image:from\.test\/app\/web:1 and image:later.*to\.test\/app\/web:1/),
        exitCode: 4,
      },
    ])
  })
  it('needs a name for everything that goes to a store', async () => {
    const { planned, resolution } = await prepare(createWorld(), { sinks: [] })
    const world = createWorld()
    const chain = await loadChain(
      { value: { name: 'plans', sources: [{ images: { references: [] } }], sinks: [{ store: {} }] }, directory: '/' },
      world.runtime.adapters,
    )
    const nameless = resolution.artifacts.map((each) => ({ ...each, artifact: { ...each.artifact, destinations: [] } }))
    await expect(plan({ ...resolution, chain, artifacts: nameless }, world.runtime)).rejects.toMatchObject({
      code: 'NO_DESTINATION',
      about: planned.artifacts.map(({ id }) => id).join(', '),
    })
  })
})
