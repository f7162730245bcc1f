import { defineSource, isRopewayError, type Descriptor } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { loadChain } from './chain/load.js'
import { deliver } from './deliver/deliver.js'
import { diffLocks } from './lock/diff.js'
import { parseLock, serializeLock } from './lock/lock.js'
import { plan } from './plan/plan.js'
import { replay } from './resolve/replay.js'
import { resolve } from './resolve/resolve.js'
import { createWorld, imagesSource, seedImage, seedLayers, type World } from './world.fixture.js'

/** The images of a registry, whose content keeps what it reads in the run's cache. */
const cachingSource = defineSource({
  ...imagesSource,
  name: 'caching',
  async *resolve(options, context) {
    for await (const item of imagesSource.resolve(options, context)) {
      if ('error' in item) yield item
      else {
        const { content } = item
        async function* open(descriptor: Descriptor) {
          yield await context.cache.fetch(descriptor, () => content.open(descriptor))
        }
        yield { ...item, content: { open } }
      }
    }
  },
})

async function chainOf(world: World, extra: Record<string, unknown> = {}, references = ['from.test/app/web:1']) {
  const value = {
    name: 'flow',
    sources: [{ images: { references } }],
    transforms: [{ move: { registry: 'to.test' } }],
    sinks: [{ store: {} }],
    ...extra,
  }
  return loadChain({ value, directory: '/chains' }, world.runtime.adapters)
}

async function run(world: World, extra?: Record<string, unknown>, references?: string[], only?: string[]) {
  const resolution = await resolve(await chainOf(world, extra, references), world.runtime)
  const planned = await plan(resolution, world.runtime, { only })
  return { resolution, planned, report: await deliver(planned, resolution, world.runtime) }
}

