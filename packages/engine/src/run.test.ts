import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineSink, defineSource, defineTransform, type Adapter, type Sink } from '@ropeway/core'
import { openBundle } from '@ropeway/bundle'
import { paperDisk, paperFile, type PaperDisk } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inspectBundle, verifyBundle } from './bundle/inspect.js'
import { loadChain } from './chain/load.js'
import { exportBundle, importBundle, lock } from './run.js'
import { deliver } from './deliver/deliver.js'
import type { Receipt } from './deliver/receipt.js'
import { plan } from './plan/plan.js'
import { resolve } from './resolve/resolve.js'
import { createWorld, moveTransform, seedImage, storeSink, type World, type WorldOptions } from './world.fixture.js'

/** The names that commands use, on adapters of paper. */
function adapters(disk: PaperDisk): Adapter[] {
  const file = paperFile(() => disk) as Sink<unknown>
  const bundleSource = defineSource({
    name: 'bundle',
    summary: 'a bundle',
    options: z.strictObject({ path: z.string() }),
    async *resolve({ path }) {
      const bundle = await openBundle(path)
      const { artifacts } = JSON.parse(Buffer.from(bundle.lock).toString()) as Awaited<ReturnType<typeof lock>>
      for (const { kind, name, root, naming } of artifacts)
        yield { kind, name, root, naming, source: { location: name }, content: bundle.content }
    },
    reopen: async (_, { path }) => (await openBundle(path)).content,
  })
  return [
    bundleSource,
    defineSink<unknown>({ ...file, name: 'tarball' }),
    defineSink<unknown>({ ...(storeSink as Sink<unknown>), name: 'registry' }),
    defineTransform({ ...moveTransform, name: 'rewrite' }),
  ]
}

async function prepare(options: WorldOptions = {}) {
  const disk = paperDisk()
  const world = createWorld(adapters(disk), options)
  const directory = await mkdtemp(join(tmpdir(), 'run-'))
  /** Writes a bundle of paper to a file that can be opened. */
  async function toDisk(path: string): Promise<string> {
    const target = join(directory, 'kit.tar')
    await writeFile(target, disk.files.get(path)?.bytes ?? expect.fail(`no ${path}`))
    return target
  }
  return { world, disk, directory, toDisk }
}

async function chainOf({ runtime }: World, references = ['from.test/app/web:1']) {
  const value = { name: 'runs', version: '1.0.0', sources: [{ images: { references } }], sinks: [{ store: {} }] }
  return loadChain({ value, directory: '/' }, runtime.adapters)
}

describe('a bundle', () => {
  it('is exported instead of to the chain’s sinks, and imported elsewhere', async () => {
    const { world, toDisk } = await prepare()
    const chain = await chainOf(world)
    const exported = await exportBundle(chain, world.runtime, { file: '/out/kit.tar' })
    expect(exported.receipts).toMatchObject([{ sink: 'tarball', complete: true, location: '/out/kit.tar' }])
    const file = await toDisk('/out/kit.tar')
    const imported = await importBundle(file, world.runtime, { registry: 'to.test' })
    expect(imported.receipts).toMatchObject([{ sink: 'registry', complete: true }])
    const [artifact] = (await lock(chain, world.runtime)).artifacts
    expect(world.to.repository('app/web').tags.get('1')).toBe(artifact?.root.digest)
  })
  it('of a lock holds what was locked, though the tag moved', async () => {
    const { world, toDisk } = await prepare()
    const chain = await chainOf(world)
    const locked = await lock(chain, world.runtime)
    seedImage(world.from, 'app/web', '1', 9)
    await exportBundle(chain, world.runtime, { file: '/out/kit.tar', locked })
    expect((await inspectBundle(await toDisk('/out/kit.tar'))).artifacts).toEqual(locked.artifacts)
  })
  it('of a part embeds the lock of that part', async () => {
    const { world, toDisk } = await prepare()
    seedImage(world.from, 'app/db', '2', 2)
    const chain = await chainOf(world, ['from.test/app/web:1', 'from.test/app/db:2'])
    await exportBundle(chain, world.runtime, { file: '/out/kit.tar', only: ['*db*'] })
    const summary = await inspectBundle(await toDisk('/out/kit.tar'))
    expect(summary.artifacts.map(({ id }) => id)).toEqual(['image:from.test/app/db:2'])
    expect((await verifyBundle(summary.file)).problems).toEqual([])
  })
  it('that cannot be finished is an error, and is not there', async () => {
    const { world, disk } = await prepare()
    const chain = await chainOf(world)
    const locked = await lock(chain, world.runtime)
    const { blobs } = world.from.repository('app/web')
    for (const [digest, bytes] of blobs) blobs.set(digest, Buffer.alloc(bytes.byteLength))
    await expect(exportBundle(chain, world.runtime, { file: '/out/kit.tar', locked })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      exitCode: 6,
    })
    expect(disk.files.size).toBe(0)
  })
  it('that lacks everything at the other side is one error for all failures', async () => {
    const { world, toDisk } = await prepare()
    seedImage(world.from, 'app/db', '2', 2)
    const chain = await chainOf(world, ['from.test/app/web:1', 'from.test/app/db:2'])
    await exportBundle(chain, world.runtime, { file: '/out/kit.tar' })
    const file = await toDisk('/out/kit.tar')
    const { offset, bytes } = await firstBlob(file)
    bytes.fill(0, offset)
    await writeFile(file, bytes)
    const error: unknown = await importBundle(file, world.runtime, { registry: 'to.test' }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ exitCode: 6 })
    expect(world.to.repository('app/web').tags.size).toBe(0)
  })
})

