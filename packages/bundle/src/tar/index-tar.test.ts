import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { isRopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { collectAll } from '../archive.fixture.js'
import { makeTar, pax, type TarMember } from '../make-tar.fixture.js'
import { bytesAccess } from '../access.js'
import { blockSize, encodeHeader, endOfArchive, padded } from './header.js'
import { indexTar, type TarIndex } from './index-tar.js'

const indexOf = (...members: TarMember[]): Promise<TarIndex> => indexTar(bytesAccess(makeTar(members), 'x.tar'))

async function textOf(tar: TarIndex, path: string): Promise<string | undefined> {
  const file = tar.find(path)
  return file && new TextDecoder().decode(await collectAll(tar.open(file)))
}

describe('indexTar', () => {
  it('finds files of ustar, with prefix, and of v7', async () => {
    const tar = await indexOf(
      { path: 'a', data: 'one' },
      { path: './b/c', data: 'two' },
      { path: 'e', prefix: 'd', data: 'three' },
      { path: 'old', magic: '\0\0\0\0\0\0\0\0', data: 'four' },
      { path: 'folder/', type: '5' },
      { path: 'empty' },
    )
    expect([...tar.files.keys()]).toEqual(['a', 'b/c', 'd/e', 'old', 'empty'])
    expect(await textOf(tar, './b/c')).toBe('two')
    expect(await textOf(tar, 'd/e')).toBe('three')
    expect(await textOf(tar, 'empty')).toBe('')
    expect(tar.find('folder')).toBeUndefined()
    const file = tar.find('d/e')
    expect(file && (await collectAll(tar.open(file, { offset: 1, end: 3 })))).toEqual(new TextEncoder().encode('hr'))
  })

  it('knows long names of GNU and PAX', async () => {
    const long = `blobs/${'x'.repeat(200)}`
    const tar = await indexOf(
      { path: '././@LongLink', type: 'L', data: `${long}1\0`, magic: 'ustar  \0' },
      { path: long, data: 'gnu', magic: 'ustar  \0' },
      pax({ path: `${long}2`, mtime: '1.5' }),
      { path: 'short', data: 'pax' },
      pax({ comment: 'of all' }, 'g'),
      { path: 'after', data: 'plain' },
      { path: '././@LongLink', type: 'K', data: `${long}1\0`, magic: 'ustar  \0' },
      { path: 'link', type: '1', target: long.slice(0, 100), magic: 'ustar  \0' },
      pax({ linkpath: `${long}2` }),
      { path: 'link2', type: '1', target: 'x' },
    )
    expect(await textOf(tar, `${long}1`)).toBe('gnu')
    expect(await textOf(tar, `${long}2`)).toBe('pax')
    expect(await textOf(tar, 'after')).toBe('plain')
    expect(await textOf(tar, 'link')).toBe('gnu')
    expect(await textOf(tar, 'link2')).toBe('pax')
  })

  it('knows sizes of PAX and of base 256', async () => {
    const base256 = `\x80${'\0'.repeat(10)}\x05`
    const tar = await indexOf(
      pax({ size: '5' }),
      { path: 'pax', data: 'hello', size: '00000000000\0' },
      { path: 'gnu', data: 'world', size: base256 },
    )
    expect(await textOf(tar, 'pax')).toBe('hello')
    expect(await textOf(tar, 'gnu')).toBe('world')
  })

  it('reads back what is written here', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,150}(?:\/[a-zé]{1,90})?$/), { maxLength: 5 }),
        fc.nat(2000),
        async (paths, size) => {
          const parts = paths.flatMap((path) => [
            encodeHeader(path, size),
            new Uint8Array(padded(size)).fill(65, 0, size),
          ])
          const tar = await indexTar(bytesAccess(Buffer.concat([...parts, endOfArchive])))
          expect([...tar.files.keys()]).toEqual(paths)
          for (const file of tar.files.values()) expect((await collectAll(tar.open(file))).byteLength).toBe(size)
        },
      ),
    )
  })

  it('follows links within the archive', async () => {
    const tar = await indexOf(
      { path: 'a/layer.tar', data: 'layer' },
      { path: 'b/layer.tar', type: '2', target: '../a/layer.tar' },
      { path: 'c', type: '1', target: 'a/layer.tar' },
      { path: 'd', type: '2', target: 'c' },
      { path: 'dangling', type: '2', target: 'nothing' },
    )
    expect(await textOf(tar, 'b/layer.tar')).toBe('layer')
    expect(await textOf(tar, 'd')).toBe('layer')
    expect(tar.find('dangling')).toBeUndefined()
  })

  it.each([
    ['an absolute path', [{ path: '/etc/passwd', data: 'x' }]],
    ['a path with ..', [{ path: 'a/../../b', data: 'x' }]],
    ['an absolute path from PAX', [pax({ path: '/etc/passwd' }), { path: 'a', data: 'x' }]],
    [
      'a path with .. from GNU',
      [
        { path: 'L', type: 'L', data: '../x\0' },
        { path: 'a', data: 'x' },
      ],
    ],
    ['a folder with ..', [{ path: '../', type: '5' }]],
    ['a symbolic link to an absolute path', [{ path: 'a', type: '2', target: '/etc/passwd' }]],
    ['a symbolic link that leads out', [{ path: 'b/a', type: '2', target: '../../x' }]],
    ['a symbolic link to the folder above', [{ path: 'a', type: '2', target: '..' }]],
    ['a hard link that leads out', [{ path: 'b/a', type: '1', target: '../x' }]],
    ['a link to nothing', [{ path: 'a', type: '2', target: '' }]],
    [
      'a file twice',
      [
        { path: 'a', data: 'x' },
        { path: './a', data: 'y' },
      ],
    ],
    [
      'a file and a link of one name',
      [
        { path: 'a', data: 'x' },
        { path: 'a', type: '2', target: 'b' },
      ],
    ],
    ['a device', [{ path: 'a', type: '3' }]],
    ['a pipe', [{ path: 'a', type: '6' }]],
    ['a sparse file', [{ path: 'a', type: 'S', data: 'x' }]],
    ['a sparse file of PAX', [pax({ 'GNU.sparse.major': '1' }), { path: 'a', data: 'x' }]],
    ['an unknown type', [{ path: 'a', type: 'Z', data: 'x' }]],
    ['no name', [{ path: './', data: 'x' }]],
  ] satisfies [string, TarMember[]][])('refuses %s', async (_, members) => {
    await expect(indexOf(...members)).rejects.toMatchObject({ code: 'TAR_HOSTILE', side: 'source' })
  })

  it('refuses links in a circle when they are followed', async () => {
    const tar = await indexOf({ path: 'a', type: '2', target: 'b' }, { path: 'b', type: '2', target: 'a' })
    expect(() => tar.find('a')).toThrow(expect.objectContaining({ code: 'TAR_HOSTILE' }))
  })

  it('refuses what is too much', async () => {
    const many = makeTar(Array.from({ length: 20 }, (_, index) => ({ path: `f${index}` })))
    await expect(indexTar(bytesAccess(many), { limit: 19 })).rejects.toMatchObject({ code: 'TAR_TOO_LARGE' })
    expect((await indexTar(bytesAccess(many), { limit: 20 })).files.size).toBe(20)
    const huge = { path: 'x', type: 'x', data: new Uint8Array(1024 * 1024 + 1) }
    await expect(indexOf(huge)).rejects.toMatchObject({ code: 'TAR_TOO_LARGE' })
  })

  it('refuses damaged headers', async () => {
    const bytes = makeTar([{ path: 'a', data: 'x' }, { path: 'b' }])
    for (const position of [0, 148, 1024, 1024 + 130]) {
      const damaged = bytes.slice()
      damaged[position] = 0xff
      await expect(indexTar(bytesAccess(damaged))).rejects.toMatchObject({ code: 'TAR_INVALID' })
    }
    await expect(indexOf({ path: 'x', type: 'x', data: '99 path=a\n' })).rejects.toMatchObject({ code: 'TAR_INVALID' })
    await expect(indexOf({ path: 'a', size: '-0000000001\0' })).rejects.toMatchObject({ code: 'TAR_INVALID' })
    const negative = `\xff${'\xff'.repeat(11)}`
    await expect(indexOf({ path: 'a', size: negative })).rejects.toMatchObject({ code: 'TAR_INVALID' })
  })

  it('refuses what ends too early, and names the entry', async () => {
    const bytes = makeTar([{ path: 'a', data: 'x'.repeat(600) }])
    const index = (end: number): Promise<TarIndex> => indexTar(bytesAccess(bytes.subarray(0, end)))
    await expect(index(1111)).rejects.toMatchObject({ code: 'TAR_TRUNCATED', about: 'a' })
    await expect(index(1536)).rejects.toMatchObject({ code: 'TAR_TRUNCATED', about: 'the end of the archive' })
    await expect(indexOf({ path: 'a', size: '77777777777\0' })).rejects.toMatchObject({
      code: 'TAR_TRUNCATED',
      about: 'a',
    })
    expect((await index(1536 + blockSize)).files.size).toBe(1)
  })

  it('says what a file is when it is no tar', async () => {
    const bytes = makeTar([{ path: 'a' }])
    const compressed = (content: Uint8Array): Promise<TarIndex> => indexTar(bytesAccess(content, 'x.tgz'))
    await expect(compressed(gzipSync(bytes))).rejects.toMatchObject({
      code: 'TAR_COMPRESSED',
      hint: 'decompress it first: gunzip x.tgz',
    })
    await expect(compressed(zstdCompressSync(bytes))).rejects.toMatchObject({ code: 'TAR_COMPRESSED' })
    await expect(compressed(new TextEncoder().encode('text '.repeat(200)))).rejects.toMatchObject({
      code: 'TAR_INVALID',
    })
    await expect(compressed(new Uint8Array(3))).rejects.toMatchObject({ code: 'TAR_INVALID' })
    await expect(indexTar('/nowhere/x.tar')).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND' })
  })

  it('throws nothing but its own errors on any bytes', async () => {
    const good = makeTar([
      { path: 'a', data: 'x' },
      pax({ path: 'b' }),
      { path: 'c', data: 'y' },
      { path: 'd', type: '2', target: 'a' },
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(good.byteLength),
        async (changes, end) => {
          const bytes = good.slice(0, end)
          for (const [position, value] of changes) if (position < end) bytes[position] = value
          try {
            const tar = await indexTar(bytesAccess(bytes))
            for (const file of tar.files.values()) await collectAll(tar.open(file))
          } catch (error) {
            expect(isRopewayError(error)).toBe(true)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
