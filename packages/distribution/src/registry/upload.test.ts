import { RopewayError, type Descriptor } from '@ropeway/core'
import { mediaTypes, sha256 } from '@ropeway/oci'
import { fakeRegistry, makeImage } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { rejection, serve } from '../../test/server.js'

const bytes = Buffer.alloc(200_000, 'some content ')
const blob: Descriptor = { mediaType: mediaTypes.ociLayer, digest: sha256(bytes), size: bytes.length }
const mebibyte = 1024 * 1024

async function* pieces(content: Uint8Array = bytes, size = 30_000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

function big(size: number): { readonly content: Buffer; readonly descriptor: Descriptor } {
  const content = Buffer.alloc(size, 'big ')
  return { content, descriptor: { mediaType: mediaTypes.ociLayer, digest: sha256(content), size } }
}

describe('pushBlob', () => {
  it.each([
    ['whole addresses', {}],
    ['paths', { relativeLocation: true }],
    ['signed queries', { locationQuery: true }],
    ['paths with signed queries', { relativeLocation: true, locationQuery: true }],
  ])('sends one stream with its length to locations that are %s', async (_what, quirks) => {
    await using registry = await fakeRegistry({ quirks })
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    expect(await sink.pushBlob('app', blob, pieces)).toBe('sent')
    expect(registry.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'GET 200',
      'POST 202',
      'PUT 201',
    ])
    expect(await sink.has('app', blob)).toBe(true)
  })

  it('mounts where the registry agrees, and goes on with the session where it does not', async () => {
    for (const mounts of [true, false]) {
      await using registry = await fakeRegistry({ quirks: { mounts } })
      const image = await makeImage()
      await registry.push('from', image, ['1'])
      registry.forget()
      await using client = testClient()
      const layer = image.layers[0]!
      let opened = 0
      const open = () => {
        opened += 1
        return pieces(Buffer.concat([...layer.bytes.read({ start: 0, end: layer.bytes.size })]))
      }
      const sink = client.registry(registry.host, 'sink')
      expect(await sink.pushBlob('to', layer.descriptor, open, { mountFrom: 'from' })).toBe(mounts ? 'mounted' : 'sent')
      expect(opened).toBe(mounts ? 0 : 1)
      expect(registry.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
      expect(await sink.has('to', layer.descriptor)).toBe(true)
    }
  })

  it('sends when the request to mount fails', async () => {
    await using registry = await fakeRegistry({
      hooks: { request: ({ query }) => (query.includes('mount=') ? { status: 500 } : undefined) },
    })
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    expect(await sink.pushBlob('to', blob, pieces, { mountFrom: 'from' })).toBe('sent')
  })

  it('starts over with a new stream when the registry breaks the upload', async () => {
    let puts = 0
    await using registry = await fakeRegistry({
      hooks: {
        request: ({ method }) => {
          if (method !== 'PUT') return undefined
          puts += 1
          return puts < 3
            ? { status: puts === 1 ? 502 : 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' }
            : undefined
        },
      },
    })
    await using client = testClient()
    let opened = 0
    const open = () => ((opened += 1), pieces())
    expect(await client.registry(registry.host, 'sink').pushBlob('app', blob, open)).toBe('sent')
    expect(opened).toBe(3)
    expect(client.events).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
    expect(client.sleeps).toHaveLength(2)
  })

  it('gives up in the end, with the words of the registry', async () => {
    await using registry = await fakeRegistry({
      hooks: {
        request: ({ method }) =>
          method === 'PUT'
            ? { status: 500, body: '{"errors":[{"code":"UNKNOWN","message":"the disk is full"}]}' }
            : undefined,
      },
    })
    await using client = testClient({ retry: { attempts: 2 } })
    const error = await rejection(client.registry(registry.host, 'sink').pushBlob('app', blob, pieces))
    expect(error).toMatchObject({
      code: 'SINK_REFUSED',
      message: expect.stringContaining('UNKNOWN: the disk is full') as string,
    })
  })

  it('sends damaged content once more and then no more', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const wrong = () => pieces(Buffer.alloc(bytes.length, 'x'))
    const error = await rejection(client.registry(registry.host, 'sink').pushBlob('app', blob, wrong))
    expect(error).toMatchObject({ code: 'SINK_REFUSED', message: expect.stringContaining('DIGEST_INVALID') as string })
    expect(registry.requests.filter(({ method }) => method === 'PUT')).toHaveLength(2)
  })

  it('throws what the source threw, and tries nothing again', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const failure = new RopewayError({
      code: 'DIGEST_MISMATCH',
      side: 'verification',
      message: 'other bytes',
      temporary: true,
    })
    async function* failing(): AsyncIterable<Uint8Array> {
      yield bytes.subarray(0, 50_000)
      throw failure
    }
    const sink = client.registry(registry.host, 'sink')
    expect(await rejection(sink.pushBlob('app', blob, failing))).toBe(failure)
    expect(registry.requests.filter(({ method }) => method === 'PUT').length).toBeLessThan(2)
    expect(await sink.has('app', blob)).toBe(false)
    const other = new TypeError('a fault of the source')
    const sync = (): AsyncIterable<Uint8Array> => {
      throw other
    }
    expect(await rejection(sink.pushBlob('app', blob, sync))).toBe(other)
  })

  it('never finishes a blob that is shorter or longer than its descriptor says', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    for (const size of [blob.size - 1, blob.size + 1]) {
      const error = await rejection(sink.pushBlob('app', { ...blob, size }, pieces))
      expect(error).toMatchObject({ code: 'SIZE_MISMATCH', side: 'verification' })
    }
    expect(await sink.has('app', blob)).toBe(false)
  })

  it('stops when it is aborted', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const controller = new AbortController()
    async function* slow(): AsyncIterable<Uint8Array> {
      yield bytes.subarray(0, 50_000)
      controller.abort(new DOMException('enough', 'AbortError'))
      await new Promise((resolve) => setImmediate(resolve))
      yield bytes.subarray(50_000)
    }
    const sink = client.registry(registry.host, 'sink')
    const error = await rejection(sink.pushBlob('app', blob, slow, { signal: controller.signal }))
    expect(error).toMatchObject({ name: 'AbortError' })
    expect(await sink.has('app', blob)).toBe(false)
  })

  it('says that a repository must be created first', async () => {
    await using registry = await fakeRegistry({
      hooks: {
        request: ({ method }) =>
          method === 'POST'
            ? { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN","message":"no such project"}]}' }
            : undefined,
      },
    })
    await using client = testClient()
    const error = await rejection(client.registry(registry.host, 'sink').pushBlob('app', blob, pieces))
    expect(error).toMatchObject({
      code: 'SINK_NOT_FOUND',
      message: expect.stringContaining('no such project') as string,
    })
  })

  it('does not upload to this machine or to a metadata service because a registry says so', async () => {
    await using server = await serve((seen, response) => {
      if (seen.path === '/v2/') response.end()
      else response.writeHead(202, { location: 'http://169.254.169.254/upload' }).end()
    })
    await using client = testClient()
    const error = await rejection(client.registry(server.host, 'sink').pushBlob('app', blob, pieces))
    expect(error).toMatchObject({ code: 'SINK_REDIRECT_REFUSED' })
  })

  it('sends no credentials to an upload on another host', async () => {
    await using store = await serve((_seen, response) => void response.writeHead(201).end())
    await using server = await serve((seen, response) => {
      if (seen.headers['authorization'] === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      else response.writeHead(202, { location: `${store.url}/upload?session=1` }).end()
    })
    await using client = testClient({ credential: { sink: { username: 'bot', password: 'secret' } } })
    expect(await client.registry(server.host, 'sink').pushBlob('app', blob, pieces)).toBe('sent')
    expect(store.seen).toMatchObject([
      { method: 'PUT', path: `/upload?session=1&digest=${encodeURIComponent(blob.digest)}` },
    ])
    expect(store.seen[0]?.headers['authorization']).toBeUndefined()
    expect(store.seen[0]?.headers['content-length']).toBe(String(blob.size))
  })
})

