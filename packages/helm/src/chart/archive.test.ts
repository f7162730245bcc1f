import { gzipSync } from 'node:zlib'
import { makeTar, readBytes, type TarEntry } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { archiveLimits, readChartArchive } from './archive.js'
import { writeTar } from './tar-write.js'

const chartYaml = { path: 'a/Chart.yaml', content: 'apiVersion: v2\nname: a\nversion: 1.2.3\n' }

async function pack(entries: readonly TarEntry[]): Promise<Uint8Array> {
  return gzipSync(readBytes(makeTar(entries)))
}
async function read(...entries: TarEntry[]) {
  return readChartArchive(await pack([chartYaml, ...entries]), 'a-1.2.3.tgz')
}
const refusal = (message: string): unknown =>
  expect.objectContaining({ code: 'CHART_ARCHIVE_INVALID', side: 'source', message: expect.stringContaining(message) })

describe('readChartArchive', () => {
  it('reads metadata, lock and files, whatever the first folder is called', async () => {
    const archive = await read(
      { path: 'other/', type: 'directory' },
      { path: 'other/values.yaml', content: '' },
      { path: 'a/Chart.lock', content: 'x' },
      { path: 'a\\templates\\x.yaml', content: 'x' },
      { path: 'a/./charts//b/values.yaml', content: 'x' },
    )
    expect(archive.metadata).toMatchObject({ apiVersion: 'v2', name: 'a', version: '1.2.3' })
    expect(archive.locked).toBe(true)
    expect(archive.files).toEqual([
      'Chart.yaml',
      'values.yaml',
      'Chart.lock',
      'templates/x.yaml',
      'charts/b/values.yaml',
    ])
  })
  it('reads long names, of pax and of GNU tar', async () => {
    const long = `a/${'d'.repeat(120)}/${'é'.repeat(90)}.txt`
    const gnu = gnuLongName(`a/${'g'.repeat(200)}`, 'x')
    const tar = readBytes(makeTar([chartYaml, { path: long, content: 'x' }]))
    const archive = await readChartArchive(gzipSync(Buffer.concat([gnu, tar])), 'x')
    expect(archive.files).toEqual(['g'.repeat(200), 'Chart.yaml', long.slice(2)])
  })
  it.each<[string, TarEntry]>([
    ['"a/../../etc/passwd" leads out', { path: 'a/../../etc/passwd', content: 'x' }],
    ['"../Chart.yaml" leads out', { path: '../Chart.yaml', content: 'x' }],
    ['"a\\\\..\\\\x" leads out', { path: 'a\\..\\x', content: 'x' }],
    ['"a//etc/passwd" is an absolute path', { path: 'a//etc/passwd', content: 'x' }],
    ['"a/c:/x" is an absolute path', { path: 'a/c:/x', content: 'x' }],
    ['"README.md" lies outside', { path: 'README.md', content: 'x' }],
    ['"a/link" is a link', { path: 'a/link', type: 'symlink', target: '/etc/passwd' }],
    ['"a/link" is a link', { path: 'a/link', type: 'hardlink', target: 'a/Chart.yaml' }],
  ])('refuses an entry: %s', async (message, entry) => {
    await expect(read(entry)).rejects.toThrow(refusal(message))
  })
  it.each<[string, () => Promise<Uint8Array>]>([
    ['it is a web page', async () => new TextEncoder().encode('<!doctype html><p>sign in')],
    ['it is not compressed by gzip', async () => new TextEncoder().encode('PK\u0003\u0004')],
    ['its compression is damaged or truncated', async () => (await pack([chartYaml])).subarray(0, 60)],
    ['its compression is damaged or truncated', async () => damaged(await pack([chartYaml]))],
    ['it is truncated', async () => gzipSync(readBytes(makeTar([chartYaml])).subarray(0, 520))],
    ['it is no tar, or is damaged', async () => gzipSync(Buffer.alloc(2048, 7))],
    ['there are no files in it', async () => gzipSync(Buffer.alloc(1024))],
    ['it has no Chart.yaml', async () => pack([{ path: 'a/values.yaml', content: '' }])],
    ['it has no Chart.yaml', async () => pack([{ path: 'a/b/Chart.yaml', content: 'name: b\nversion: 1.0.0' }])],
    ['it is not compressed by gzip', async () => new Uint8Array()],
  ])('refuses what is broken: %s', async (message, make) => {
    await expect(readChartArchive(await make(), 'a.tgz')).rejects.toThrow(refusal(message))
  })
  it('stops a decompression bomb at the limit of Helm', async () => {
    const files = Array.from({ length: 21 }, (_, index) => ({
      name: `a/${String(index)}`,
      bytes: new Uint8Array(archiveLimits.file),
    }))
    const bomb = gzipSync(writeTar(files), { level: 1 })
    await expect(readChartArchive(bomb, 'a.tgz')).rejects.toThrow(refusal('unpacks to more than 104857600 bytes'))
  })
  it('refuses a file above the limit of Helm, and one that only claims to be', async () => {
    const large = { name: 'a/x', bytes: new Uint8Array(archiveLimits.file + 1) }
    await expect(readChartArchive(gzipSync(writeTar([large])), 'a.tgz')).rejects.toThrow(
      refusal('5242880 are the limit'),
    )
    const huge = writeTar([{ name: 'a/x', bytes: new Uint8Array(0) }])
    huge.set(Buffer.from('77777777777\0'), 124)
    await expect(readChartArchive(gzipSync(withChecksum(huge)), 'a.tgz')).rejects.toThrow(refusal('are the limit'))
  })
  it('refuses more entries than a chart can have', async () => {
    const files = Array.from({ length: archiveLimits.entries + 1 }, (_, index) => ({
      name: `a/${String(index)}`,
      bytes: new Uint8Array(0),
    }))
    await expect(readChartArchive(gzipSync(writeTar(files)), 'a.tgz')).rejects.toThrow(
      refusal('more than 20000 entries'),
    )
  })
})

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy.fill(0xff, 30, 60)
  return copy
}

function withChecksum(tar: Uint8Array): Uint8Array {
  tar.fill(32, 148, 156)
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  tar.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return tar
}

/** An entry as GNU tar writes it when the name is longer than its field. */
function gnuLongName(name: string, content: string): Uint8Array {
  const longLink = writeTar([{ name: '././@LongLink', bytes: Buffer.from(`${name}\0`) }])
  longLink.set(Buffer.from('L'), 156)
  const file = writeTar([{ name: name.slice(0, 99), bytes: Buffer.from(content) }])
  return Buffer.concat([withChecksum(longLink).subarray(0, 1024), file.subarray(0, 1024)])
}
