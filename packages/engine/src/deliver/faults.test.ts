import {
  RopewayError,
  defineSink,
  defineSource,
  type Adapter,
  type Artifact,
  type Delivery,
  type Descriptor,
  type Sink,
  type Source,
} from '@ropeway/core'
import { formatReference } from '@ropeway/oci'
import { paperBucket, paperDisk, paperFile, paperMultipart, paperRegistry, paperStore } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Chain } from '../chain/chain.js'
import { loadChain } from '../chain/load.js'
import { plan } from '../plan/plan.js'
import { resolve } from '../resolve/resolve.js'
import { createWorld, imagesSource, seedImage, seedLayers, type World } from '../world.fixture.js'
import { deliver, type Report } from './deliver.js'

const MiB = 1024 * 1024

function hiccup(): RopewayError {
  return new RopewayError({
    code: 'HICCUP',
    side: 'source',
    message: 'try again',
    hint: 'again',
    temporary: true,
    retryAfter: 0,
  })
}

async function chainOf(world: World, value: object, references = ['from.test/app/web:1']): Promise<Chain> {
  const loaded = await loadChain(
    { value: { name: 'faults', sources: [{ images: { references } }], ...value }, directory: '/' },
    world.runtime.adapters,
  )
  // As if it had been read from a file.
  const placed = <T extends { id: string }>(step: T) => ({ ...step, place: `ropeway.yaml: ${step.id}` })
  return { ...loaded, sources: loaded.sources.map(placed), sinks: loaded.sinks.map(placed) }
}

async function run(world: World, value: object, references?: string[]): Promise<Report> {
  const resolution = await resolve(await chainOf(world, value, references), world.runtime)
  return deliver(await plan(resolution, world.runtime), resolution, world.runtime)
}

/** A sink of paper whose delivery a test changes. */
function changed(sink: Sink<never>, change: (delivery: Delivery) => Partial<Delivery>): Sink<unknown> {
  const whole = sink as Sink<unknown>
  return defineSink<unknown>({
    ...whole,
    // What a store has is left to be asked for.
    async survey(...given) {
      const { present: _, missing: __, ...survey } = await whole.survey(...given)
      return survey
    },
    async open(...given) {
      const delivery = await whole.open(...given)
      return { ...delivery, ...change(delivery) } as Delivery
    },
  })
}

/** The images of a registry; `open` may fail as a test wants. */
function touchySource(fault: (descriptor: Descriptor, offset: number) => void): Source<unknown> {
  return defineSource({
    ...imagesSource,
    name: 'touchy',
    async *resolve(options, context) {
      for await (const item of imagesSource.resolve(options, context)) {
        if ('error' in item) yield item
        else {
          const { content } = item
          const open: Artifact['content']['open'] = (descriptor, given) => {
            fault(descriptor, -1)
            return watched(descriptor, content.open(descriptor, given))
          }
          yield { ...item, content: { open } }
        }
      }
    },
  })

  async function* watched(descriptor: Descriptor, chunks: AsyncIterable<Uint8Array>) {
    let offset = 0
    for await (const chunk of chunks) {
      fault(descriptor, offset)
      offset += chunk.byteLength
      yield chunk
    }
  }
}

function touchy(references: readonly string[]) {
  return { sources: [{ touchy: { references } }] }
}

