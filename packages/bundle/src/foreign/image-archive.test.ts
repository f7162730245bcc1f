import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Descriptor } from '@ropeway/core'
import { cosignTags, encodeManifest, fallbackTag, mediaTypes, sha256, walkGraph } from '@ropeway/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectAll, createMaker, noise, platformFixture } from '../archive.fixture.js'
import { makeTar, type TarMember } from '../make-tar.fixture.js'
import { bytesAccess } from '../access.js'
import { planArchive } from '../plan/archive.js'
import { indexTar } from '../tar/index-tar.js'
import { openDockerArchive } from './docker-archive.js'
import { openImageArchive, type ImageArchive } from './image-archive.js'
import { openLayout } from './layout.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-foreign-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** All content of an archive can be read and is what its digests say. */
async function readAll(archive: ImageArchive): Promise<number> {
  let blobs = 0
  for (const { descriptor } of archive.roots) {
    const read = (one: Descriptor): Promise<Uint8Array> => collectAll(archive.content.open(one))
    const graph = await walkGraph(descriptor, read)
    for (const blob of graph.blobs) {
      expect(sha256(await read(blob))).toBe(blob.digest)
      blobs++
    }
  }
  return blobs
}

describe('openLayout', () => {
  const maker = createMaker()
  const web = maker.image([maker.layer(noise(3000, 1)), maker.layer(noise(10, 2))])
  const db = maker.image([maker.layer(noise(99, 3))], 'linux', 'arm64')
  const signature = maker.artifact('application/vnd.dev.sigstore.bundle.v0.3+json', 'signed', web.root)
  const sbom = maker.artifact('application/spdx+json', 'sbom')
  const cosign = maker.image([maker.blob('{}', 'application/vnd.dev.cosign.simplesigning.v1+json')])
  const fallback = maker.index([{ tree: sbom }])
  const layout = (manifests: readonly object[]): Record<string, Uint8Array | string> => ({
    'oci-layout': '{"imageLayoutVersion": "1.0.0"}',
    'index.json': JSON.stringify({ schemaVersion: 2, manifests }),
    ...Object.fromEntries([...maker.store].map(([digest, bytes]) => [`blobs/${digest.replace(':', '/')}`, bytes])),
  })
  const named = (root: Descriptor, annotations: Record<string, string>) => ({ ...root, annotations })
  const files = layout([
    named(web.root, { 'org.opencontainers.image.ref.name': '1.2.3' }),
    named(web.root, {
      'io.containerd.image.name': 'docker.io/acme/web:1.2.3',
      'org.opencontainers.image.ref.name': '1.2.3',
    }),
    db.root,
    signature.root,
    named(cosign.root, { 'org.opencontainers.image.ref.name': cosignTags(web.root.digest).sig }),
    named(fallback.root, { 'org.opencontainers.image.ref.name': fallbackTag(db.root.digest) }),
  ])

  async function write(name: string, content: Record<string, Uint8Array | string>): Promise<string> {
    for (const [path, bytes] of Object.entries(content)) {
      const file = join(folder, name, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes)
    }
    return join(folder, name)
  }
  const tarOf = (content: Record<string, Uint8Array | string>): Uint8Array =>
    makeTar(Object.entries(content).map(([path, data]) => ({ path: `./${path}`, data })))

  it('reads a folder and a tar alike', async () => {
    const path = join(folder, 'layout.tar')
    await writeFile(path, tarOf(files))
    for (const archive of [await openImageArchive(await write('layout', files)), await openImageArchive(path)]) {
      expect(archive.type).toBe('layout')
      expect(archive.roots).toEqual([
        { descriptor: web.root, names: ['1.2.3', 'docker.io/acme/web:1.2.3'] },
        { descriptor: db.root, names: [] },
      ])
      expect(await readAll(archive)).toBe(5)
      const part = await collectAll(archive.content.open(web.root, { offset: 2, end: 5 }))
      expect(part).toEqual(maker.store.get(web.root.digest)?.subarray(2, 5))
      await archive.close()
    }
  })

  it('keeps referrers apart from what they refer to', async () => {
    const archive = await openLayout(await indexTar(bytesAccess(tarOf(files))))
    expect(await archive.content.referrers?.(web.root)).toEqual([
      { descriptor: signature.root, subject: web.root.digest },
      { descriptor: cosign.root, subject: web.root.digest, tag: cosignTags(web.root.digest).sig },
    ])
    expect(await archive.content.referrers?.(db.root)).toEqual([{ descriptor: sbom.root, subject: db.root.digest }])
    expect(await archive.content.referrers?.(sbom.root)).toEqual([])
  })

  it('knows referrers by the annotation of containerd, and keeps what has a name of its own', async () => {
    const content = layout([
      named(web.root, { 'org.opencontainers.image.ref.name': 'web:1' }),
      named(sbom.root, { 'io.containerd.manifest.subject': web.root.digest }),
      named(signature.root, { 'org.opencontainers.image.ref.name': 'signature' }),
    ])
    const archive = await openLayout(await indexTar(bytesAccess(tarOf(content))))
    expect(archive.roots.map(({ names }) => names)).toEqual([['web:1'], ['signature']])
    const referrers = await archive.content.referrers?.(web.root)
    expect(referrers?.map(({ descriptor }) => descriptor.digest)).toEqual([sbom.root.digest, signature.root.digest])
  })

  it('reads a bundle of our own', async () => {
    const { input, content } = platformFixture()
    const archive = planArchive(input)
    const path = join(folder, 'bundle.tar')
    await writeFile(path, await collectAll(archive.read({ start: 0, end: archive.size }, content)))
    const layout = await openImageArchive(path)
    expect(layout.roots.flatMap(({ names }) => names).length).toBe(5)
    expect(await readAll(layout)).toBeGreaterThan(5)
  })

  it('refuses what is no layout, or a damaged one', async () => {
    const open = async (change: Record<string, Uint8Array | string | undefined>): Promise<unknown> => {
      const entries = Object.entries({ ...files, ...change }).filter(([, bytes]) => bytes !== undefined)
      return openLayout(await indexTar(bytesAccess(tarOf(Object.fromEntries(entries) as typeof files))))
    }
    await expect(open({ 'oci-layout': undefined })).rejects.toMatchObject({ code: 'LAYOUT_INVALID' })
    await expect(open({ 'oci-layout': '{"imageLayoutVersion":"2.0.0"}' })).rejects.toMatchObject({
      code: 'LAYOUT_INVALID',
    })
    await expect(open({ 'index.json': undefined })).rejects.toMatchObject({ code: 'LAYOUT_INVALID' })
    await expect(open({ 'index.json': '[]' })).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
    await expect(open({ 'index.json': 'x'.repeat(5e6) })).rejects.toMatchObject({ code: 'CONTENT_TOO_LARGE' })
    const manifest = `blobs/${web.root.digest.replace(':', '/')}`
    await expect(open({ [manifest]: undefined })).rejects.toMatchObject({ code: 'LAYOUT_BLOB_MISSING' })
    await expect(open({ [manifest]: 'short' })).rejects.toMatchObject({ code: 'SIZE_MISMATCH' })
    await expect(open({ [manifest]: noise(web.root.size, 1) })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    const hostile = JSON.stringify({
      schemaVersion: 2,
      manifests: [{ ...web.root, digest: 'sha256:../../../etc/passwd' }],
    })
    await expect(open({ 'index.json': hostile })).rejects.toMatchObject({ code: 'DIGEST_INVALID' })
    await expect(openImageArchive(folder)).rejects.toMatchObject({ code: 'LAYOUT_INVALID' })
    await expect(openImageArchive(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND' })
    const other = join(folder, 'other.tar')
    await writeFile(other, makeTar([{ path: 'README' }]))
    await expect(openImageArchive(other)).rejects.toMatchObject({ code: 'LAYOUT_INVALID' })
  })
})

describe('openDockerArchive', () => {
  const plain = makeTar([{ path: 'etc/os', data: 'linux' }])
  const second = makeTar([{ path: 'app', data: noise(2000, 5) }])
  const zipped = gzipSync(second)
  const config = (diffIds: readonly unknown[]): string =>
    JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: diffIds } })
  const web = config([sha256(plain), sha256(second)])
  const members: TarMember[] = [
    { path: 'aaa/', type: '5' },
    { path: 'aaa/layer.tar', data: plain },
    { path: 'bbb/layer.tar', data: zipped },
    { path: 'ccc/layer.tar', type: '2', target: '../aaa/layer.tar' },
    { path: 'web.json', data: web },
    { path: 'db.json', data: config([sha256(plain)]) },
    {
      path: 'manifest.json',
      data: JSON.stringify([
        { Config: 'web.json', RepoTags: ['acme/web:1', 'acme/web:latest'], Layers: ['aaa/layer.tar', 'bbb/layer.tar'] },
        { Config: 'db.json', RepoTags: null, Layers: ['ccc/layer.tar'] },
        { Config: 'db.json', RepoTags: ['db:2'], Layers: ['aaa/layer.tar'] },
      ]),
    },
  ]
  const open = async (changed: readonly TarMember[], options = {}): Promise<ImageArchive> => {
    const paths = new Set(changed.map(({ path }) => path))
    const all = [...members.filter(({ path }) => !paths.has(path)), ...changed]
    return openDockerArchive(await indexTar(bytesAccess(makeTar(all), 'x.tar')), options)
  }

  it('makes a manifest of config and layers as they are', async () => {
    const archive = await open([])
    const expected = encodeManifest(
      {
        schemaVersion: 2,
        mediaType: mediaTypes.dockerManifest,
        config: { mediaType: mediaTypes.dockerConfig, size: web.length, digest: sha256(web) },
        layers: [
          { mediaType: mediaTypes.dockerLayer, size: plain.byteLength, digest: sha256(plain) },
          { mediaType: mediaTypes.dockerLayerGzip, size: zipped.byteLength, digest: sha256(zipped) },
        ],
      },
      mediaTypes.dockerManifest,
    )
    expect(archive.roots).toEqual([
      { descriptor: expected.descriptor, names: ['acme/web:1', 'acme/web:latest'] },
      { descriptor: expect.objectContaining({ mediaType: mediaTypes.dockerManifest }), names: ['db:2'] },
    ])
    expect(await readAll(archive)).toBe(5)
  })

  it('goes by known digests when it is opened again', async () => {
    const first = await open([])
    const known = new Map([...(first.digests ?? [])].map(([path]) => [path, `sha256:${'0'.repeat(64)}`]))
    const again = await open([], { digests: first.digests })
    expect(again.roots).toEqual(first.roots)
    expect((await open([], { digests: known })).roots).not.toEqual(first.roots)
  })

  it.each([
    ['no list of images', [{ path: 'manifest.json', data: '{}' }]],
    ['no JSON', [{ path: 'manifest.json', data: 'x' }]],
    ['a config that is missing', [{ path: 'manifest.json', data: '[{"Config":"x","Layers":[]}]' }]],
    ['a layer that is missing', [{ path: 'aaa/layer.tar', type: '5' }]],
    ['a layer that was changed', [{ path: 'aaa/layer.tar', data: second }]],
    ['a compressed layer that was changed', [{ path: 'bbb/layer.tar', data: gzipSync(plain) }]],
    ['a compressed layer that is damaged', [{ path: 'bbb/layer.tar', data: zipped.subarray(0, 500) }]],
    [
      'a layer compressed with something else',
      [{ path: 'bbb/layer.tar', data: new Uint8Array([0x28, 0xb5, 0x2f, 0xfd]) }],
    ],
    ['fewer layers than the config', [{ path: 'web.json', data: config([sha256(plain)]) }]],
    ['a config that is none', [{ path: 'web.json', data: '{"rootfs":7}' }]],
    ['a config that is no JSON', [{ path: 'web.json', data: '{' }]],
    ['a diff id that is none', [{ path: 'db.json', data: config(['sha256:1']) }]],
    ['one layer with two diff ids', [{ path: 'db.json', data: config([sha256(second)]) }]],
  ] satisfies [string, TarMember[]][])('refuses %s', async (_, changed) => {
    await expect(open(changed)).rejects.toMatchObject({ code: 'DOCKER_ARCHIVE_INVALID', side: 'source' })
  })

  it('is not a docker archive without manifest.json', async () => {
    const tar = await indexTar(bytesAccess(makeTar([{ path: 'repositories', data: '{}' }])))
    await expect(openDockerArchive(tar)).rejects.toMatchObject({ code: 'DOCKER_ARCHIVE_INVALID' })
  })

  it('says what it does not hold', async () => {
    const { content } = await open([])
    const absent = { mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1 }
    await expect(collectAll(content.open(absent))).rejects.toMatchObject({ code: 'LAYOUT_BLOB_MISSING' })
  })

  it('stops when it is aborted', async () => {
    await expect(open([], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })
})
