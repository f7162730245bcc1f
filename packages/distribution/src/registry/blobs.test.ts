import { mediaTypes, sha256 } from '@ropeway/oci'
import { fakeRegistry, makeImage } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { digest } from '../../test/registry.js'
import { rejection, serve, text } from '../../test/server.js'

describe('blob', () => {
  it('streams the whole or a part, and manifests too', async () => {
    await using registry = await fakeRegistry()
    const image = await makeImage({ layers: [{ size: 200_000 }] })
    await registry.push('app', image, ['1'])
    await using client = testClient()
    const source = client.registry(registry.host, 'source')
    const { descriptor, bytes } = image.layers[0]!
    const whole = Buffer.concat(await chunks(source.blob('app', descriptor)))
    expect(sha256(whole)).toBe(descriptor.digest)
    const part = Buffer.concat(await chunks(source.blob('app', descriptor, { offset: 1000, end: 2000 })))
    expect(part.equals(whole.subarray(1000, 2000))).toBe(true)
    expect(bytes.size).toBe(whole.length)
    expect(await text(source.blob('app', image.root))).toBe(Buffer.from(image.manifests.at(-1)!.bytes).toString())
    expect(await chunks(source.blob('app', descriptor, { offset: descriptor.size }))).toEqual([])
  })

  it('that has another size is refused at once', async () => {
    await using registry = await fakeRegistry()
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient()
    const descriptor = { ...image.layers[0]!.descriptor, size: 1_000_000 }
    const error = await rejection(chunks(client.registry(registry.host, 'source').blob('app', descriptor)))
    expect(error).toMatchObject({ code: 'SIZE_MISMATCH', side: 'source' })
    expect(client.events).toEqual([])
  })

  it('that is absent is an error that names it', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const descriptor = { mediaType: mediaTypes.ociLayer, digest, size: 10 }
    const error = await rejection(chunks(client.registry(registry.host, 'source').blob('app', descriptor)))
    expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND', about: `${registry.host}/app@${digest}` })
  })
})

async function chunks(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for await (const chunk of stream) all.push(chunk)
  return all
}

describe('has', () => {
  it('asks by HEAD for blobs and manifests', async () => {
    await using registry = await fakeRegistry()
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    expect(await sink.has('app', image.root)).toBe(true)
    expect(await sink.has('app', image.config.descriptor)).toBe(true)
    expect(await sink.has('other', image.config.descriptor)).toBe(false)
    expect(await sink.has('app', { ...image.config.descriptor, size: 1 })).toBe(false)
  })

  it('takes a store that refuses HEAD for no answer', async () => {
    await using store = await serve((_seen, response) => void response.writeHead(403).end())
    await using registry = await fakeRegistry({ quirks: { redirectBlobs: store.url } })
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient()
    expect(await client.registry(registry.host, 'sink').has('app', image.config.descriptor)).toBe(false)
  })
})
