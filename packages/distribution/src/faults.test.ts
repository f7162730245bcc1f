import type { Descriptor } from '@ropeway/core'
import { sha256, verified } from '@ropeway/oci'
import { fakeRegistry, faultProxy, makeImage, seededBytes, streamBytes, type FaultRule } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../test/client.js'
import { rejection } from '../test/server.js'

const image = await makeImage({ layers: [{ size: 2_000_000, compression: 'none' }] })
const layer = image.layers[0]!

/** A registry with the image behind a proxy with faults, and a client of the proxy. */
async function world(rules: readonly FaultRule[], options: Parameters<typeof testClient>[0] = {}) {
  const stack = new AsyncDisposableStack()
  const registry = stack.use(await fakeRegistry())
  await registry.push('app', image, ['1'])
  const proxy = stack.use(await faultProxy(registry.url, { rules }))
  const client = stack.use(testClient(options))
  return { registry, proxy, client, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function digestOf(stream: AsyncIterable<Uint8Array>, descriptor: Descriptor): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of verified(stream, descriptor)) chunks.push(chunk)
  return sha256(Buffer.concat(chunks))
}

describe('reading through faults', () => {
  it('goes on where the connection dropped, three times over', async () => {
    await using at = await world([{ fault: { type: 'drop', after: 300_000 }, path: '/blobs/', times: 3 }])
    const stream = at.client.registry(at.proxy.host, 'source').blob('app', layer.descriptor)
    expect(await digestOf(stream, layer.descriptor)).toBe(layer.descriptor.digest)
    expect(at.proxy.count('drop')).toBe(3)
    const ranges = at.registry.requests.filter(({ path }) => path.includes('/blobs/')).map(({ range }) => range)
    expect(ranges).toHaveLength(4)
    expect(ranges[0]).toBeUndefined()
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-\d+$/.test(range ?? ''))).toBe(true)
    expect(at.client.events.map(({ type }) => type)).toEqual(['retry', 'retry', 'retry'])
  })

  it('goes on when more drops come than tries are allowed, as long as there is progress', async () => {
    await using at = await world([{ fault: { type: 'drop', after: 300_000 }, path: '/blobs/', times: 6 }], {
      retry: { attempts: 2 },
    })
    const stream = at.client.registry(at.proxy.host, 'source').blob('app', layer.descriptor)
    expect(await digestOf(stream, layer.descriptor)).toBe(layer.descriptor.digest)
  })

  it('does not take a truncated or corrupted blob for the blob', async () => {
    await using truncated = await world([{ fault: { type: 'truncate', after: 1000 }, path: '/blobs/', times: 99 }])
    const short = truncated.client.registry(truncated.proxy.host, 'source').blob('app', layer.descriptor)
    expect(await rejection(digestOf(short, layer.descriptor))).toMatchObject({ code: 'SIZE_MISMATCH' })
    await using corrupted = await world([{ fault: { type: 'corrupt' }, path: '/blobs/', times: 99 }])
    const bad = corrupted.client.registry(corrupted.proxy.host, 'source').blob('app', layer.descriptor)
    expect(await rejection(digestOf(bad, layer.descriptor))).toMatchObject({ code: 'DIGEST_MISMATCH' })
  })

  it('does not take a truncated or corrupted manifest for the manifest', async () => {
    for (const fault of [
      { type: 'truncate', after: 100 },
      { type: 'corrupt', at: 30 },
    ] as const) {
      await using at = await world([{ fault, method: 'GET', path: '/manifests/', times: 99 }])
      const source = at.client.registry(at.proxy.host, 'source')
      expect(await rejection(source.manifest('app', image.root.digest))).toMatchObject({ code: 'DIGEST_MISMATCH' })
    }
  })

  it('waits as long as a 429 says, and tries 500 and 503 again', async () => {
    await using at = await world([
      { fault: { type: 'answer', status: 429, retryAfter: 17 }, path: '/manifests/' },
      { fault: { type: 'answer', status: 500 }, path: '/manifests/', nth: 2 },
      { fault: { type: 'answer', status: 503, retryAfter: 3 }, path: '/manifests/', nth: 3 },
    ])
    const content = await at.client.registry(at.proxy.host, 'source').manifest('app', '1')
    expect(content.descriptor.digest).toBe(image.root.digest)
    expect(at.client.sleeps[0]).toBe(17_000)
    expect(at.client.sleeps[2]).toBe(3_000)
    expect(at.client.events).toMatchObject([
      { wait: 17_000, reason: 'HTTP 429' },
      { reason: 'HTTP 500' },
      { reason: 'HTTP 503' },
    ])
  })

  it('ends a server that stays broken with its answer', async () => {
    await using at = await world([
      { fault: { type: 'answer', status: 503, body: 'maintenance' }, path: '/manifests/', times: 99 },
    ])
    const error = await rejection(at.client.registry(at.proxy.host, 'source').manifest('app', '1'))
    expect(error).toMatchObject({
      code: 'SOURCE_BAD_RESPONSE',
      temporary: true,
      message: expect.stringContaining('maintenance') as string,
    })
    expect(at.proxy.count('answer')).toBe(5)
  })

  it('gives up a server that falls silent, and goes on by Range', async () => {
    await using at = await world([{ fault: { type: 'hang', after: 500_000 }, path: '/blobs/' }], {
      timeouts: { body: 200 },
    })
    const stream = at.client.registry(at.proxy.host, 'source').blob('app', layer.descriptor)
    expect(await digestOf(stream, layer.descriptor)).toBe(layer.descriptor.digest)
    expect(at.client.events).toHaveLength(1)
  })
})

