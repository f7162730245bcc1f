import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeRegistry, type FakeRegistry } from '../fakes/registry.js'
import { readBytes, seededBytes } from '../fixtures/bytes.js'
import { makeImage, type ImageFixture } from '../fixtures/image.js'
import { pushFixture } from '../fixtures/push.js'
import type { Fault, FaultRule } from './fault.js'
import { faultProxy, type FaultProxy, type FaultProxyOptions } from './proxy.js'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Bench {
  readonly registry: FakeRegistry
  readonly proxy: FaultProxy
  readonly image: ImageFixture
  /** Address of the image's layer, through the proxy. */
  readonly layer: string
  readonly bytes: Buffer
}

async function bench(options: FaultProxyOptions): Promise<Bench> {
  const registry = await fakeRegistry()
  const proxy = await faultProxy(registry.url, options)
  cleanups.push(
    () => registry.close(),
    () => proxy.close(),
  )
  const image = await makeImage({ layers: [{ size: 300_000 }] })
  await registry.push('a', image, ['v1'])
  const [layer] = image.layers
  return {
    registry,
    proxy,
    image,
    layer: `${proxy.url}/v2/a/blobs/${layer?.descriptor.digest ?? ''}`,
    bytes: Buffer.from(layer === undefined ? [] : readBytes(layer.bytes)),
  }
}

const once = (fault: Fault, more: Partial<FaultRule> = {}): FaultProxyOptions => ({
  rules: [{ path: /blobs\/sha256/, fault, ...more }],
})

async function readAll(response: Response): Promise<{ bytes: Buffer; broken: boolean }> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) chunks.push(chunk)
    return { bytes: Buffer.concat(chunks), broken: false }
  } catch {
    return { bytes: Buffer.concat(chunks), broken: true }
  }
}