describe('a sink that fails while an archive is stored', () => {
  it('makes the run fail, with the name of the sink and the place where it is written', async () => {
    const disk = paperDisk()
    const sink = changed(paperFile(() => disk) as never, () => ({
      write: () => Promise.reject(new TypeError('no such device')),
    }))
    const report = await run(createWorld([sink]), { sinks: [{ 'paper-file': { path: 'a.tar' } }] })
    expect(report.failures[0]).toMatchObject({
      code: 'ADAPTER_FAILED',
      exitCode: 5,
      at: 'ropeway.yaml: sinks[0]',
      about: 'paper-file',
    })
    expect(report.receipts[0]?.complete).toBe(false)
    expect(disk.files.size).toBe(0)
  })
  it('is not blamed for what its source did', async () => {
    const disk = paperDisk()
    let armed = false
    const source = touchySource((_, offset) => {
      if (armed && offset === 0) throw new TypeError('rotten')
    })
    const world = createWorld([source, paperFile(() => disk)])
    const chain = await chainOf(world, { ...touchy(['from.test/app/web:1']), sinks: [{ 'paper-file': { path: 'a' } }] })
    const resolution = await resolve(chain, world.runtime)
    const planned = await plan(resolution, world.runtime)
    armed = true
    const { failures } = await deliver(planned, resolution, world.runtime)
    expect(failures[0]).toMatchObject({ code: 'ADAPTER_FAILED', exitCode: 3, at: 'ropeway.yaml: sources[0]' })
  })
})

describe('a delivery that was opened', () => {
  it.each(['prepare', 'missing'] as const)('is given up when %s fails, and the other sink goes on', async (what) => {
    const service = paperRegistry()
    const disk = paperDisk()
    let aborted = 0
    const sink = changed(paperStore(() => service) as never, () => ({
      [what]: () => Promise.reject(new TypeError('boom')),
      abort: async () => void aborted++,
    }))
    const report = await run(createWorld([sink, paperFile(() => disk)]), {
      sinks: [{ 'paper-store': {} }, { 'paper-file': { path: 'a.tar' } }],
    })
    expect(report.failures).toMatchObject([{ code: 'ADAPTER_FAILED', exitCode: 5, at: 'ropeway.yaml: sinks[0]' }])
    expect(aborted).toBe(1)
    expect(disk.files.size).toBe(1)
  })
  it('is given up when it cannot say what is stored', async () => {
    const disk = paperDisk()
    let aborted = 0
    const sink = changed(paperFile(() => disk) as never, () => ({
      stored: () => Promise.reject(new TypeError('boom')),
      abort: async () => void aborted++,
    }))
    const report = await run(createWorld([sink]), { sinks: [{ 'paper-file': { path: 'a.tar' } }] })
    expect(report.failures).toMatchObject([{ code: 'ADAPTER_FAILED', exitCode: 5 }])
    expect(aborted).toBe(1)
  })
  it('is given up when the run is stopped while another one is being opened', async () => {
    const stop = new AbortController()
    const disk = paperDisk()
    let aborted = 0
    const first = changed(paperFile(() => disk) as never, () => ({ abort: async () => void aborted++ }))
    const slow = defineSink<unknown>({
      ...(paperMultipart(() => paperBucket()) as Sink<unknown>),
      async open(_plan, _survey, _options, { signal }) {
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')))
          setImmediate(() => stop.abort(new Error('enough')))
        })
        return expect.fail('never opened')
      },
    })
    const world = createWorld([first, slow], { signal: stop.signal })
    await expect(
      run(world, { sinks: [{ 'paper-file': { path: 'a.tar' } }, { 'paper-multipart': { key: 'a' } }] }),
    ).rejects.toThrow('enough')
    expect(aborted).toBe(1)
  })
  it('is not believed about what another sink has', async () => {
    const service = paperRegistry()
    const world = createWorld([paperStore(() => service)])
    seedLayers(world.from, 'big/one', '1', [1000, 2000])
    seedLayers(world.from, 'big/one', '2', [1000, 2000, 3000])
    const naming = { transforms: [{ move: { registry: 'to.test' } }] }
    const both = ['from.test/big/one:1', 'from.test/big/one:2']
    await run(world, { ...naming, sinks: [{ store: {} }] }, both.slice(0, 1))
    const report = await run(world, { ...naming, sinks: [{ store: {} }, { 'paper-store': {} }] }, both)
    expect(report.failures).toEqual([])
    expect(service.repositories.get('big/one')?.tags.has('2')).toBe(true)
  })
})

