import { defineSink, type Sink } from '@ropeway/core'
import { paperBucket, paperDisk, paperFile, paperMultipart, paperRegistry, paperStore } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadChain } from '../chain/load.js'
import { plan } from '../plan/plan.js'
import { resolve } from '../resolve/resolve.js'
import { createWorld, seedLayers, type World, type WorldOptions } from '../world.fixture.js'
import { deliver } from './deliver.js'

const MiB = 1024 * 1024
const sizes = [7 * MiB + 3, 100, 12 * MiB, 5 * MiB, 1, 0, 3 * MiB + 17, 40_000]

function papers() {
  const bucket = paperBucket()
  const disk = paperDisk()
  const service = paperRegistry()
  const adapters = [paperMultipart(() => bucket), paperFile(() => disk), paperStore(() => service)].map(
    (sink) => sink as Sink<unknown>,
  )
  return { bucket, disk, service, adapters }
}

function worldWith(paper: ReturnType<typeof papers>, options: WorldOptions = {}): World {
  const world = createWorld(paper.adapters, options)
  if (options.from === undefined) seedLayers(world.from, 'big/one', '1', sizes)
  return world
}

async function prepare(
  world: World,
  sinks: readonly unknown[],
  references = ['from.test/big/one:1', 'from.test/app/web:1'],
  extra = {},
) {
  const chain = await loadChain(
    { value: { name: 'big', sources: [{ images: { references } }], sinks, ...extra }, directory: '/' },
    world.runtime.adapters,
  )
  const resolution = await resolve(chain, world.runtime)
  return { resolution, planned: await plan(resolution, world.runtime) }
}

async function run(world: World, sinks: readonly unknown[], references?: string[], extra?: object) {
  const { resolution, planned } = await prepare(world, sinks, references, extra)
  return { resolution, planned, report: await deliver(planned, resolution, world.runtime) }
}

const part = { 'paper-multipart': { key: 'bundle.tar' } }
const file = { 'paper-file': { path: 'bundle.tar' } }
const store = { 'paper-store': {} }

