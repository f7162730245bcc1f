import { isRopewayError } from '@ropeway/core'
import { mediaTypes, sha256 } from '@ropeway/oci'
import { fakeRegistry, makeImage, makeIndex } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { answering, digest, manifest } from '../../test/registry.js'
import { rejection } from '../../test/server.js'

describe('find', () => {
  it('asks by HEAD for all types of manifests', async () => {
    await using registry = await fakeRegistry({ quirks: { strictAccept: true } })
    const [image, old] = await Promise.all([makeImage(), makeImage({ docker: true })])
    const index = await makeIndex([image])
    for (const [tag, fixture] of Object.entries({ image, old, index })) await registry.push('app', fixture, [tag])
    await using client = testClient()
    const source = client.registry(registry.host, 'source')
    for (const [tag, fixture] of Object.entries({ image, old, index })) {
      expect(await source.find('app', tag)).toEqual(fixture.root)
      expect(await source.find('app', fixture.root.digest)).toEqual(fixture.root)
    }
    expect(await source.find('app', 'absent')).toBeUndefined()
    expect(await source.find('absent', 'latest')).toBeUndefined()
    expect(new Set(registry.requests.slice(1).map(({ method }) => method))).toEqual(new Set(['HEAD']))
  })

  it('reads the manifest when the head says too little', async () => {
    await using registry = await fakeRegistry({ quirks: { noDigestHeader: true } })
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient()
    expect(await client.registry(registry.host, 'source').find('app', '1')).toEqual(image.root)
    expect(registry.requests.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'GET'])
  })

  it('does not take another digest than the one that was asked for', async () => {
    await using server = await answering((_seen, response) => {
      response.writeHead(200, {
        'content-type': mediaTypes.ociManifest,
        'content-length': manifest.length,
        'docker-content-digest': digest,
      })
      response.end()
    })
    await using client = testClient()
    const error = await rejection(client.registry(server.host, 'source').find('app', sha256(Buffer.from('other'))))
    expect(error).toMatchObject({ code: 'DIGEST_MISMATCH', side: 'source' })
  })
})

describe('manifest', () => {
  it('gives the exact bytes with a digest that was computed', async () => {
    await using server = await answering((_seen, response) => {
      response.writeHead(200, {
        'content-type': `${mediaTypes.ociManifest}; charset=utf-8`,
        'docker-content-digest': `sha256:${'0'.repeat(64)}`,
      })
      response.end(manifest)
    })
    await using client = testClient()
    const content = await client.registry(server.host, 'source').manifest('app', '1')
    expect(Buffer.from(content.bytes).toString()).toBe(manifest)
    expect(content.descriptor).toEqual({ mediaType: mediaTypes.ociManifest, digest, size: manifest.length })
    expect(client.warnings).toMatchObject([{ code: 'REGISTRY_DIGEST_WRONG' }])
  })

  it('is refused when its bytes have another digest than was asked for', async () => {
    await using server = await answering((_seen, response) => {
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest }).end(manifest)
    })
    await using client = testClient()
    const error = await rejection(client.registry(server.host, 'sink').manifest('app', sha256(Buffer.from('other'))))
    expect(error).toMatchObject({ code: 'DIGEST_MISMATCH', side: 'sink' })
  })

  it('is refused when it is huge or endless, without reading it all', async () => {
    let sent = 0
    await using server = await answering((_seen, response) => {
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest })
      const more = (): void => {
        if (response.destroyed) return
        sent += 65_536
        response.write(Buffer.alloc(65_536, 32), () => setImmediate(more))
      }
      more()
    })
    await using client = testClient()
    const error = await rejection(client.registry(server.host, 'source').manifest('app', '1'))
    expect(error).toMatchObject({ code: 'CONTENT_TOO_LARGE' })
    expect(sent).toBeLessThan(20 * 1024 * 1024)
  })

  it.each([
    ['a web page', 'text/html', '<html></html>', 'SOURCE_BAD_RESPONSE'],
    ['schema 1', mediaTypes.dockerSchema1, '{"schemaVersion":1}', 'MANIFEST_SCHEMA1'],
    [
      'an image and an index at once',
      mediaTypes.ociManifest,
      manifest.replace('"layers"', '"manifests":[],"layers"'),
      'MANIFEST_INVALID',
    ],
  ])('is refused when it is %s', async (_what, type, body, code) => {
    await using server = await answering(
      (_seen, response) => void response.writeHead(200, { 'content-type': type }).end(body),
    )
    await using client = testClient()
    expect(await rejection(client.registry(server.host, 'source').manifest('app', '1'))).toMatchObject({ code })
  })

  it('that is absent is an error with tags that look alike', async () => {
    await using registry = await fakeRegistry({ quirks: { pageSize: 2 } })
    const image = await makeImage()
    await registry.push('app', image, ['1.2.3', '1.2.4', '1.3.0', 'latest', `sha256-${'a'.repeat(64)}.sig`])
    await using client = testClient()
    const source = client.registry(registry.host, 'source')
    const error = await rejection(source.manifest('app', '1.2.33'))
    if (!isRopewayError(error)) throw error
    expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND', about: `${registry.host}/app:1.2.33` })
    expect(error.hint).toMatch(/1\.2\.3, /)
    expect(error.hint).not.toContain('sig')
    const far = await rejection(source.manifest('app', 'nightly'))
    expect(far).toMatchObject({ hint: 'it has 1.2.3, 1.2.4, 1.3.0, latest' })
    const gone = await rejection(source.manifest('app', sha256(Buffer.from('gone'))))
    expect(gone).toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: expect.stringContaining('has no manifest') as string,
    })
  })

  it('tells an absent repository from an absent tag', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const error = await rejection(client.registry(registry.host, 'sink').manifest('ap', '1'))
    expect(error).toMatchObject({
      code: 'SINK_NOT_FOUND',
      message: expect.stringContaining('no repository ap') as string,
    })
  })

  it('is read again when the connection breaks in its middle', async () => {
    await using server = await answering((_seen, response) => {
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest, 'content-length': manifest.length })
      if (server.seen.length > 2) response.end(manifest)
      else response.write(manifest.slice(0, 20), () => response.destroy())
    })
    await using client = testClient()
    const { descriptor } = await client.registry(server.host, 'source').manifest('app', '1')
    expect(descriptor.digest).toBe(digest)
    expect(client.events).toHaveLength(1)
  })
})