describe('content that cannot be opened', () => {
  it('fails its own artifact only', async () => {
    let armed = ''
    const source = touchySource(({ digest }, offset) => {
      if (digest === armed && offset === -1) throw new TypeError('gone')
    })
    const world = createWorld([source])
    seedImage(world.from, 'app/db', '1', 7)
    const references = ['from.test/app/db:1', 'from.test/app/web:1']
    const chain = await chainOf(world, {
      ...touchy(references),
      transforms: [{ move: { registry: 'to.test' } }],
      sinks: [{ store: {} }],
    })
    const resolution = await resolve(chain, world.runtime)
    const planned = await plan(resolution, world.runtime)
    armed = resolution.artifacts[0]?.blobs[0]?.digest ?? ''
    const { failures } = await deliver(planned, resolution, world.runtime)
    expect(failures).toMatchObject([{ code: 'ADAPTER_FAILED', exitCode: 3, at: 'ropeway.yaml: sources[0]' }])
    expect(world.to.repository('app/web').tags.has('1')).toBe(true)
    expect(world.to.repository('app/db').tags.has('1')).toBe(false)
  })
})

describe('trying again', () => {
  const sizes = [7 * MiB + 3, 100, 12 * MiB, 300_000]

  async function archives(adapters: readonly Adapter[], concurrency: number, value: object) {
    const world = createWorld(adapters, { concurrency })
    seedLayers(world.from, 'big/one', '1', sizes)
    return run(world, {
      ...touchy(['from.test/big/one:1']),
      sinks: [{ 'paper-file': { path: 'a' } }, { 'paper-multipart': { key: 'a' } }],
      ...value,
    })
  }

  it.each([1, 4])('gives the right parts after a reading broke off, with concurrency %d', async (concurrency) => {
    const [disk, bucket] = [paperDisk(), paperBucket()]
    const broken = new Set<string>()
    const source = touchySource(({ digest, size }, offset) => {
      if (size < MiB || offset < 3 * MiB || broken.has(digest)) return
      broken.add(digest)
      throw hiccup()
    })
    const adapters = [source, paperFile(() => disk) as Sink<unknown>, paperMultipart(() => bucket) as Sink<unknown>]
    const report = await archives(adapters, concurrency, {})
    expect(report.failures).toEqual([])
    expect(broken.size).toBe(2)
    const whole = Buffer.from(disk.files.get('a')?.bytes ?? [])
    expect(whole.equals(bucket.objects.get('a')?.bytes ?? Buffer.alloc(0))).toBe(true)
  })
  it.each(['write', 'seal'] as const)('gives the right parts after a %s failed', async (what) => {
    const [disk, bucket] = [paperDisk(), paperBucket()]
    let calls = 0
    const flaky = changed(paperMultipart(() => bucket) as never, (delivery) => ({
      [what]: async (...given: [never, never]) => {
        if (++calls === 2) throw hiccup()
        await (delivery as unknown as Record<string, (...given: unknown[]) => Promise<void>>)[what]?.(...given)
      },
    }))
    const adapters = [touchySource(() => undefined), paperFile(() => disk) as Sink<unknown>, flaky]
    const report = await archives(adapters, 4, {})
    expect(report.failures).toEqual([])
    const whole = Buffer.from(disk.files.get('a')?.bytes ?? [])
    expect(whole.equals(bucket.objects.get('a')?.bytes ?? Buffer.alloc(0))).toBe(true)
  })
  it('does not hold up the other readers of a blob while a sink is tried again', async () => {
    const service = paperRegistry()
    const disk = paperDisk()
    let refused = 0
    const touchyStore = changed(paperStore(() => service) as never, (delivery) => ({
      async blob(...given: Parameters<Extract<Delivery, { type: 'store' }>['blob']>) {
        if (refused++ === 0) throw hiccup()
        return (delivery as Extract<Delivery, { type: 'store' }>).blob(...given)
      },
    }))
    // A service that serves one reading at a time.
    let reading: Promise<void> = Promise.resolve()
    const single = defineSource({
      ...imagesSource,
      name: 'touchy',
      async *resolve(options, context) {
        for await (const item of imagesSource.resolve(options, context)) {
          if ('error' in item) yield item
          else {
            const { content } = item
            async function* open(...given: Parameters<Artifact['content']['open']>) {
              const before = reading
              let end = () => undefined as void
              reading = new Promise((resolve) => (end = resolve))
              await before
              try {
                yield* content.open(...given)
              } finally {
                end()
              }
            }
            yield { ...item, content: { open } }
          }
        }
      },
    }) as Source<unknown>
    const world = createWorld([single, touchyStore, paperFile(() => disk)])
    seedLayers(world.from, 'big/one', '1', [300_000])
    const report = await run(world, {
      ...touchy(['from.test/big/one:1']),
      sinks: [{ 'paper-file': { path: 'a' } }, { 'paper-store': {} }],
    })
    expect(report.failures).toEqual([])
  })
  it.each(['manifest', 'tag', 'missing'] as const)('asks a store again whose %s failed for now', async (what) => {
    const service = paperRegistry()
    let calls = 0
    const flaky = changed(paperStore(() => service) as never, (delivery) => ({
      [what]: async (...given: unknown[]) => {
        if (++calls === 1) throw hiccup()
        return (delivery as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>)[what]?.(...given)
      },
    }))
    const report = await run(createWorld([flaky]), { sinks: [{ 'paper-store': {} }] })
    expect(report.failures).toEqual([])
    expect(service.repositories.get('app/web')?.tags.has('1')).toBe(true)
  })
})