describe('a registry that refuses long requests', () => {
  const { content, descriptor } = big(40 * mebibyte)

  it('is sent chunks, and chunks at once the next time', async () => {
    let refusals = 0
    await using registry = await fakeRegistry({
      quirks: { relativeLocation: true, locationQuery: true },
      hooks: {
        request: ({ method, path }) => {
          const first = method === 'PUT' && !path.includes('manifests') && refusals === 0
          if (first) refusals += 1
          return first ? { status: 413, body: '<html><title>413 Request Entity Too Large</title></html>' } : undefined
        },
      },
    })
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    expect(await sink.pushBlob('app', descriptor, () => pieces(content, 1_000_000))).toBe('sent')
    expect(registry.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(3)
    registry.forget()
    expect(await sink.pushBlob('other', descriptor, () => pieces(content, mebibyte))).toBe('sent')
    expect(registry.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH', 'PUT'])
    expect(await sink.has('other', descriptor)).toBe(true)
  })

  it('goes on with a chunk where it broke, without a gap', async () => {
    let patches = 0
    await using registry = await fakeRegistry({
      hooks: {
        request: ({ method, path }) => {
          if (method === 'PUT' && patches === 0 && !path.includes('manifests')) return { status: 413 }
          if (method === 'PATCH') patches += 1
          return method === 'PATCH' && patches === 2 ? { status: 503 } : undefined
        },
      },
    })
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    let opened = 0
    const open = () => ((opened += 1), pieces(content, 700_001))
    expect(await sink.pushBlob('app', descriptor, open)).toBe('sent')
    expect(registry.requests.filter(({ method }) => method === 'GET').length).toBeGreaterThan(1)
    expect(await sink.has('app', descriptor)).toBe(true)
    expect(opened).toBe(3)
  })

  it('that is known to spoil chunks gets an error that says where the limit may be', async () => {
    await using registry = await fakeRegistry({
      hooks: { request: ({ method }) => (method === 'PUT' ? { status: 413 } : undefined) },
    })
    await using client = testClient()
    const error = await rejection(client.registry(registry.host, 'sink').pushBlob('app', blob, pieces))
    expect(error).toMatchObject({ code: 'SINK_REFUSED', hint: expect.stringContaining('limit') as string })
  })
})

describe('mount', () => {
  it('cancels the session that a registry opens in place of mounting', async () => {
    await using registry = await fakeRegistry({ quirks: { mounts: false } })
    await using client = testClient()
    expect(await client.registry(registry.host, 'sink').mount('to', blob, 'from')).toBe(false)
    expect(registry.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'DELETE'])
  })

  it('is false when it fails in any way', async () => {
    await using registry = await fakeRegistry({
      hooks: { request: ({ method }) => (method === 'POST' ? { status: 403 } : undefined) },
    })
    await using client = testClient()
    expect(await client.registry(registry.host, 'sink').mount('to', blob, 'from')).toBe(false)
  })
})

describe('pushManifest', () => {
  it('puts the exact bytes with their type, under a tag or a digest', async () => {
    await using registry = await fakeRegistry()
    const image = await makeImage({ docker: true })
    await registry.push('app', image, [])
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    await sink.pushManifest('app', '1.0', image.manifests[0]!)
    await sink.pushManifest('app', image.root.digest, image.manifests[0]!)
    expect(await sink.find('app', '1.0')).toEqual(image.root)
  })

  it('tells what the registry said against it, and what a tag that cannot be moved means', async () => {
    const answers = [
      '{"errors":[{"code":"TAG_INVALID","message":"The image tag already exists and is immutable"}]}',
      '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown"}]}',
    ]
    await using registry = await fakeRegistry({
      hooks: { request: ({ method }) => (method === 'PUT' ? { status: 400, body: answers.shift() ?? '' } : undefined) },
    })
    const image = await makeImage()
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    const immutable = await rejection(sink.pushManifest('app', '1', image.manifests[0]!))
    expect(immutable).toMatchObject({
      code: 'SINK_REFUSED',
      temporary: false,
      hint: expect.stringContaining('existing: skip') as string,
    })
    const early = await rejection(sink.pushManifest('app', '1', image.manifests[0]!))
    expect(early).toMatchObject({ code: 'SINK_REFUSED', temporary: true })
  })

  it('does not believe a registry that stored something else', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(201, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end()
    })
    const image = await makeImage()
    await using client = testClient()
    const error = await rejection(client.registry(server.host, 'sink').pushManifest('app', '1', image.manifests[0]!))
    expect(error).toMatchObject({ code: 'DIGEST_MISMATCH', side: 'sink' })
  })
})
