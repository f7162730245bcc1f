import { collect, sha256 } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { sampleBytes, sampleImage, sampleIndex, signed } from '../suites/samples.js'
import { countedContent, memoryContent } from './bytes-content.js'
import { fakeContext } from './fake-context.js'
import { memoryRegistry } from './memory-registry.js'

const encode = (text: string) => new TextEncoder().encode(text)

function stream(...chunks: readonly Uint8Array[]) {
  return async function* () {
    yield* chunks
  }
}

function filled() {
  const registry = memoryRegistry('registry.test')
  const tree = signed(sampleIndex(1), 1)
  registry.seed('team/app', {
    blobs: tree.blobs.map(({ bytes }) => bytes),
    manifests: tree.manifests,
    tags: { '1': tree.root.digest },
  })
  for (const { tag, descriptor } of tree.referrers) {
    if (tag !== undefined) registry.repository('team/app').tags.set(tag, descriptor.digest)
  }
  return { registry, tree, client: registry.client('source') }
}

describe('memoryRegistry', () => {
  it('finds manifests by tag and by digest, and blobs in any range', async () => {
    const { tree, client } = filled()
    expect((await client.manifest('team/app', '1')).descriptor).toEqual(tree.root)
    expect(await client.find('team/app', tree.root.digest)).toEqual(tree.root)
    expect(await client.find('team/app', '2')).toBeUndefined()
    const [blob] = tree.blobs
    if (blob === undefined) throw new Error('the sample has no blob')
    const range = await collect(client.blob('team/app', blob.descriptor, { offset: 10, end: 20 }), 100)
    expect([...range]).toEqual([...blob.bytes.subarray(10, 20)])
  })
  it('tells near tags for one that it does not have', async () => {
    await expect(filled().client.manifest('team/app', '9')).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      side: 'source',
      hint: expect.stringContaining('1') as unknown,
    })
  })
  it('tells referrers by their subject and by their tag', async () => {
    const { tree, client } = filled()
    const found = await client.referrers('team/app', tree.root.digest)
    expect(found.map(({ descriptor }) => descriptor.digest).sort()).toEqual(
      tree.referrers.map(({ descriptor }) => descriptor.digest).sort(),
    )
  })
  it('refuses a manifest whose blobs it does not have', async () => {
    const { root, manifests } = sampleImage(5)
    const [manifest] = manifests
    if (manifest === undefined) throw new Error('the sample has no manifest')
    const registry = memoryRegistry('registry.test')
    await expect(registry.client('sink').pushManifest('a', '1', manifest)).rejects.toMatchObject({
      code: 'REFERRED_MISSING',
    })
    expect(registry.repository('a').manifests.has(root.digest)).toBe(false)
  })
  it('refuses bytes that are not those of the descriptor', async () => {
    const registry = memoryRegistry('registry.test')
    const descriptor = { mediaType: 'text/plain', digest: sha256(encode('right')), size: 5 }
    const push = registry.client('sink').pushBlob('a', descriptor, stream(encode('wrong')))
    await expect(push).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    expect(registry.repository('a').blobs.size).toBe(0)
  })
  it('mounts what another repository has, unless it refuses to', async () => {
    for (const mounts of [true, false]) {
      const registry = memoryRegistry('registry.test', { mounts })
      registry.seed('from', { blobs: [encode('blob')] })
      const descriptor = { mediaType: 'text/plain', digest: sha256(encode('blob')), size: 4 }
      const outcome = await registry
        .client('sink')
        .pushBlob('to', descriptor, stream(encode('blob')), { mountFrom: 'from' })
      expect(outcome).toBe(mounts ? 'mounted' : 'sent')
      expect(await registry.client('sink').mount('other', descriptor, 'from')).toBe(mounts)
      expect(registry.repository('to').blobs.has(descriptor.digest)).toBe(true)
    }
  })
  it('refuses everything when it is told to', async () => {
    const { client } = memoryRegistry('registry.test', { unauthorized: true })
    await expect(client('sink').check('a', 'push')).rejects.toMatchObject({ code: 'SINK_UNAUTHORIZED', side: 'sink' })
  })
  it('stops with the signal of the run', async () => {
    const { registry } = filled()
    await expect(registry.client('source', AbortSignal.abort()).has('team/app', sampleImage(1).root)).rejects.toThrow()
  })
})