describe('a sink of whole artifacts', () => {
  function page(digestOf: (digest: string) => string | undefined, existing: 'skip' | 'overwrite') {
    const put: string[] = []
    const sink = defineSink({
      name: 'page',
      summary: 'a page',
      options: z.strictObject({}),
      accepts: ['image'],
      takes: 'artifacts',
      survey: async ({ artifacts }) => ({
        location: 'the page',
        existing,
        names: artifacts.flatMap(({ id, root, destinations: [destination] }) => {
          const digest = digestOf(root.digest)
          return digest === undefined || destination === undefined ? [] : [{ id, destination, digest }]
        }),
      }),
      open: async () => ({
        type: 'artifacts',
        put: async ({ destinations }) => void put.push(...destinations.map(formatReference)),
        close: async () => ({ location: 'the page' }),
        abort: async () => undefined,
      }),
    }) as Sink<unknown>
    return { sink, put }
  }
  const other = `sha256:${'0'.repeat(64)}`

  it('is given what it lacks and what is to be replaced, and nothing else', async () => {
    const cases = [
      { there: () => undefined, existing: 'skip', given: 1, outcome: 'delivered' },
      { there: (digest: string) => digest, existing: 'skip', given: 0, outcome: 'present' },
      { there: () => other, existing: 'skip', given: 0, outcome: 'kept' },
      { there: () => other, existing: 'overwrite', given: 1, outcome: 'delivered' },
    ] as const
    for (const { there, existing, given, outcome } of cases) {
      const { sink, put } = page(there, existing)
      const report = await run(createWorld([sink]), { sinks: [{ page: {} }] })
      expect(put).toHaveLength(given)
      expect(report.receipts[0]?.artifacts).toMatchObject([{ outcome }])
    }
  })
})

describe('a blob that is mounted everywhere', () => {
  it('is told as done', async () => {
    const world = createWorld()
    const { blobs, manifests, tags } = world.from.repository('app/web')
    world.from.seed('app/copy', {
      blobs: blobs.values(),
      manifests: manifests.values(),
      tags: Object.fromEntries(tags),
    })
    world.to.seed('app/web', { blobs: blobs.values() })
    const to = { transforms: [{ move: { registry: 'to.test' } }], sinks: [{ store: {} }] }
    await run(world, to, ['from.test/app/web:1', 'from.test/app/copy:1'])
    await world.runtime.close()
    const done = world.events.filter((event) => event.type === 'blob:done')
    expect(done.filter(({ outcome }) => outcome === 'mounted')).toHaveLength(blobs.size)
  })
})
