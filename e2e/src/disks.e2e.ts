import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { faultProxy, fakeRegistry, makeImage, type FakeRegistry } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDesk, type Desk } from './harness/desk.ts'
import { appears, smallDisk, type Disk } from './harness/disk.ts'

const MB = 1_000_000
let desk: Desk
let registry: FakeRegistry
let source: string
const disks: Disk[] = []

async function disk(title: string, bytes: number): Promise<Disk> {
  const made = await smallDisk(join(desk.folder, title), bytes)
  disks.push(made)
  return made
}

beforeAll(async () => {
  desk = await openDesk('disks')
  registry = await fakeRegistry()
  const layers = ['a', 'b', 'c', 'd'].map((seed) => ({ size: 2 * MB, seed, compression: 'none' as const }))
  await registry.push('app/web', await makeImage({ layers }), ['1'])
  source = `oci=${registry.host}/app/web:1`
})
afterAll(async () => {
  await Promise.allSettled(disks.map((made) => made.close()))
  await registry.close()
  await desk.remove()
})

describe('a disk that is too small', () => {
  it('is told before anything moves, with what is needed and what is free', async () => {
    const { folder } = await disk('small', 4 * MB)
    registry.forget()
    const { error } = await desk.fails(['export', '--source', source, '-o', join(folder, 'web.tar')])
    expect(error).toMatchObject({
      code: 'SINK_SPACE',
      exitCode: 5,
      message: expect.stringMatching(/needs \d+ bytes and has \d+ free/),
    })
    expect(await readdir(folder)).toEqual([])
    expect(
      registry.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/')).length,
    ).toBeLessThan(2)
    const planned = await desk.run(['plan', '--source', source])
    expect(planned.code).toBe(0)
  })

  it('is told when it becomes too small on the way; the same command goes on when there is room', async () => {
    const { folder } = await disk('filling', 12 * MB)
    const file = join(folder, 'web.tar')
    const filler = join(folder, 'filler')
    let filled = false
    const proxy = await faultProxy(registry.url, {
      rules: [
        { path: /\/blobs\/sha256/, method: 'GET', nth: 2, times: 4, fault: { type: 'slow', bytesPerSecond: 4 * MB } },
      ],
    })
    const args = ['export', '--source', `oci=${proxy.host}/app/web:1`, '-o', file]
    const filling = appears(`${file}.partial`).then(async () => {
      await writeFile(filler, Buffer.alloc(12 * MB)).catch(() => undefined)
      filled = true
    })
    const { error } = await desk.fails(args)
    await filling
    expect(filled).toBe(true)
    expect(error).toMatchObject({ code: 'DISK_FULL', exitCode: 5, side: 'sink' })
    expect(await readdir(folder)).not.toContain('web.tar')
    await rm(filler)
    await desk.runOk(args)
    await desk.runOk(['verify', file])
    expect(await readdir(folder)).toEqual(['web.tar'])
    await proxy.close()
  })

  it('keeps a lock, a chain and fetched files from appearing half', async () => {
    const { folder } = await disk('full', 4096)
    await desk.chain({ name: 'full', sources: [{ oci: { reference: `${registry.host}/app/web:1` } }] })
    await writeFile(join(folder, 'filler'), Buffer.alloc(4096))
    expect((await desk.fails(['lock', '-o', join(folder, 'a.lock')])).error).toMatchObject({
      code: 'LOCK_NOT_WRITABLE',
      exitCode: 2,
    })
    expect((await desk.fails(['init', join(folder, 'new.yaml'), '--yes'])).error).toMatchObject({
      code: 'FILE_NOT_WRITABLE',
      exitCode: 2,
    })
    expect(await readdir(folder)).toEqual(['filler'])
    await rm(join(folder, 'filler'))
    await writeFile(join(folder, 'old.yaml'), 'x'.repeat(4096))
    const replaced = await desk.fails(['init', join(folder, 'old.yaml'), '--yes', '--force'])
    expect(replaced.error.code).toBe('FILE_NOT_WRITABLE')
    expect(await readdir(folder)).toEqual(['old.yaml'])
    expect(await readFile(join(folder, 'old.yaml'), 'utf8')).toBe('x'.repeat(4096))
  })

  it('for caches and receipts keeps nobody from carrying', async () => {
    const { folder } = await disk('home', 4096)
    await writeFile(join(folder, 'filler'), Buffer.alloc(4096))
    const env = { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), XDG_DATA_HOME: join(folder, 'data') }
    await desk.runOk(['export', '--source', source, '-o', 'homeless.tar'], { env })
    await desk.runOk(['verify', 'homeless.tar'], { env })
  })
})

describe('a place that cannot be written to', () => {
  it('is told before anything moves', async () => {
    const made = await disk('read-only', 20 * MB)
    await writeFile(join(made.folder, 'old.tar'), 'an older bundle')
    await made.readOnly(true)
    registry.forget()
    for (const name of ['web.tar', 'old.tar']) {
      const { error } = await desk.fails(['export', '--source', source, '-o', join(made.folder, name)])
      expect(error).toMatchObject({ code: 'TARGET_NOT_WRITABLE', exitCode: 5 })
      expect(error.about).toContain(name)
    }
    expect(await readFile(join(made.folder, 'old.tar'), 'utf8')).toBe('an older bundle')
    await desk.chain({ name: 'ro', sources: [{ oci: { reference: `${registry.host}/app/web:1` } }] })
    expect((await desk.fails(['lock', '-o', join(made.folder, 'a.lock')])).error).toMatchObject({
      code: 'LOCK_NOT_WRITABLE',
    })
    expect((await desk.fails(['init', join(made.folder, 'new.yaml'), '--yes'])).error).toMatchObject({
      code: 'FILE_NOT_WRITABLE',
    })
    expect(
      (await desk.fails(['plan', '--source', source, '--events', join(made.folder, 'e.ndjson')])).error,
    ).toMatchObject({
      code: 'EVENTS_FILE',
      exitCode: 2,
    })
    expect(await readdir(made.folder)).toEqual(['old.tar'])
  })

  it('is told when it is a folder, or below a file', async () => {
    await writeFile(join(desk.folder, 'file'), 'in the way')
    for (const place of ['.', 'file/web.tar']) {
      const { error } = await desk.fails(['export', '--source', source, '-o', place])
      expect(error, place).toMatchObject({ code: 'TARGET_NOT_WRITABLE', exitCode: 5 })
    }
    expect((await stat(join(desk.folder, 'file'))).size).toBe('in the way'.length)
  })

  it('is told when it is a registry that serves only', async () => {
    await desk.runOk(['export', '--source', source, '-o', 'good.tar'])
    const only = await fakeRegistry({ readOnly: true })
    const { error } = await desk.fails(['import', 'good.tar', '--registry', only.host])
    expect(error).toMatchObject({ side: 'sink', exitCode: 5 })
    expect(error.code).not.toBe('UNEXPECTED')
    await only.close()
  })
})
