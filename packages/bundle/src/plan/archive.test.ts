import fc from 'fast-check'
import { sha256 } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { collectAll, createMaker, noise, platformFixture, storeContent, type Member } from '../archive.fixture.js'
import { readTar } from '../tiny-tar.fixture.js'
import { planArchive, type Archive } from './archive.js'

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

async function whole(archive: Archive, content = platformFixture().content): Promise<Uint8Array> {
  return collectAll(archive.read({ start: 0, end: archive.size }, content))
}

interface IndexJson {
  readonly manifests: readonly { readonly annotations: Readonly<Record<string, string>> }[]
}
type DockerManifest = readonly {
  readonly Config: string
  readonly RepoTags: readonly string[] | null
  readonly Layers: readonly string[]
}[]
interface ConfigJson {
  readonly architecture: string
  readonly rootfs: { readonly diff_ids: readonly string[] }
}

function jsonAt<Shape>(entries: readonly { path: string; bytes: Uint8Array }[], path: string): Shape {
  return JSON.parse(text(entries.find((entry) => entry.path === path)?.bytes)) as Shape
}

describe('planArchive', () => {
  it('gives a tar that an independent reader understands, metadata first and layers last', async () => {
    const { input, content, store } = platformFixture()
    const archive = planArchive(input)
    const bytes = await whole(archive, content)
    expect(bytes.byteLength).toBe(archive.size)
    const entries = readTar(bytes)
    expect(entries.slice(0, 6).map(({ path }) => path)).toEqual([
      'oci-layout',
      'index.json',
      'manifest.json',
      'artifacts.json',
      'ropeway.json',
      'ropeway.lock',
    ])
    const blobs = entries.slice(6)
    expect(new Set(blobs.map(({ path }) => path)).size).toBe(blobs.length)
    expect(blobs.length).toBe(store.size)
    for (const { path, bytes: content } of blobs) expect(path).toBe(`blobs/${sha256(content).replace(':', '/')}`)
    for (const { type, mode, uid, gid, mtime } of entries) {
      expect({ type, mode, uid, gid, mtime }).toEqual({ type: '0', mode: 0o644, uid: 0, gid: 0, mtime: 0 })
    }
    expect(text(entries[0]?.bytes)).toBe('{"imageLayoutVersion":"1.0.0"}')
    expect(entries[5]?.bytes).toEqual(input.lock)
    expect(archive.entries.map(({ path }) => path)).toEqual(entries.map(({ path }) => path))
  })

  it('orders manifests, configs and layers, each by digest', async () => {
    const { input } = platformFixture()
    const { entries } = planArchive(input)
    const roles = entries.map(({ role }) => role).filter((role, index, all) => role !== all[index - 1])
    expect(roles).toEqual(['metadata', 'manifest', 'config', 'layer'])
    for (const role of ['manifest', 'config', 'layer']) {
      const digests = entries.filter((entry) => entry.role === role).map(({ digest }) => digest)
      expect(digests).toEqual(digests.toSorted())
      expect(digests.length).toBeGreaterThan(1)
    }
  })

  it('is the same, byte for byte, in whatever order artifacts and their parts come', async () => {
    const { input, content } = platformFixture()
    const expected = await whole(planArchive(input), content)
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (random) => {
        const shuffled = <Item>(items: readonly Item[]): Item[] =>
          items
            .map((item) => ({ item, key: random.next().value }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item)
        const artifacts = shuffled(input.artifacts).map((artifact) => ({
          ...artifact,
          manifests: shuffled(artifact.manifests),
          blobs: shuffled(artifact.blobs),
          referrers: shuffled(artifact.referrers),
        }))
        const archive = planArchive({ ...input, artifacts, manifests: new Map(shuffled([...input.manifests])) })
        expect(Buffer.compare(await whole(archive, content), expected)).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  it('covers every byte once with fixed bytes and blobs', () => {
    const archive = planArchive(platformFixture().input)
    const stretches = [
      ...archive.fixed.map(({ offset, bytes }) => ({ offset, size: bytes.byteLength })),
      ...archive.blobs.values(),
    ].sort((a, b) => a.offset - b.offset)
    let position = 0
    for (const { offset, size } of stretches) {
      expect(offset).toBe(position)
      position += size
    }
    expect(position).toBe(archive.size)
    const offsets = [...archive.blobs.values()].map(({ offset }) => offset)
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
  })

  it('reads any range as the same stretch of the whole', async () => {
    const { input, content } = platformFixture()
    const archive = planArchive(input)
    const bytes = await whole(archive, content)
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.size), fc.nat(archive.size), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)]
        const part = await collectAll(archive.read({ start, end }, content))
        expect(Buffer.compare(part, bytes.subarray(start, end))).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses content that gives more or fewer bytes than asked for', async () => {
    const { input, store } = platformFixture()
    const archive = planArchive(input)
    for (const change of [
      (bytes: Uint8Array) => bytes.subarray(1),
      (bytes: Uint8Array) => noise(bytes.length + 1, 9),
    ]) {
      const content = storeContent(new Map([...store].map(([digest, bytes]) => [digest, change(bytes)])))
      const unbounded = { open: (d: { digest: string }) => content.open({ ...d, mediaType: '', size: 1e9 }) }
      await expect(whole(archive, unbounded)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' })
    }
  })

  it('has an identity that changes with the lock and not with anything else', () => {
    const first = planArchive(platformFixture().input)
    const again = planArchive(platformFixture((members) => members.toReversed()).input)
    const other = planArchive(platformFixture((members) => members.slice(1)).input)
    expect(again.identity).toBe(first.identity)
    expect(other.identity).not.toBe(first.identity)
    const block = first.fixed[0]?.bytes.subarray(0, first.blobSection)
    expect(first.identity).toBe(sha256(block ?? new Uint8Array()))
  })

  it('names in index.json only images, once for each name, and their referrers without a name', async () => {
    const { input } = platformFixture()
    const entries = readTar(await whole(planArchive(input)))
    const { manifests } = jsonAt<IndexJson>(entries, 'index.json')
    const names = manifests.map(({ annotations }) => annotations['org.opencontainers.image.ref.name']).filter(Boolean)
    const db = input.artifacts.find(({ name }) => name.includes('db'))?.root.digest
    const arm = input.artifacts.find(({ name }) => name.includes('arm'))?.root.digest
    expect(names).toEqual([
      `harbor.corp:5000/mirror/app/arm@${arm}`,
      'harbor.corp:5000/mirror/app/db:2',
      `harbor.corp:5000/mirror/app/db@${db}`,
      'harbor.corp:5000/mirror/app/web:1.2.3',
      'harbor.corp:5000/mirror/app/web:stable',
    ])
    for (const { annotations } of manifests.slice(0, 5)) {
      expect(annotations['io.containerd.image.name']).toBe(annotations['org.opencontainers.image.ref.name'])
    }
    const web = input.artifacts.find(({ name }) => name.includes('web'))?.root.digest
    expect(manifests.slice(5).map(({ annotations }) => annotations)).toEqual([
      { 'io.containerd.manifest.subject': web },
      { 'io.containerd.manifest.subject': web },
    ])
  })

  it('names everything else in artifacts.json, with kind, name and version', async () => {
    const { input } = platformFixture()
    const { manifests } = jsonAt<IndexJson>(readTar(await whole(planArchive(input))), 'artifacts.json')
    expect(manifests.map(({ annotations }) => annotations)).toEqual([
      {
        'vnd.ropeway.kind': 'chart',
        'vnd.ropeway.name': 'podinfo',
        'vnd.ropeway.version': '6.7.1',
        'org.opencontainers.image.ref.name': 'harbor.corp:5000/mirror/podinfo:6.7.1',
      },
      {
        'vnd.ropeway.kind': 'file',
        'vnd.ropeway.name': 'install.sh',
        'org.opencontainers.image.ref.name': 'harbor.corp:5000/platform/install.sh:1.4.74',
      },
      { 'io.containerd.manifest.subject': input.artifacts.find(({ kind }) => kind === 'chart')?.root.digest },
    ])
  })

  it('writes one platform of each runnable image into manifest.json, digest-only images without tags', async () => {
    const entries = readTar(await whole(planArchive(platformFixture().input)))
    const images = jsonAt<DockerManifest>(entries, 'manifest.json')
    expect(images.map((image) => image.RepoTags)).toEqual([
      null,
      ['harbor.corp:5000/mirror/app/db:2'],
      ['harbor.corp:5000/mirror/app/web:1.2.3', 'harbor.corp:5000/mirror/app/web:stable'],
    ])
    const architectures = images.map((image) => jsonAt<ConfigJson>(entries, image.Config).architecture)
    expect(architectures).toEqual(['arm64', 'amd64', 'amd64'])
    for (const image of images) {
      expect(image.Layers.length).toBe(jsonAt<ConfigJson>(entries, image.Config).rootfs.diff_ids.length)
      for (const path of image.Layers) expect(entries.some((entry) => entry.path === path)).toBe(true)
    }
  })

  it('takes the first selected platform for docker, and leaves out images that are not whole', async () => {
    const maker = createMaker()
    const foreign = {
      ...maker.blob('windows', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'),
      urls: ['https://x'],
    }
    const windows = maker.image([foreign], 'windows', 'amd64')
    const both = maker.index([
      { tree: maker.image([maker.layer('a')]), platform: 'linux/amd64' },
      { tree: maker.image([maker.layer('b')], 'linux', 'arm64'), platform: 'linux/arm64' },
    ])
    const member = (name: string, tree: Member['tree']): Member => ({ kind: 'image', name, destinations: [name], tree })
    const { input, content } = maker.build(
      [
        member('registry.example/windows:1', { ...windows, blobs: windows.blobs.filter((blob) => blob !== foreign) }),
        member('registry.example/both:1', both),
      ],
      ['linux/arm64', 'linux/amd64'],
    )
    const entries = readTar(await whole(planArchive(input), content))
    const images = jsonAt<DockerManifest>(entries, 'manifest.json')
    expect(images.length).toBe(1)
    expect(jsonAt<ConfigJson>(entries, images[0]?.Config ?? '').architecture).toBe('arm64')
  })

  it('gives empty lists for a chain without anything', async () => {
    const { input, content } = createMaker().build([])
    const entries = readTar(await whole(planArchive(input), content))
    expect(entries.length).toBe(6)
    expect(jsonAt<DockerManifest>(entries, 'manifest.json')).toEqual([])
    expect(jsonAt<IndexJson>(entries, 'index.json').manifests).toEqual([])
    expect(jsonAt<IndexJson>(entries, 'artifacts.json').manifests).toEqual([])
  })

  it('writes PAX headers for paths of sha512, and can carry empty blobs', async () => {
    const maker = createMaker()
    const digest = `sha512:${'ab'.repeat(64)}`
    maker.store.set(digest, noise(600, 5))
    const tree = maker.image([{ mediaType: 'x', digest, size: 600 }, maker.layer('')])
    const { input, content } = maker.build([{ kind: 'image', name: 'a', destinations: ['r.example/a:1'], tree }])
    const entries = readTar(await whole(planArchive(input), content))
    expect(entries.find(({ path }) => path === `blobs/sha512/${'ab'.repeat(64)}`)?.bytes).toEqual(noise(600, 5))
    expect(entries.some(({ bytes }) => bytes.byteLength === 0)).toBe(true)
  })

  it('lays out blobs of more than 8 GiB exactly', () => {
    const maker = createMaker()
    const huge = { mediaType: 'x', digest: `sha256:${'a'.repeat(64)}`, size: 8 * 1024 ** 3 }
    const almost = { mediaType: 'x', digest: `sha256:${'b'.repeat(64)}`, size: 8 * 1024 ** 3 - 1 }
    const tree = maker.image([huge, almost])
    const { input } = maker.build([{ kind: 'image', name: 'a', destinations: ['r.example/a:1'], tree }])
    const archive = planArchive(input)
    const first = archive.blobs.get(huge.digest)
    const second = archive.blobs.get(almost.digest)
    // After the first: no padding, then one plain header.
    expect(second?.offset).toBe((first?.offset ?? 0) + huge.size + 512)
    expect(archive.size).toBe((second?.offset ?? 0) + almost.size + 1 + 1024)
    const header = archive.fixed[1]?.bytes.subarray(-1536)
    expect(text(header?.subarray(512, 530))).toBe('19 size=8589934592')
    expect(text(header?.subarray(1024 + 124, 1024 + 135))).toBe('00000000000')
    const plain = archive.fixed[2]?.bytes
    expect(text(plain?.subarray(124, 135))).toBe('77777777777')
  })

  it('refuses one digest with two sizes, and names it', () => {
    const { input } = platformFixture()
    const artifacts = input.artifacts.map((artifact, index) =>
      index === 0 ? { ...artifact, blobs: artifact.blobs.map((blob) => ({ ...blob, size: blob.size + 1 })) } : artifact,
    )
    expect(() => planArchive({ ...input, artifacts })).toThrow(expect.objectContaining({ code: 'BLOB_SIZE_CONFLICT' }))
  })

  it('refuses a lock that is not that of the artifacts', () => {
    const { input } = platformFixture()
    const refused = (change: Partial<typeof input>): void =>
      expect(() => planArchive({ ...input, ...change })).toThrow(
        expect.objectContaining({ code: 'BUNDLE_LOCK_MISMATCH', side: 'internal' }),
      )
    refused({ artifacts: input.artifacts.slice(1) })
    refused({ artifacts: input.artifacts.map((artifact) => ({ ...artifact, id: `${artifact.id}x` })) })
    refused({ artifacts: input.artifacts.map((artifact) => ({ ...artifact, manifests: [] })) })
    refused({ chain: { name: 'other', version: '1' } })
    refused({ lock: new TextEncoder().encode('{}') })
    refused({ lock: new TextEncoder().encode('no json') })
    refused({ lock: new TextEncoder().encode('{"lockVersion":2}') })
  })

  it('refuses manifests that are missing or not what their digest says', () => {
    const { input } = platformFixture()
    expect(() => planArchive({ ...input, manifests: new Map() })).toThrow(
      expect.objectContaining({ code: 'BUNDLE_MANIFEST_MISSING' }),
    )
    const damaged = new Map([...input.manifests].map(([digest, bytes]) => [digest, noise(bytes.byteLength, 3)]))
    expect(() => planArchive({ ...input, manifests: damaged })).toThrow(
      expect.objectContaining({ code: 'DIGEST_MISMATCH' }),
    )
  })
})
