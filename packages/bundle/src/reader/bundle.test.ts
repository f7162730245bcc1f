import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { isRopewayError } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectAll, createMaker, platformFixture } from '../archive.fixture.js'
import { bytesAccess } from '../access.js'
import { planArchive, type ArchiveEntry } from '../plan/archive.js'
import { blockSize, encodeHeader, endOfArchive, padded } from '../tar/header.js'
import { openBundle } from './bundle.js'

const fixture = platformFixture()
const archive = planArchive(fixture.input)
let folder: string
let whole: Uint8Array

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-bundle-'))
  whole = await collectAll(archive.read({ start: 0, end: archive.size }, fixture.content))
})
afterAll(() => rm(folder, { recursive: true }))

async function write(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

/** The code and the entry of what opening or verifying these bytes throws. */
async function faultOf(bytes: Uint8Array): Promise<{ code: string; about: string | undefined } | undefined> {
  try {
    const bundle = await openBundle(bytesAccess(bytes, 'b.tar'))
    await bundle.verify()
    return undefined
  } catch (error) {
    if (!isRopewayError(error)) throw error
    expect(error.side).toBe('verification')
    expect(error.hint).toBeTruthy()
    return { code: error.code, about: error.about }
  }
}

function changed(offset: number, bytes: Uint8Array = new Uint8Array([(whole[offset] ?? 0) ^ 0xff])): Uint8Array {
  const copy = whole.slice()
  copy.set(bytes, offset)
  return copy
}

/** A tar of any entries, to be told from a bundle. */
function tarOf(...files: readonly (readonly [path: string, text: string])[]): Uint8Array {
  const parts = files.map(([path, text]) => {
    const bytes = new Uint8Array(padded(text.length))
    bytes.set(new TextEncoder().encode(text))
    return Buffer.concat([encodeHeader(path, text.length), bytes])
  })
  return Buffer.concat([...parts, endOfArchive])
}

describe('openBundle', () => {
  it('reads identity, chain, lock, artifacts and blobs from a file', async () => {
    const bundle = await openBundle(await write('whole.tar', whole))
    expect(bundle.identity).toBe(archive.identity)
    expect(bundle.size).toBe(archive.size)
    expect(bundle.chain).toEqual({ name: 'platform', version: '1.4.74' })
    expect(bundle.lock).toEqual(fixture.input.lock)
    expect(bundle.artifacts.map(({ id }) => id)).toEqual(fixture.input.artifacts.map(({ id }) => id).toSorted())
    expect(bundle.blobs.size).toBe(fixture.store.size)
    await bundle.close()
  })

  it('opens every blob and manifest, whole and in ranges, several at once', async () => {
    const bundle = await openBundle(await write('content.tar', whole))
    await Promise.all(
      [...fixture.store].map(async ([digest, bytes]) => {
        const descriptor = { mediaType: 'x', digest, size: bytes.byteLength }
        expect(Buffer.compare(await collectAll(bundle.content.open(descriptor)), bytes)).toBe(0)
        const middle = await collectAll(bundle.content.open(descriptor, { offset: 3, end: bytes.byteLength - 2 }))
        expect(Buffer.compare(middle, bytes.subarray(3, bytes.byteLength - 2))).toBe(0)
      }),
    )
  })

  it('gives the referrers of the lock', async () => {
    const bundle = await openBundle(bytesAccess(whole))
    const web = fixture.input.artifacts[0]
    if (web === undefined) throw new Error('no artifact')
    const referrers = await bundle.content.referrers?.(web.root)
    expect(referrers?.map(({ tag }) => tag)).toEqual([undefined, `${web.root.digest.replace(':', '-')}.sig`])
    expect(await bundle.content.referrers?.({ ...web.root, digest: `sha256:${'0'.repeat(64)}` })).toEqual([])
  })

  it('says what it does not hold', async () => {
    const { content } = await openBundle(bytesAccess(whole, 'b.tar'))
    const absent = { mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1 }
    await expect(collectAll(content.open(absent))).rejects.toMatchObject({ code: 'BUNDLE_CONTENT_MISSING' })
    const [digest = ''] = fixture.store.keys()
    await expect(collectAll(content.open({ ...absent, digest }))).rejects.toMatchObject({ code: 'SIZE_MISMATCH' })
  })

  it('verifies manifests and headers when content is read', async () => {
    const manifest = archive.entries.find(({ role }) => role === 'manifest')
    const layer = archive.entries.find(({ role }) => role === 'layer')
    if (manifest?.digest === undefined || layer?.digest === undefined) throw new Error('no entries')
    const open = async (bytes: Uint8Array, { digest = '', size }: ArchiveEntry): Promise<Uint8Array> =>
      collectAll((await openBundle(bytesAccess(bytes))).content.open({ mediaType: 'x', digest, size }))
    await expect(open(changed(manifest.offset + 5), manifest)).rejects.toMatchObject({
      code: 'BUNDLE_TAMPERED',
      about: manifest.path,
    })
    const hostile = changed(layer.start, encodeHeader('../../etc/passwd', layer.size))
    await expect(open(hostile, layer)).rejects.toMatchObject({ code: 'BUNDLE_TAMPERED', about: layer.path })
  })

  it('stops reading when it is aborted', async () => {
    const bundle = await openBundle(await write('abort.tar', whole))
    const [digest = '', bytes] = [...fixture.store].find(([, content]) => content.byteLength > 4000) ?? []
    const descriptor = { mediaType: 'x', digest, size: bytes?.byteLength ?? 0 }
    const reading = collectAll(bundle.content.open(descriptor, { signal: AbortSignal.abort() }))
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    await expect(bundle.verify(undefined, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('notices that the file was replaced while it is in use', async () => {
    const path = await write('replaced.tar', whole)
    const bundle = await openBundle(path)
    await rm(path)
    await expect(bundle.verify()).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND', side: 'source' })
    await writeFile(path, whole.subarray(1))
    await expect(bundle.verify()).rejects.toMatchObject({ code: 'ARCHIVE_CHANGED' })
  })
})

describe('a file that is no bundle', () => {
  it('is told apart from a missing one and from a folder', async () => {
    await expect(openBundle(join(folder, 'absent.tar'))).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND' })
    await expect(openBundle(join(folder, 'a', 'b'))).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND' })
    await expect(openBundle(folder)).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' })
  })

  it('is refused with what it is', async () => {
    const text = new TextEncoder().encode('name: platform\n'.repeat(100))
    await expect(openBundle(bytesAccess(text, 'x'))).rejects.toThrow('it is not a tar')
    await expect(openBundle(bytesAccess(text.subarray(0, 9), 'x'))).rejects.toThrow('it is too short')
    await expect(openBundle(bytesAccess(gzipSync(whole), 'x'))).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('compressed with gzip'),
      hint: expect.stringContaining('gunzip x'),
    })
    const docker = tarOf(['manifest.json', '[]'])
    await expect(openBundle(bytesAccess(docker, 'x'))).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      hint: expect.stringContaining('"files"'),
    })
    const layout = tarOf(['oci-layout', '{"imageLayoutVersion":"1.0.0"}'], ['blobs/sha256/x', ''])
    expect(await faultOf(layout)).toMatchObject({ code: 'BUNDLE_INVALID' })
    expect(await faultOf(tarOf(['oci-layout', '{"imageLayoutVersion":"1.0.0"}']))).toMatchObject({
      code: 'BUNDLE_INVALID',
    })
  })
})

describe('a damaged bundle', () => {
  it('is truncated, wherever it ends', async () => {
    const ends = [0, 1, 511, 512, ...archive.entries.flatMap(({ start, offset, end }) => [start, offset, end - 1])]
    for (const end of [...new Set(ends), archive.size - 1]) {
      const cut = archive.entries.find((entry) => entry.end > end)
      expect(await faultOf(whole.subarray(0, end))).toEqual({
        code: 'BUNDLE_TRUNCATED',
        about: cut?.path ?? 'the end of the archive',
      })
    }
  })

  it('names the entry, whatever byte of it was changed', async () => {
    for (const { path, start, offset, size, end } of archive.entries) {
      for (const position of new Set([start, start + 130, offset, offset + size - 1, end - 1])) {
        const fault = await faultOf(changed(position))
        if (path === 'oci-layout' || path === 'ropeway.json') {
          // A damaged beginning is no tar at all; a damaged table contradicts whatever it described.
          expect(fault?.code).toMatch(/^BUNDLE_(INVALID|TAMPERED|TRUNCATED)$/)
        } else expect(fault).toEqual({ code: 'BUNDLE_TAMPERED', about: path })
      }
    }
  })

  it('lists all bad entries at once', async () => {
    const blobs = archive.entries.filter(({ role }) => role !== 'metadata')
    const damaged = blobs.filter((_, index) => index % 3 === 0)
    const bytes = whole.slice()
    for (const { offset } of damaged) bytes[offset] = (bytes[offset] ?? 0) ^ 1
    const bundle = await openBundle(bytesAccess(bytes, 'b.tar'))
    const error = await bundle.verify().catch((thrown: unknown) => thrown)
    if (!isRopewayError(error)) throw new Error('no error')
    expect(error.code).toBe('BUNDLE_TAMPERED')
    const named = error.errors.map((one) => (isRopewayError(one) ? one.about : undefined))
    expect(named).toEqual(damaged.map(({ path }) => path))
  })

  it('is found out when metadata was changed together with its digests', async () => {
    const forged = (path: string, from: string, to: string): Uint8Array => {
      const bytes = Buffer.from(whole)
      const digest = (entry: string): string => {
        const place = archive.entries.find((one) => one.path === entry)
        return sha256(bytes.subarray(place?.offset, (place?.offset ?? 0) + (place?.size ?? 0)))
      }
      const before = digest(path)
      const place = archive.entries.find((entry) => entry.path === path)
      const at = bytes.indexOf(from, place?.offset)
      expect(at).toBeGreaterThan(0)
      expect(to.length).toBe(from.length)
      bytes.write(to, at)
      const table = archive.entries.find((entry) => entry.path === 'ropeway.json')
      bytes.write(digest(path), bytes.indexOf(before, table?.offset))
      return bytes
    }
    const name = forged('index.json', 'mirror/app/web', 'mirror/app/bad')
    expect(await faultOf(name)).toEqual({ code: 'BUNDLE_TAMPERED', about: 'index.json' })
    const docker = forged('manifest.json', 'app/web:1.2.3', 'app/web:6.6.6')
    expect(await faultOf(docker)).toEqual({ code: 'BUNDLE_TAMPERED', about: 'manifest.json' })
    const chart = forged('artifacts.json', 'podinfo', 'p0dinf0')
    expect(await faultOf(chart)).toEqual({ code: 'BUNDLE_TAMPERED', about: 'artifacts.json' })
    const layout = forged('oci-layout', '1.0.0', '2.0.0')
    expect(await faultOf(layout)).toEqual({ code: 'BUNDLE_TAMPERED', about: 'oci-layout' })
  })

  it('is refused when anything follows its end', async () => {
    const surplus = Buffer.concat([whole, tarOf(['../../etc/passwd', 'x'])])
    expect(await faultOf(surplus)).toEqual({ code: 'BUNDLE_TAMPERED', about: 'the end of the archive' })
  })

  it('is refused when a metadata entry is a link or has a hostile path', async () => {
    const index = archive.entries[1]
    const header = encodeHeader('index.json', index?.size ?? 0)
    const link = relabelled(header, '2')
    expect(await faultOf(changed(index?.start ?? 0, link))).toEqual({ code: 'BUNDLE_INVALID', about: 'b.tar' })
    const hostile = encodeHeader('../index.json', index?.size ?? 0)
    expect(await faultOf(changed(index?.start ?? 0, hostile))).toEqual({ code: 'BUNDLE_INVALID', about: 'b.tar' })
    const endless = encodeHeader('index.json', 0o77777777777)
    expect(await faultOf(changed(index?.start ?? 0, endless))).toEqual({ code: 'BUNDLE_INVALID', about: 'b.tar' })
  })

  it('asks for an update when it comes from the future', async () => {
    const place = archive.entries.find(({ path }) => path === 'ropeway.json')
    const bytes = Buffer.from(whole)
    bytes.write('"formatVersion":2', bytes.indexOf('"formatVersion":1', place?.offset))
    await expect(openBundle(bytesAccess(bytes))).rejects.toMatchObject({
      code: 'BUNDLE_TOO_NEW',
      hint: expect.stringContaining('update Ropeway'),
    })
  })
})

describe('a table that lies', () => {
  /** A bundle of nothing but metadata, with any `ropeway.json`. */
  function withTable(change: (table: Record<string, unknown>) => unknown): Uint8Array {
    const empty = createMaker().build([])
    const plan = planArchive(empty.input)
    const bytes = plan.fixed[0]?.bytes ?? new Uint8Array()
    const textOf = (path: string): string => {
      const place = plan.entries.find((entry) => entry.path === path)
      return new TextDecoder().decode(bytes.subarray(place?.offset, (place?.offset ?? 0) + (place?.size ?? 0)))
    }
    const table: Record<string, unknown> = JSON.parse(textOf('ropeway.json'))
    return tarOf(
      ...plan.entries.map(({ path }): readonly [string, string] => [
        path,
        path === 'ropeway.json' ? JSON.stringify(change(table)) : textOf(path),
      ]),
    )
  }
  const row = (digest: string, size = 1, offset = blockSize) => ({ digest, size, offset })
  const a = `sha256:${'a'.repeat(64)}`
  const b = `sha256:${'b'.repeat(64)}`

  it('is whole when nothing was changed', async () => {
    expect(await faultOf(withTable((table) => table))).toBeUndefined()
  })

  it.each([
    ['no object', () => 7],
    ['a version that is no number', (table: object) => ({ ...table, formatVersion: 'one' })],
    ['another shape', (table: object) => ({ ...table, layers: 'none' })],
    ['what is no digest', (table: object) => ({ ...table, layers: [row('sha256:../../x')] })],
    ['a digest that cannot be computed', (table: object) => ({ ...table, layers: [row(`md5:${'0'.repeat(32)}`)] })],
    ['a digest twice', (table: object) => ({ ...table, layers: [row(a), row(a, 1, 1536)] })],
    ['a digest in two roles', (table: object) => ({ ...table, configs: [row(a)], layers: [row(a, 1, 1536)] })],
    ['blobs out of order', (table: object) => ({ ...table, layers: [row(b), row(a, 1, 1536)] })],
    ['a wrong offset', (table: object) => ({ ...table, layers: [row(a, 1, 0)] })],
    ['overlapping blobs', (table: object) => ({ ...table, layers: [row(a), row(b)] })],
    ['a negative size', (table: object) => ({ ...table, layers: [row(a, -1)] })],
    ['a huge manifest', (table: object) => ({ ...table, manifests: [row(a, 5 * 1024 * 1024)] })],
    ['impossible sizes', (table: object) => ({ ...table, layers: [row(a, Number.MAX_SAFE_INTEGER)] })],
  ])('is refused with %s', async (_, change) => {
    expect(await faultOf(withTable(change))).toEqual({ code: 'BUNDLE_INVALID', about: 'b.tar' })
  })

  it('makes the file too short when it names content that is not there', async () => {
    expect(await faultOf(withTable((table) => ({ ...table, layers: [row(a, 1000)] })))).toEqual({
      code: 'BUNDLE_TRUNCATED',
      about: `blobs/sha256/${'a'.repeat(64)}`,
    })
  })

  it('is found out when it has other chain or lock', async () => {
    const chain = { name: 'other', version: '1' }
    expect(await faultOf(withTable((table) => ({ ...table, chain })))).toMatchObject({ code: 'BUNDLE_TAMPERED' })
    const lock = { digest: a, size: 1 }
    expect(await faultOf(withTable((table) => ({ ...table, lock })))).toEqual({
      code: 'BUNDLE_TAMPERED',
      about: 'ropeway.lock',
    })
  })
})

describe('verify', () => {
  it('counts the entries and tells how far it is', async () => {
    const bundle = await openBundle(await write('verify.tar', whole))
    const seen: number[] = []
    const { entries } = await bundle.verify(({ done, total }) => {
      expect(total).toBe(archive.size)
      seen.push(done)
    })
    expect(entries).toBe(archive.entries.length)
    expect(seen.at(-1)).toBe(archive.size)
  })
})

/** The same header as an entry of another type. */
function relabelled(header: Uint8Array, type: string): Uint8Array {
  const copy = header.slice()
  copy[156] = type.charCodeAt(0)
  copy.fill(0x20, 148, 156)
  const sum = copy.reduce((total, byte) => total + byte, 0)
  copy.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return copy
}
