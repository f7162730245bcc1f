import { copyFile, open, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBundle } from '@ropeway/bundle'
import { fakeRegistry, makeImage, type FakeRegistry } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDesk, type Desk } from './harness/desk.ts'

let desk: Desk
let near: FakeRegistry
let far: FakeRegistry
/** Where the largest layer and its image's manifest are in good.tar. */
let layer: { digest: string; offset: number; size: number }
let size = 0
let manifestOffset = 0

beforeAll(async () => {
  desk = await openDesk('bad-bundle')
  near = await fakeRegistry()
  far = await fakeRegistry()
  const small = await makeImage({ layers: [{ size: 30_000, seed: 'small' }] })
  const large = await makeImage({ layers: [{ size: 3_000_000, seed: 'large' }] })
  await near.push('app/small', small, ['1'])
  await near.push('app/large', large, ['1'])
  const sources = ['small', 'large'].flatMap((name) => ['--source', `oci=${near.host}/app/${name}:1`])
  await desk.runOk(['export', ...sources, '-o', 'good.tar'])
  const bundle = await openBundle(join(desk.folder, 'good.tar'))
  size = bundle.size
  const [largest] = [...bundle.blobs].sort(([, a], [, b]) => b.size - a.size)
  layer = { digest: largest?.[0] ?? '', offset: largest?.[1].offset ?? 0, size: largest?.[1].size ?? 0 }
  await bundle.close()
  const manifest = large.manifests.at(-1)
  manifestOffset = (await readFile(join(desk.folder, 'good.tar'))).indexOf(Buffer.from(manifest?.bytes ?? ''))
  expect(manifestOffset).toBeGreaterThan(0)
})
afterAll(async () => {
  await Promise.all([near.close(), far.close()])
  await desk.remove()
})

/** Writes bad.tar: the good bundle with some bytes changed. */
async function tampered(offset: number, text = 'tampered'): Promise<void> {
  await copyFile(join(desk.folder, 'good.tar'), join(desk.folder, 'bad.tar'))
  const file = await open(join(desk.folder, 'bad.tar'), 'r+')
  await file.write(Buffer.from(text), 0, text.length, offset)
  await file.close()
}

async function cut(length: number): Promise<void> {
  await copyFile(join(desk.folder, 'good.tar'), join(desk.folder, 'bad.tar'))
  await truncate(join(desk.folder, 'bad.tar'), length)
}

/** All that reads a bundle. */
const readers: readonly (readonly string[])[] = [
  ['verify', 'bad.tar'],
  ['inspect', 'bad.tar'],
  ['import', 'bad.tar', '--registry', 'HOST'],
  ['fetch', 'bad.tar', '-o', 'fetched'],
  ['serve', 'bad.tar', '--port', '0'],
]