describe('a run', () => {
  it('brings an index with everything below it and everything that refers to it', async () => {
    const world = createWorld()
    const { resolution, planned, report } = await run(world)
    expect(report.failures).toEqual([])
    const [artifact] = resolution.lock.artifacts
    expect(artifact).toMatchObject({
      id: 'image:from.test/app/web:1',
      signatures: 'carried',
      destinations: ['to.test/app/web:1'],
    })
    expect(artifact?.referrers).toHaveLength(2)
    const there = world.to.repository('app/web')
    const here = world.from.repository('app/web')
    expect([...there.tags].sort()).toEqual([...here.tags].sort())
    expect([...there.manifests.keys()].sort()).toEqual([...here.manifests.keys()].sort())
    expect([...there.blobs.keys()].sort()).toEqual([...here.blobs.keys()].sort())
    expect(planned.sinks[0]?.bytesToSend).toBe(planned.totals.bytes)
    expect(report.receipts[0]).toMatchObject({ complete: true, blobsSent: there.blobs.size })
  })
  it('does not wait for itself when a content uses the cache that it is read through', async () => {
    const world = createWorld([cachingSource])
    const resolution = await resolve(
      await chainOf(world, { sources: [{ caching: { references: ['from.test/app/web:1'] } }] }),
      world.runtime,
    )
    expect(resolution.artifacts[0]?.manifests.length).toBeGreaterThan(2)
  })
  it('has nothing to do the second time', async () => {
    const world = createWorld()
    await run(world)
    const { planned, report } = await run(world)
    expect(planned.sinks[0]).toMatchObject({ nothingToDo: true, bytesToSend: 0 })
    expect(report.receipts[0]).toMatchObject({ complete: true, blobsSent: 0, artifacts: [{ outcome: 'present' }] })
  })
  it('reports all that cannot be resolved, with its place, and delivers nothing', async () => {
    const world = createWorld()
    const error: unknown = await run(world, {}, [
      'from.test/app/web:1',
      'from.test/app/web:2',
      'from.test/none:1',
    ]).catch((thrown: unknown) => thrown)
    expect(isRopewayError(error) && error.code).toBe('RESOLVE_FAILED')
    expect(isRopewayError(error) && error.errors).toHaveLength(2)
    expect(isRopewayError(error) && error.exitCode).toBe(3)
    expect(world.to.repository('app/web').tags.size).toBe(0)
  })
  it('keeps one platform under the tag, and says that the index’s signatures do not count any more', async () => {
    const world = createWorld()
    const { resolution } = await run(world, { platforms: ['linux/arm64'] })
    const [artifact] = resolution.lock.artifacts
    expect(artifact).toMatchObject({ platforms: ['linux/arm64'], signatures: 'invalidated' })
    expect(artifact?.digestMap).toEqual({ [artifact?.published.digest ?? '']: artifact?.root.digest })
    expect(world.to.repository('app/web').tags.get('1')).toBe(artifact?.root.digest)
    expect(world.to.repository('app/web').manifests.size).toBe(1)
  })
  it('names the platforms that exist when one is missing', async () => {
    const world = createWorld()
    await expect(run(world, { platforms: ['windows/amd64'] })).rejects.toMatchObject({ code: 'PLATFORM_MISSING' })
  })
  it('keeps, refuses or replaces a name that is taken, as the policy says', async () => {
    const world = createWorld()
    const other = seedImage(world.to, 'app/web', '1', 5)
    const kept = await run(world)
    expect(kept.planned.warnings).toMatchObject([{ code: 'DESTINATION_KEPT' }])
    expect(world.to.repository('app/web').tags.get('1')).toBe(other)
    await expect(run(world, { sinks: [{ store: { existing: 'verify' } }] })).rejects.toMatchObject({
      code: 'DESTINATION_TAKEN',
      exitCode: 5,
    })
    await run(world, { sinks: [{ store: { existing: 'overwrite' } }] })
    expect(world.to.repository('app/web').tags.get('1')).not.toBe(other)
  })
  it('delivers only what --only names, and says near names otherwise', async () => {
    const world = createWorld()
    seedImage(world.from, 'app/db', '2', 2)
    const references = ['from.test/app/web:1', 'from.test/app/db:2']
    await run(world, {}, references, ['*app/db*'])
    expect(world.to.repository('app/db').tags.size).toBeGreaterThan(0)
    expect(world.to.repository('app/web').tags.size).toBe(0)
    await expect(run(world, {}, references, ['from.test/app/bd:2'])).rejects.toMatchObject({
      code: 'ONLY_MATCHES_NOTHING',
      message: expect.stringContaining('app/db'),
    })
  })
  it('does not look into what --only leaves out', async () => {
    const world = createWorld()
    seedLayers(world.from, 'app/plain', '1', [10])
    const references = ['from.test/app/web:1', 'from.test/app/plain:1']
    const chain = await chainOf(world, { platforms: ['linux/riscv64'] }, references)
    await expect(resolve(chain, world.runtime)).rejects.toMatchObject({ code: 'PLATFORM_MISSING' })
    const { lock } = await resolve(chain, world.runtime, { only: ['*plain*'] })
    expect(lock.artifacts.map(({ id }) => id)).toEqual(['image:from.test/app/plain:1'])
    const again = await replay(chain, lock, world.runtime, undefined, { only: ['*plain*'] })
    expect(again.lock).toEqual(lock)
  })
  it('goes on after one artifact failed, and stops when the chain says so', async () => {
    const world = createWorld()
    seedImage(world.from, 'app/db', '2', 2)
    const references = ['from.test/app/web:1', 'from.test/app/db:2']
    const resolution = await resolve(await chainOf(world, {}, references), world.runtime)
    const planned = await plan(resolution, world.runtime)
    const layer = resolution.artifacts.find(({ locked }) => locked.name.includes('web'))?.blobs.at(0)?.digest ?? ''
    world.from.repository('app/web').blobs.set(layer, Buffer.from('tampered'))
    const report = await deliver(planned, resolution, world.runtime)
    expect(report.failures).toHaveLength(1)
    expect(world.to.repository('app/web').tags.size).toBe(0)
    expect(world.to.repository('app/db').tags.size).toBeGreaterThan(0)
    expect(report.receipts[0]).toMatchObject({ complete: false })
  })
  it('tells two contents of one id apart only by where they are', async () => {
    const world = createWorld()
    const { resolution } = await run(world, {}, ['from.test/app/web:1', 'from.test/app/web:1'])
    expect(resolution.lock.artifacts).toHaveLength(1)
  })
  it('delivers to a sink with names of its own beside the chain’s', async () => {
    const world = createWorld()
    await run(world, { sinks: [{ store: {} }, { store: { transforms: [{ move: { registry: 'from.test' } }] } }] })
    expect(world.to.repository('app/web').tags.size).toBeGreaterThan(0)
  })
  it('mounts what another repository of the registry has', async () => {
    const world = createWorld()
    const { blobs, manifests, tags } = world.from.repository('app/web')
    world.from.seed('app/copy', {
      blobs: blobs.values(),
      manifests: manifests.values(),
      tags: Object.fromEntries(tags),
    })
    const { report } = await run(world, {}, ['from.test/app/web:1', 'from.test/app/copy:1'])
    expect(report.receipts[0]).toMatchObject({ blobsSent: blobs.size, blobsMounted: blobs.size })
  })
})