async function firstBlob(file: string) {
  const bundle = await openBundle(file)
  const offsets = [...bundle.blobs.values()].filter(({ role }) => role !== 'manifest').map(({ offset }) => offset)
  return { offset: Math.min(...offsets), bytes: await readFile(file) }
}

describe('inspecting', () => {
  it('tells what a bundle holds, from its metadata alone', async () => {
    const { world, toDisk } = await prepare()
    const chain = await chainOf(world)
    const { receipts } = await exportBundle(chain, world.runtime, { file: '/out/kit.tar' })
    const file = await toDisk('/out/kit.tar')
    const summary = await inspectBundle(file)
    expect(summary).toMatchObject({
      file,
      size: (await readFile(file)).byteLength,
      chain: { name: 'runs', version: '1.0.0' },
      lock: receipts[0]?.lock,
      artifacts: [{ id: 'image:from.test/app/web:1' }],
      blobs: { count: receipts[0]?.blobsSent, bytes: receipts[0]?.bytesSent },
    })
  })
  it('lists every entry that is damaged', async () => {
    const { world, toDisk } = await prepare()
    await exportBundle(await chainOf(world), world.runtime, { file: '/out/kit.tar' })
    const file = await toDisk('/out/kit.tar')
    const whole = await verifyBundle(file)
    expect(whole.problems).toEqual([])
    const bundle = await openBundle(file)
    const bytes = await readFile(file)
    const large = [...bundle.blobs.values()].filter(({ size, role }) => size > 2000 && role !== 'manifest').slice(0, 2)
    for (const { offset } of large) bytes.writeUInt8((bytes[offset + 10] ?? 0) ^ 1, offset + 10)
    await writeFile(file, bytes)
    const { problems, identity, entries } = await verifyBundle(file)
    expect(problems).toHaveLength(2)
    expect(problems.every(({ exitCode }) => exitCode === 6)).toBe(true)
    expect({ identity, entries }).toEqual({ identity: whole.identity, entries: bundle.blobs.size })
  })
  it('stops when it is told to', async () => {
    const { world, toDisk } = await prepare()
    await exportBundle(await chainOf(world), world.runtime, { file: '/out/kit.tar' })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(verifyBundle(await toDisk('/out/kit.tar'), { signal })).rejects.toThrow('enough')
  })
  it('refuses what is no bundle', async () => {
    const { directory } = await prepare()
    await writeFile(join(directory, 'no.tar'), 'nothing of the kind')
    for (const file of [join(directory, 'no.tar'), join(directory, 'absent.tar')]) {
      for (const read of [inspectBundle, verifyBundle])
        await expect(read(file)).rejects.toMatchObject({ name: 'RopewayError', about: expect.stringContaining(file) })
    }
  })
})

describe('a receipt', () => {
  async function receipts(stateDirectory: string): Promise<Receipt[]> {
    const folder = join(stateDirectory, 'receipts')
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
    return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Receipt))
  }
  it('is written as it goes, artifact by artifact, and in the end', async () => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'receipts-'))
    let onWrite = async () => undefined as void
    const slow = defineSink({
      ...storeSink,
      name: 'slow',
      async open(...given) {
        const delivery = await storeSink.open(...given)
        if (delivery.type !== 'store') return delivery
        return {
          ...delivery,
          async close() {
            await onWrite()
            return delivery.close()
          },
        }
      },
    }) as Sink<unknown>
    const world = createWorld([slow], { stateDirectory })
    const value = {
      name: 'runs',
      version: 'feature/x',
      sources: [{ images: { references: ['from.test/app/web:1'] } }],
      transforms: [{ move: { registry: 'to.test' } }],
      sinks: [{ slow: {} }],
    }
    const chain = await loadChain({ value, directory: '/' }, world.runtime.adapters)
    const during: (Receipt | undefined)[] = []
    onWrite = async () => {
      for (let wait = 0; wait < 200 && during[0] === undefined; wait++) {
        await new Promise((resolve) => setImmediate(resolve))
        during.splice(0, 1, (await receipts(stateDirectory).catch(() => []))[0])
      }
    }
    const resolution = await resolve(chain, world.runtime)
    const report = await deliver(await plan(resolution, world.runtime), resolution, world.runtime)
    expect(during).toMatchObject([{ complete: false, artifacts: [{ outcome: 'delivered' }] }])
    expect(await receipts(stateDirectory)).toEqual(JSON.parse(JSON.stringify(report.receipts)))
    expect(report.receipts).toMatchObject([{ complete: true, lock: resolution.lockDigest }])
  })
  it('that cannot be kept fails nothing', async () => {
    const stateDirectory = join(await mkdtemp(join(tmpdir(), 'receipts-')), 'file')
    await writeFile(stateDirectory, '')
    const { world } = await prepare({ stateDirectory })
    const report = await exportBundle(await chainOf(world), world.runtime, { file: '/out/kit.tar' })
    expect(report.receipts).toMatchObject([{ complete: true }])
  })
})