describe('fakeContext', () => {
  it('answers requests with what the test says, and 404 to the rest', async () => {
    const { http } = fakeContext({
      http: ({ url }) => (url === 'https://a.test/x' ? { body: 'text', headers: { etag: '1' } } : undefined),
    })
    const found = await http.request({ url: 'https://a.test/x' })
    expect([found.status, found.headers['etag'], new TextDecoder().decode(await collect(found.body, 10))]).toEqual([
      200,
      '1',
      'text',
    ])
    expect((await http.request({ url: 'https://a.test/y' })).status).toBe(404)
  })
  it('downloads ranges, and throws for what is not there', async () => {
    const { http } = fakeContext({ http: ({ url }) => (url.endsWith('/x') ? { body: '0123456789' } : undefined) })
    const range = await collect(http.download({ url: 'https://a.test/x', offset: 2, end: 5 }), 10)
    expect(new TextDecoder().decode(range)).toBe('234')
    await expect(collect(http.download({ url: 'https://a.test/y?token=secret' }), 10)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: 'https://a.test/y does not exist',
    })
  })
  it('keeps nothing in its cache that is not what it should be', async () => {
    const { cache } = fakeContext()
    const descriptor = { mediaType: 'text/plain', digest: sha256(encode('right')), size: 5 }
    await expect(cache.fetch(descriptor, stream(encode('wrong')))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    await expect(cache.write(descriptor.digest, encode('wrong'))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    expect(await cache.read(descriptor.digest)).toBeUndefined()
    expect(new TextDecoder().decode(await cache.fetch(descriptor, stream(encode('right'))))).toBe('right')
    expect(await cache.read(descriptor.digest)).toBeDefined()
  })
  it('keeps copies in its state, for further contexts over the same map', async () => {
    const state = new Map()
    const value = { parts: [1] }
    await fakeContext({ state }).state.set('upload', value)
    value.parts.push(2)
    expect(await fakeContext({ state }).state.get('upload')).toEqual({ parts: [1] })
    await fakeContext({ state }).state.delete('upload')
    expect(await fakeContext({ state }).state.get('upload')).toBeUndefined()
  })
  it('remembers events and warnings', () => {
    const context = fakeContext()
    context.emit({ type: 'log', level: 'info', message: 'hello' })
    context.log.warn({ code: 'ODD', message: 'odd' })
    expect([context.events.length, context.warnings]).toEqual([1, [{ code: 'ODD', message: 'odd' }]])
  })
})

describe('content in memory', () => {
  it('comes in several chunks, and in ranges', async () => {
    const bytes = sampleBytes(1, 3000)
    const content = memoryContent(new Map([['sha256:a', bytes]]))
    const descriptor = { mediaType: 'text/plain', digest: 'sha256:a', size: 3000 }
    const lengths: number[] = []
    for await (const { byteLength } of content.open(descriptor)) lengths.push(byteLength)
    expect(lengths).toEqual([1024, 1024, 952])
    expect(await collect(content.open(descriptor, { offset: 1000, end: 2100 }), 3000)).toEqual(bytes.slice(1000, 2100))
  })
  it('is counted by digest when a test wants to know', async () => {
    const content = countedContent(memoryContent(new Map([['sha256:a', sampleBytes(1, 10)]])))
    const descriptor = { mediaType: 'text/plain', digest: 'sha256:a', size: 10 }
    await collect(content.open(descriptor), 10)
    await collect(content.open(descriptor), 10)
    expect(content.opened.get('sha256:a')).toBe(2)
  })
})