describe('a lock', () => {
  it('is the same for equal results, and survives being written', async () => {
    const first = createWorld()
    const second = createWorld()
    const a = await resolve(await chainOf(first), first.runtime)
    const b = await resolve(await chainOf(second), second.runtime)
    expect(Buffer.from(a.lockBytes).equals(b.lockBytes)).toBe(true)
    expect(Buffer.from(serializeLock(parseLock(a.lockBytes, 'x'))).equals(a.lockBytes)).toBe(true)
  })
  it('is delivered exactly, though the tag moved and signatures came', async () => {
    const world = createWorld()
    const chain = await chainOf(world)
    const locked = (await resolve(chain, world.runtime)).lock
    seedImage(world.from, 'app/web', '1', 9)
    const resolution = await replay(chain, locked, world.runtime)
    expect(resolution.lock).toEqual(locked)
    await deliver(await plan(resolution, world.runtime), resolution, world.runtime)
    expect(world.to.repository('app/web').tags.get('1')).toBe(locked.artifacts[0]?.root.digest)
  })
  it('refuses a chain that changed, and says what moved', async () => {
    const world = createWorld()
    const locked = (await resolve(await chainOf(world), world.runtime)).lock
    const changed = await chainOf(world, { version: '2', platforms: ['linux/amd64'] }, ['from.test/app/web:2'])
    await expect(replay(changed, locked, world.runtime)).rejects.toMatchObject({
      code: 'LOCK_DRIFT',
      message: expect.stringMatching(
        /version was 0.0.0, is 2; platforms was none, is linux\/amd64; sources\[0\] images has other options/,
      ),
    })
  })
  it('says when locked content is gone', async () => {
    const world = createWorld()
    const chain = await chainOf(world)
    const locked = (await resolve(chain, world.runtime)).lock
    const empty = createWorld([], {})
    empty.from.repositories.clear()
    await expect(replay(await chainOf(empty), locked, empty.runtime)).rejects.toMatchObject({ side: 'source' })
  })
  it('tells what changed from one to another', async () => {
    const world = createWorld()
    seedImage(world.from, 'app/db', '2', 2)
    const a = (await resolve(await chainOf(world), world.runtime)).lock
    seedImage(world.from, 'app/web', '1', 9)
    const b = (
      await resolve(
        await chainOf(world, { version: '1' }, ['from.test/app/web:1', 'from.test/app/db:2']),
        world.runtime,
      )
    ).lock
    const diff = diffLocks(a, b)
    expect(diff.added.map(({ id }) => id)).toEqual(['image:from.test/app/db:2'])
    expect(diff.changed[0]?.what[0]).toMatch(/^root sha256:.* → sha256:/)
    expect(diff.head).toEqual(['version 0.0.0 → 1'])
    expect(diffLocks(a, a).equal).toBe(true)
  })
  it('is refused when it is of a newer version or no lock', () => {
    expect(() => parseLock(Buffer.from('{"lockVersion": 99}'), 'x.lock')).toThrow(/newer/)
    expect(() => parseLock(Buffer.from('nope'), 'x.lock')).toThrow(/not JSON/)
  })
})