describe('writing through faults', () => {
  const bytes = seededBytes('upload', 3_000_000)
  const descriptor = { mediaType: 'application/octet-stream', digest: '', size: bytes.size }

  async function push(rules: readonly FaultRule[]) {
    const at = await world(rules)
    const digest = sha256(Buffer.concat([...bytes.read({ start: 0, end: bytes.size })]))
    let opened = 0
    const open = () => ((opened += 1), streamBytes(bytes))
    const sink = at.client.registry(at.proxy.host, 'sink')
    const result = await sink.pushBlob('to', { ...descriptor, digest }, open)
    return { at, result, opened, stored: await sink.has('to', { ...descriptor, digest }) }
  }

  it.each<[string, FaultRule]>([
    ['a reset in the middle of the upload', { fault: { type: 'reset', after: 1_000_000 }, method: 'PUT' }],
    ['a 503 to the upload', { fault: { type: 'answer', status: 503 }, method: 'PUT' }],
    ['a 500 when it is opened', { fault: { type: 'answer', status: 500 }, method: 'POST' }],
    ['a 429 to the upload', { fault: { type: 'answer', status: 429, retryAfter: 2 }, method: 'PUT' }],
  ])('survives %s', async (_what, rule) => {
    const { at, result, opened, stored } = await push([rule])
    await using _ = at
    expect({ result, stored }).toEqual({ result: 'sent', stored: true })
    expect(opened).toBe(rule.method === 'PUT' ? 2 : 1)
    expect(at.proxy.faults).toHaveLength(1)
  })

  it('notices that a blob came through although its answer was lost', async () => {
    const { at, result, opened } = await push([{ fault: { type: 'drop', after: 0 }, method: 'PUT' }])
    await using _ = at
    expect(result).toBe('sent')
    expect(opened).toBeLessThanOrEqual(2)
  })

  it('puts a manifest again after a 502', async () => {
    await using at = await world([{ fault: { type: 'answer', status: 502 }, method: 'PUT', path: '/manifests/' }])
    await at.client.registry(at.proxy.host, 'sink').pushManifest('app', '2', image.manifests[0]!)
    expect(await at.client.registry(at.registry.host, 'source').find('app', '2')).toEqual(image.root)
  })
})

describe('one connection at a time', () => {
  it('copies within one registry without waiting for itself', async () => {
    await using at = await world([{ fault: { type: 'reset', after: 100_000 }, method: 'PUT' }], { concurrency: 1 })
    const source = at.client.registry(at.proxy.host, 'source')
    const sink = at.client.registry(at.proxy.host, 'sink')
    const blobs = image.blobs.map(({ descriptor }) => descriptor)
    const sent = await Promise.all(
      blobs.map((descriptor) => sink.pushBlob('copy', descriptor, () => source.blob('app', descriptor))),
    )
    expect(sent).toEqual(blobs.map(() => 'sent'))
  })
})