describe('faultProxy', () => {
  it('passes everything on when nothing is to fail, uploads too.', async () => {
    const { proxy, registry, layer, bytes } = await bench({})
    expect((await readAll(await fetch(layer))).bytes.equals(bytes)).toBe(true)
    const other = await makeImage({ layers: [{ size: 200_000, seed: 'other' }] })
    await pushFixture(proxy.url, other, { repository: 'b', tags: ['v1'] })
    expect((await registry.pull('b', 'v1')).digest).toBe(other.root.digest)
    expect([proxy.faults, proxy.requests > 5]).toEqual([[], true])
  })

  it('breaks the connection in the middle of the body, once.', async () => {
    const { proxy, layer, bytes } = await bench(once({ type: 'drop', after: 100_000 }))
    const first = await readAll(await fetch(layer))
    expect(first.broken).toBe(true)
    expect(first.bytes.equals(bytes.subarray(0, first.bytes.length))).toBe(true)
    expect(first.bytes.length).toBeLessThanOrEqual(100_000)
    expect((await readAll(await fetch(layer))).bytes.equals(bytes)).toBe(true)
    expect(proxy.faults).toEqual([{ type: 'drop', method: 'GET', path: new URL(layer).pathname }])
  })

  it('ends the body early and claims that it is whole.', async () => {
    const { layer, bytes } = await bench(once({ type: 'truncate', after: 1000 }))
    const response = await fetch(layer)
    expect(response.headers.get('content-length')).toBe('1000')
    expect(await readAll(response)).toEqual({ bytes: bytes.subarray(0, 1000), broken: false })
  })

  it('changes one byte.', async () => {
    const { layer, bytes } = await bench(once({ type: 'corrupt', at: 200_000 }))
    const { bytes: got, broken } = await readAll(await fetch(layer))
    expect([got.length, broken]).toEqual([bytes.length, false])
    const different = [...got.keys()].filter((index) => got[index] !== bytes[index])
    expect(different).toEqual([200_000])
  })

  it('answers in place of the server, as often and as late as it is told.', async () => {
    const { proxy, layer, registry } = await bench(
      once({ type: 'answer', status: 429, retryAfter: 3, body: 'slow down' }, { nth: 2, times: 2 }),
    )
    const statuses: number[] = []
    for (let index = 0; index < 5; index++) {
      const response = await fetch(layer)
      statuses.push(response.status)
      if (response.status === 429)
        expect([response.headers.get('retry-after'), await response.text()]).toEqual(['3', 'slow down'])
      else await response.body?.cancel()
    }
    expect(statuses).toEqual([200, 429, 429, 200, 200])
    expect([proxy.count('answer'), registry.requests.length]).toEqual([2, 3])
  })

  it('matches by method and by text.', async () => {
    const { proxy, layer } = await bench({
      rules: [{ method: 'HEAD', path: '/v2/a/blobs/', fault: { type: 'answer', status: 503 } }],
    })
    await (await fetch(layer)).arrayBuffer()
    expect((await fetch(layer, { method: 'HEAD' })).status).toBe(503)
    expect((await fetch(`${proxy.url}/v2/`, { method: 'HEAD' })).status).toBe(200)
  })

  it('lets the body come slowly.', async () => {
    const { proxy, layer, bytes } = await bench(once({ type: 'slow', bytesPerSecond: 10_000_000 }))
    expect((await readAll(await fetch(layer))).bytes.equals(bytes)).toBe(true)
    expect(proxy.count('slow')).toBe(1)
  })

  it('resets an upload, of which the server keeps the first part.', async () => {
    const { proxy, registry } = await bench({ rules: [{ method: 'PATCH', fault: { type: 'reset', after: 50_000 } }] })
    const start = await fetch(`${proxy.url}/v2/a/blobs/uploads/`, { method: 'POST' })
    const location = start.headers.get('location') ?? ''
    expect(location.startsWith(proxy.url)).toBe(true)
    const body = Buffer.from(readBytes(seededBytes('up', 400_000)))
    await expect(fetch(location, { method: 'PATCH', body })).rejects.toThrow()
    const range = async () => (await fetch(location)).headers.get('range')
    await expect.poll(range).toBe('0-49999')
    expect(
      (
        await fetch(location, {
          method: 'PATCH',
          body: body.subarray(50_000),
          headers: { 'content-range': '50000-399999' },
        })
      ).status,
    ).toBe(202)
    expect([proxy.count('reset'), registry.requests.some(({ aborted }) => aborted)]).toEqual([1, true])
  })

  it('hangs before the answer, or in its middle, until the client or the proxy gives up.', async () => {
    const { proxy, layer, bytes } = await bench({
      rules: [
        { path: 'blobs', fault: { type: 'hang' } },
        { path: 'blobs', nth: 2, fault: { type: 'hang', after: 10 } },
      ],
    })
    const giveUp = new AbortController()
    const first = fetch(layer, { signal: giveUp.signal })
    await expect.poll(() => proxy.count('hang')).toBe(1)
    giveUp.abort()
    await expect(first).rejects.toThrow()
    const second = await fetch(layer)
    const reader = second.body?.getReader()
    expect((await reader?.read())?.value).toEqual(new Uint8Array(bytes.subarray(0, 10)))
    const rest = reader?.read()
    await proxy.close()
    await expect(rest).rejects.toThrow()
  })

  it('fails at random, but equally for one seed.', async () => {
    const run = async (seed: number) => {
      const { proxy, layer } = await bench({
        seed,
        random: {
          probability: 0.5,
          path: 'blobs',
          faults: [{ type: 'drop' }, { type: 'corrupt' }, { type: 'answer', status: 500 }],
          times: 6,
        },
      })
      const lengths: number[] = []
      for (let index = 0; index < 16; index++) {
        const response = await fetch(layer)
        lengths.push(response.status, (await readAll(response)).broken ? 1 : 0)
      }
      return { lengths, types: proxy.faults.map(({ type }) => type) }
    }
    const [one, same, other] = [await run(7), await run(7), await run(8)]
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
    expect(one.types).toHaveLength(6)
  })

  it('answers 502 when the server is not there.', async () => {
    const { registry, proxy } = await bench({})
    await registry.close()
    expect((await fetch(`${proxy.url}/v2/`)).status).toBe(502)
  })

  it('survives clients that leave.', async () => {
    const { proxy } = await bench({ rules: [{ fault: { type: 'slow', bytesPerSecond: 10 } }] })
    const socket = connect(Number(proxy.host.split(':')[1]), '127.0.0.1')
    socket.write('GET /v2/ HTTP/1.1\r\nhost: x\r\n\r\n')
    await expect.poll(() => proxy.count('slow')).toBe(1)
    socket.destroy()
    expect((await fetch(`${proxy.url}/v2/`)).status).toBe(200)
  })
})