describe('a bundle that is not whole', () => {
  it('because it was cut is refused by everything that reads it, naming the entry', async () => {
    const entry = `blobs/${layer.digest.replace(':', '/')}`
    const cuts: [number, RegExp][] = [
      [size - 700, /end of the archive/],
      [layer.offset + 100_000, new RegExp(entry)],
      [manifestOffset + 10, /blobs\/sha256\/|index\.json|manifest/],
      [600, /oci-layout|[a-z]/],
      [100, /oci-layout/],
      [0, /oci-layout/],
    ]
    for (const [length, named] of cuts) {
      await cut(length)
      for (const reader of readers) {
        const { error } = await desk.fails(reader.map((word) => (word === 'HOST' ? far.host : word)))
        expect(error, `${String(length)} ${reader.join(' ')}`).toMatchObject({ code: 'BUNDLE_TRUNCATED', exitCode: 6 })
        expect(error.message).toMatch(named)
      }
    }
    expect(await far.storage.repositories()).toEqual([])
  })

  it('because a layer was changed is told by verify with the entry, and by import before the image is tagged', async () => {
    await tampered(layer.offset + 1_000_000)
    const verified = await desk.run(['verify', 'bad.tar', '--json'])
    expect(verified.code).toBe(6)
    expect(verified.json()).toMatchObject({
      ok: false,
      problems: [{ code: 'BUNDLE_TAMPERED', message: expect.stringContaining(layer.digest.replace(':', '/')) }],
      error: { code: 'BUNDLE_TAMPERED', exitCode: 6 },
    })
    const { error } = await desk.fails(['import', 'bad.tar', '--registry', `${far.host}/mirror`])
    expect(error.exitCode).toBe(6)
    expect(`${error.message} ${error.about ?? ''}`).toContain('app/large')
    expect(await far.storage.tags.tags('mirror/app/large')).toEqual([])
    expect(await far.storage.tags.tags('mirror/app/small')).toEqual(['1'])
  })

  it('because a manifest was changed is refused at once', async () => {
    await tampered(manifestOffset + 50)
    for (const reader of readers.filter(([command]) => command !== 'inspect')) {
      const { error } = await desk.fails(reader.map((word) => (word === 'HOST' ? `${far.host}/other` : word)))
      expect(error, reader.join(' ')).toMatchObject({ exitCode: 6 })
      expect(error.message).toMatch(/sha256/)
    }
    expect((await far.storage.repositories()).filter((name) => name.startsWith('other'))).toEqual([])
  })

  it('because its metadata were changed is refused, wherever a byte is another one', async () => {
    const file = await readFile(join(desk.folder, 'good.tar'))
    const places = ['"imageLayoutVersion"', '"manifests"', 'lockVersion', 'app/small', layer.digest]
    const offsets = places.map((text) => file.indexOf(text)).filter((offset) => offset > 0)
    expect(offsets.length).toBeGreaterThan(3)
    for (const offset of offsets) {
      await tampered(offset + 3, '#')
      const { error } = await desk.fails(['import', 'bad.tar', '--registry', `${far.host}/metadata`])
      expect(error, String(offset)).toMatchObject({ exitCode: 6 })
    }
    expect((await far.storage.repositories()).filter((name) => name.startsWith('metadata'))).toEqual([])
  })

  it('because something else stands there is told in its own way', async () => {
    const bad = join(desk.folder, 'bad.tar')
    await writeFile(bad, '<html>404</html>')
    expect((await desk.fails(['verify', 'bad.tar'])).error).toMatchObject({ code: 'BUNDLE_INVALID', exitCode: 6 })
    await writeFile(bad, Buffer.concat([await readFile(join(desk.folder, 'good.tar')), Buffer.from('more')]))
    expect((await desk.fails(['import', 'bad.tar', '--registry', far.host])).error).toMatchObject({
      code: 'BUNDLE_TAMPERED',
    })
    for (const reader of [
      ['verify', 'nothing.tar'],
      ['inspect', 'nothing.tar'],
      ['import', 'nothing.tar', '--registry', far.host],
      ['fetch', 'nothing.tar', '-o', 'x'],
    ]) {
      expect((await desk.fails(reader)).error, reader.join(' ')).toMatchObject({
        code: 'ARCHIVE_NOT_FOUND',
        message: expect.stringContaining('nothing.tar'),
      })
    }
    for (const reader of [
      ['verify', '.'],
      ['inspect', '.'],
      ['import', '.', '--registry', far.host],
    ]) {
      const { error } = await desk.fails(reader)
      expect(error.code, reader.join(' ')).not.toBe('UNEXPECTED')
    }
  })

  it('is whole again with what was there all the time, by the same command', async () => {
    await copyFile(join(desk.folder, 'good.tar'), join(desk.folder, 'bad.tar'))
    await desk.runOk(['import', 'bad.tar', '--registry', `${far.host}/mirror`])
    await far.pull('mirror/app/large', '1')
    await far.pull('mirror/app/small', '1')
  })
})
