import type { Descriptor } from '@ropeway/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeManifest, isManifestType, mediaTypes, sha256, walkGraph, type ReadDescriptor } from './index.js'

interface Store {
  readonly read: ReadDescriptor
  readonly reads: string[]
  put(value: object, mediaType: string): Descriptor
}

function store(): Store {
  const contents = new Map<string, Uint8Array>()
  const reads: string[] = []
  return {
    reads,
    put(value, mediaType) {
      const { bytes, descriptor } = encodeManifest(value, mediaType)
      contents.set(descriptor.digest, bytes)
      return descriptor
    },
    read: async ({ digest }) => {
      reads.push(digest)
      return contents.get(digest) ?? new Uint8Array()
    },
  }
}

const layer = (name: string): Descriptor => ({ mediaType: mediaTypes.ociLayerGzip, digest: sha256(name), size: 10 })
const config = (name: string): Descriptor => ({ mediaType: mediaTypes.ociConfig, digest: sha256(name), size: 10 })

function image(into: Store, name: string, layers: readonly Descriptor[]): Descriptor {
  return into.put(
    { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: config(name), layers },
    mediaTypes.ociManifest,
  )
}

function index(into: Store, manifests: readonly Descriptor[]): Descriptor {
  return into.put({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, mediaTypes.ociIndex)
}

describe('walkGraph', () => {
  it('gives children before parents and every manifest and blob once', async () => {
    const at = store()
    const one = image(at, 'one', [layer('shared'), layer('a')])
    const two = image(at, 'two', [layer('shared'), layer('b'), layer('b')])
    const nested = index(at, [two, one])
    const root = index(at, [one, nested, one])
    const graph = await walkGraph(root, at.read)
    expect(graph.manifests).toEqual([one, two, nested, root])
    expect(graph.blobs).toEqual([config('one'), layer('shared'), layer('a'), config('two'), layer('b')])
    expect(graph.foreign).toEqual([])
    expect([...graph.bytes.keys()].sort()).toEqual([one, two, nested, root].map(({ digest }) => digest).sort())
    expect(graph.parsed.get(root.digest)?.type).toBe('index')
    expect(at.reads).toHaveLength(4)
  })

  it('keeps foreign layers apart', async () => {
    const at = store()
    const foreign = { ...layer('f'), mediaType: mediaTypes.dockerForeignLayerGzip, urls: ['https://example.test/f'] }
    const graph = await walkGraph(image(at, 'win', [foreign, layer('a')]), at.read)
    expect(graph.foreign).toEqual([foreign])
    expect(graph.blobs).toEqual([config('win'), layer('a')])
  })

  it('uses the data of a descriptor in place of reading', async () => {
    const at = store()
    const child = image(at, 'one', [])
    const data = Buffer.from(await at.read(child)).toString('base64')
    at.reads.length = 0
    const root = index(at, [{ ...child, data }])
    await walkGraph(root, at.read)
    expect(at.reads).toEqual([root.digest])
  })

  it('refuses bytes that are not those of the digest', async () => {
    const at = store()
    const root = image(at, 'one', [])
    const other = encodeManifest({ schemaVersion: 2, other: 'x'.repeat(root.size) }, mediaTypes.ociManifest)
    await expect(walkGraph(root, async () => other.bytes.subarray(0, root.size))).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    })
    await expect(walkGraph(root, async () => other.bytes)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' })
  })

  it('refuses a manifest of more than 4 MiB before it is read', async () => {
    const at = store()
    const root = { ...image(at, 'one', []), size: 5 * 1024 * 1024 }
    await expect(walkGraph(root, at.read, { about: 'app:1' })).rejects.toMatchObject({ code: 'CONTENT_TOO_LARGE' })
    expect(at.reads).toEqual([])
  })

  it('refuses trees that are too deep or too wide', async () => {
    const at = store()
    let deep = image(at, 'one', [])
    for (let level = 0; level < 9; level++) deep = index(at, [deep])
    await expect(walkGraph(deep, at.read)).rejects.toMatchObject({ code: 'GRAPH_TOO_LARGE' })
    const wide = index(
      at,
      ['a', 'b', 'c'].map((name) => image(at, name, [])),
    )
    await expect(walkGraph(wide, at.read, { limit: 3 })).rejects.toMatchObject({ code: 'GRAPH_TOO_LARGE' })
    await expect(walkGraph(wide, at.read, { limit: 4 })).resolves.toBeDefined()
  })

  it('refuses indexes whose manifests together would fill the memory', async () => {
    const at = store()
    const child = (name: string): Descriptor => ({
      ...config(name),
      mediaType: mediaTypes.ociManifest,
      size: 4_000_000,
    })
    const root = index(
      at,
      Array.from({ length: 100 }, (_, i) => child(String(i))),
    )
    await expect(walkGraph(root, at.read)).rejects.toMatchObject({ code: 'GRAPH_TOO_LARGE' })
    expect(at.reads).toEqual([root.digest])
  })

  it('refuses one digest with two sizes', async () => {
    const at = store()
    const root = image(at, 'one', [layer('a'), { ...layer('a'), size: 11 }])
    await expect(walkGraph(root, at.read)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
  })

  it('refuses a child that is another kind of document than its descriptor says', async () => {
    const at = store()
    const child = image(at, 'one', [])
    const root = index(at, [{ ...child, mediaType: mediaTypes.ociIndex }])
    await expect(walkGraph(root, at.read, { about: 'app:1' })).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      about: `app:1 (${child.digest})`,
    })
  })

  it('orders any tree so that nothing comes before what it names', async () => {
    const shape = fc.array(fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(shape, async (levels) => {
        const at = store()
        const made: Descriptor[] = [image(at, 'base', [layer('base')])]
        for (const picks of levels) {
          made.push(
            index(
              at,
              picks.map((pick) => made[pick % made.length]).filter((child) => child !== undefined),
            ),
          )
        }
        const root = made[made.length - 1]
        if (root === undefined) return
        const { manifests, parsed } = await walkGraph(root, at.read)
        const position = new Map(manifests.map(({ digest }, i) => [digest, i]))
        expect(position.size).toBe(manifests.length)
        expect(manifests[manifests.length - 1]).toEqual(root)
        for (const { digest } of manifests) {
          const manifest = parsed.get(digest)
          if (manifest?.type !== 'index') continue
          for (const child of manifest.manifests.filter(({ mediaType }) => isManifestType(mediaType))) {
            expect(position.get(child.digest)).toBeLessThan(position.get(digest) ?? -1)
          }
        }
      }),
    )
  })
})