/** The archive's bytes, computed range by range. */
async function expected(world: World): Promise<Buffer> {
  const { planned, resolution } = await prepare(world, [file])
  const archive = planned.sinks[0]?.archive
  const chunks: Uint8Array[] = []
  const open = resolution.artifacts.map(({ content }) => content)
  const blobs = new Map(
    resolution.artifacts.flatMap((artifact, index) =>
      artifact.blobs.map((blob) => [blob.digest, open[index]] as const),
    ),
  )
  const content = {
    open: (...[descriptor, options]: Parameters<(typeof open)[0]['open']>) =>
      (blobs.get(descriptor.digest) ?? open[0]!).open(descriptor, options),
  }
  for await (const chunk of archive!.read({ start: 0, end: archive!.size }, content)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('delivering an archive', () => {
  it.each([1, 4, 16])(
    'stores the same bytes in equal parts and as a file, with concurrency %d',
    async (concurrency) => {
      const paper = papers()
      const world = worldWith(paper, { concurrency })
      const whole = await expected(world)
      const { report } = await run(world, [part, file])
      expect(report.failures).toEqual([])
      expect(whole.equals(paper.disk.files.get('bundle.tar')?.bytes ?? Buffer.alloc(0))).toBe(true)
      expect(whole.equals(paper.bucket.objects.get('bundle.tar')?.bytes ?? Buffer.alloc(0))).toBe(true)
    },
  )
  it('reads a blob that several sinks want once', async () => {
    const paper = papers()
    const world = worldWith(paper)
    const { planned, resolution } = await prepare(world, [
      part,
      file,
      store,
      { store: { transforms: [{ move: { registry: 'to.test' } }] } },
    ])
    world.read.clear()
    const report = await deliver(planned, resolution, world.runtime)
    expect(report.failures).toEqual([])
    for (const artifact of resolution.artifacts) {
      // The empty config is in both repositories: that one service refuses to mount is learnt by reading it twice.
      for (const { digest, size } of artifact.blobs)
        if (size > 2) expect(world.read.get(digest) ?? 0, digest).toBe(size)
    }
    expect(world.to.repository('big/one').tags.has('1')).toBe(true)
    expect(paper.service.repositories.get('big/one')?.tags.has('1')).toBe(true)
  })
  it('has nothing to do when the archive is there', async () => {
    const paper = papers()
    const world = worldWith(paper)
    await run(world, [part, file])
    const { planned, report } = await run(world, [part, file])
    expect(planned.sinks.map(({ nothingToDo }) => nothingToDo)).toEqual([true, true])
    expect(report.receipts.every(({ complete }) => complete)).toBe(true)
  })
  it.each([3, 8, 20, 40, 61])(
    'goes on after it was stopped at chunk %d × 500, reading no sealed blob again',
    async (at) => {
      const paper = papers()
      const stop = new AbortController()
      let chunks = 0
      const onChunk = () => {
        if (++chunks === at * 500) stop.abort(new Error('stopped'))
      }
      const first = worldWith(paper, { signal: stop.signal, onChunk })
      await run(first, [part, file]).catch((thrown: unknown) => expect(String(thrown)).toContain('stopped'))
      expect(paper.disk.files.has('bundle.tar')).toBe(stop.signal.aborted ? false : true)
      const second = worldWith(paper, { from: first.from })
      const whole = await expected(second)
      second.read.clear()
      const { report } = await run(second, [part, file])
      expect(report.failures).toEqual([])
      expect(whole.equals(paper.disk.files.get('bundle.tar')?.bytes ?? Buffer.alloc(0))).toBe(true)
      expect(whole.equals(paper.bucket.objects.get('bundle.tar')?.bytes ?? Buffer.alloc(0))).toBe(true)
    },
  )
  it('goes on in the middle of a blob that the file has a part of', async () => {
    const paper = papers()
    const stop = new AbortController()
    let chunks = 0
    const onChunk = () => {
      if (++chunks === 9000) stop.abort(new Error('stopped'))
    }
    const first = worldWith(paper, { signal: stop.signal, onChunk, concurrency: 1 })
    await expect(run(first, [file], ['from.test/big/one:1'])).rejects.toThrow('stopped')
    const second = worldWith(paper, { from: first.from, concurrency: 1 })
    const { report } = await run(second, [file], ['from.test/big/one:1'])
    expect(report.receipts[0]?.blobsResumed).toBeGreaterThan(0)
    const reread = [...second.read.values()].reduce((sum, size) => sum + size, 0)
    expect(reread).toBeLessThan(sizes.reduce((sum, size) => sum + size, 0) - 7 * MiB)
    expect(paper.disk.files.has('bundle.tar')).toBe(true)
  })
  it('shows nothing when a blob is not what was locked, and delivers the other sink’s artifacts', async () => {
    const paper = papers()
    const world = worldWith(paper)
    const { planned, resolution } = await prepare(world, [file, store])
    const digest =
      resolution.artifacts.find(({ locked }) => locked.name.includes('big'))?.blobs.find(({ size }) => size === 40_000)
        ?.digest ?? ''
    world.from.repository('big/one').blobs.set(digest, Buffer.alloc(40_000, 1))
    const report = await deliver(planned, resolution, world.runtime)
    expect(paper.disk.files.size).toBe(0)
    expect(report.failures.every(({ code }) => code === 'DIGEST_MISMATCH')).toBe(true)
    expect(report.failures.length).toBe(2)
    expect(paper.service.repositories.get('app/web')?.tags.has('1')).toBe(true)
    expect(paper.service.repositories.get('big/one')?.tags.has('1') ?? false).toBe(false)
    expect(report.receipts.map(({ complete }) => complete)).toEqual([false, false])
  })
})

describe('delivering to a store', () => {
  it('asks in batches, and sends to each repository where nothing can be mounted', async () => {
    const paper = papers()
    const world = worldWith(paper)
    const { blobs, manifests, tags } = world.from.repository('big/one')
    world.from.seed('big/two', { blobs: blobs.values(), manifests: manifests.values(), tags: Object.fromEntries(tags) })
    const { report } = await run(world, [store], ['from.test/big/one:1', 'from.test/big/two:1'])
    expect(report.failures).toEqual([])
    expect(paper.service.checks.every((asked) => asked <= 100)).toBe(true)
    expect(paper.service.repositories.get('big/two')?.tags.has('1')).toBe(true)
    expect(report.receipts[0]).toMatchObject({ blobsMounted: 0, complete: true })
  })
})

/** A sink whose delivery is what a test makes it. */
function faulty(name: string, fault: Partial<Parameters<typeof defineSink>[0]>): Sink<unknown> {
  return defineSink<unknown>({
    name,
    summary: 'broken',
    options: z.strictObject({}),
    accepts: ['image', 'artifact'],
    takes: 'store',
    survey: async () => ({ location: name }),
    open: () => Promise.reject(new TypeError('boom')),
    ...fault,
  })
}

describe('a broken plugin', () => {
  it('is named, and does not stop the other sink', async () => {
    const paper = papers()
    const world = worldWith({ ...paper, adapters: [...paper.adapters, faulty('thrower', {})] })
    const { report } = await run(world, [{ thrower: {} }, file])
    expect(report.failures).toMatchObject([
      { code: 'ADAPTER_FAILED', message: expect.stringContaining('sink "thrower" failed while opening'), exitCode: 5 },
    ])
    expect(paper.disk.files.size).toBe(1)
  })
  it('that lies about what it takes is refused', async () => {
    const paper = papers()
    const liar = faulty('liar', {
      open: async () => ({
        type: 'artifacts',
        put: async () => undefined,
        close: async () => ({ location: '' }),
        abort: async () => undefined,
      }),
    })
    const world = worldWith({ ...paper, adapters: [liar] })
    const { report } = await run(world, [{ liar: {} }])
    expect(report.failures).toMatchObject([{ code: 'SINK_LIES' }])
  })
  it('that throws in its survey fails the plan with its name', async () => {
    const paper = papers()
    const world = worldWith({
      ...paper,
      adapters: [faulty('blind', { survey: () => Promise.reject(new Error('dark')) })],
    })
    await expect(run(world, [{ blind: {} }])).rejects.toMatchObject({
      code: 'ADAPTER_FAILED',
      message: expect.stringContaining('dark'),
    })
  })
  it('stops everything when the chain says so', async () => {
    const paper = papers()
    const world = worldWith({ ...paper, adapters: [...paper.adapters, faulty('thrower', {})] })
    const { report } = await run(world, [{ thrower: {} }, file], undefined, { onError: 'stop' })
    expect(report.failures).toHaveLength(1)
    expect(paper.disk.files.size).toBe(0)
  })
  it('is told before anything moves that there is too little space', async () => {
    const paper = papers()
    const full = faulty('full', { survey: async () => ({ location: 'full', space: { free: 10, needed: 20 } }) })
    const world = worldWith({ ...paper, adapters: [...paper.adapters, full] })
    await expect(run(world, [{ full: {} }, file])).rejects.toMatchObject({ code: 'SINK_SPACE', exitCode: 5 })
    expect(paper.disk.partials.size).toBe(0)
  })
})
