import { isRopewayError } from '@ropeway/core'
import { mediaTypes, sha256 } from '@ropeway/oci'
import { fakeRegistry, makeCosign, makeImage, makeIndex, makeReferrer, streamBytes } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { rejection, serve, text, type Handler } from '../../test/server.js'

const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: { mediaType: mediaTypes.ociConfig, digest: `sha256:${'1'.repeat(64)}`, size: 2 },
  layers: [],
})
const digest = sha256(Buffer.from(manifest))

/** A registry that answers everything but the ping by one function. */
function answering(handler: Handler): ReturnType<typeof serve> {
  return serve((seen, response, request) => {
    if (seen.path === '/v2/') response.end()
    else return handler(seen, response, request)
  })
}

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
    ['a web page', 'text/html', '<html></html>', 'MANIFEST_INVALID'],
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

describe('tags', () => {
  it('come from all pages in their order', async () => {
    await using registry = await fakeRegistry({ quirks: { pageSize: 2, relativeLocation: true } })
    const image = await makeImage()
    const all = ['a', 'b', 'c', 'd', 'e']
    await registry.push('app', image, all)
    await using client = testClient()
    expect(await tagsOf(client.registry(registry.host, 'source').tags('app'))).toEqual(all)
  })

  it('stop when pages go in circles or to another host', async () => {
    await using server = await answering((seen, response) => {
      const next = seen.path.includes('elsewhere') ? 'https://evil.example/v2/x' : seen.path
      response.writeHead(200, { link: `<${next}>; rel="next"` }).end('{"tags":["a"]}')
    })
    await using client = testClient()
    const source = client.registry(server.host, 'source')
    expect(await tagsOf(source.tags('app'))).toEqual(['a'])
    expect(await tagsOf(source.tags('elsewhere'))).toEqual(['a'])
    expect(server.lines()).toHaveLength(3)
  })

  it('are asked for without a page size when the registry refuses one', async () => {
    await using server = await answering((seen, response) => {
      if (seen.path.includes('?')) response.writeHead(400).end('{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}')
      else response.end('{"name":"app","tags":null}')
    })
    await using client = testClient()
    expect(await tagsOf(client.registry(server.host, 'source').tags('app'))).toEqual([])
  })

  it('of an absent repository are an error', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const error = await rejection(tagsOf(client.registry(registry.host, 'source').tags('absent')))
    expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })
})

async function tagsOf(tags: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const tag of tags) all.push(tag)
  return all
}

describe('referrers', () => {
  it.each([true, false])('come from the API (%s) or the fallback tag, and from tags of cosign', async (referrers) => {
    await using registry = await fakeRegistry({ quirks: { referrers, pageSize: 1 } })
    const image = await makeImage()
    const [sbom, signature] = await Promise.all([
      makeReferrer(image.root, 'application/spdx+json'),
      makeReferrer(image.root, 'application/vnd.dev.sigstore.bundle.v0.3+json'),
    ])
    const cosign = await makeCosign(image.root, 'sig')
    await registry.push('app', image, ['1'])
    await registry.push('app', cosign)
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    for (const { manifests, blobs } of [sbom, signature]) {
      for (const { descriptor, bytes } of blobs) {
        await sink.pushBlob('app', descriptor, () => streamBytes(bytes))
      }
      const root = manifests.at(-1)!
      await sink.pushManifest('app', root.descriptor.digest, root)
      await sink.pushManifest('app', root.descriptor.digest, root)
    }
    const found = await client.registry(registry.host, 'source').referrers('app', image.root.digest)
    expect(found.map(({ descriptor, tag }) => [descriptor.digest, descriptor.artifactType, tag]).toSorted()).toEqual(
      [
        [sbom.root.digest, 'application/spdx+json', undefined],
        [signature.root.digest, 'application/vnd.dev.sigstore.bundle.v0.3+json', undefined],
        [cosign.root.digest, undefined, cosign.tag],
      ].toSorted(),
    )
    expect(found.every(({ subject }) => subject === image.root.digest)).toBe(true)
  })

  it('of many that are pushed at once are all in the fallback tag', async () => {
    await using registry = await fakeRegistry({ quirks: { referrers: false } })
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient()
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, number) => makeReferrer(image.root, `application/x.${number}`)),
    )
    const sink = client.registry(registry.host, 'sink')
    await Promise.all(
      made.map(async ({ manifests, blobs }) => {
        for (const { descriptor, bytes } of blobs) {
          await sink.pushBlob('app', descriptor, () => streamBytes(bytes))
        }
        await sink.pushManifest('app', manifests.at(-1)!.descriptor.digest, manifests.at(-1)!)
      }),
    )
    const found = await sink.referrers('app', image.root.digest)
    expect(found.map(({ descriptor }) => descriptor.digest).toSorted()).toEqual(
      made.map(({ root }) => root.digest).toSorted(),
    )
  })

  it('are not the children of a subject that a registry gives for the fallback tag', async () => {
    const image = await makeImage()
    const index = await makeIndex([image])
    const root = index.manifests.at(-1)!
    const wrong: number[] = []
    await using server = await answering((seen, response) => {
      if (seen.method === 'PUT') wrong.push(1)
      if (seen.path.includes('referrers') || /\.(sig|att|sbom)/.test(seen.path))
        return void response.writeHead(404).end()
      if (seen.method === 'PUT') return void response.writeHead(201).end()
      response.writeHead(200, { 'content-type': root.descriptor.mediaType }).end(root.bytes)
    })
    await using client = testClient()
    expect(await client.registry(server.host, 'source').referrers('app', root.descriptor.digest)).toEqual([])
    const referrer = await makeReferrer(index.root, 'application/x')
    const manifestOf = referrer.manifests.at(-1)!
    await client.registry(server.host, 'sink').pushManifest('app', manifestOf.descriptor.digest, manifestOf)
    expect(wrong).toHaveLength(1)
    expect(client.warnings).toMatchObject([{ code: 'REFERRERS_UNLISTED' }])
  })

  it('that the fallback tag lists without a type are looked into', async () => {
    const image = await makeImage()
    const referrer = await makeReferrer(image.root, 'application/x')
    const other = await makeImage({ layers: [{ seed: 'other' }] })
    await using server = await answering((seen, response) => {
      if (seen.path.endsWith(`manifests/${image.root.digest.replace(':', '-')}`)) {
        const body = JSON.stringify({
          schemaVersion: 2,
          mediaType: mediaTypes.ociIndex,
          manifests: [referrer.root, other.root].map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
        })
        return void response.writeHead(200, { 'content-type': mediaTypes.ociIndex }).end(body)
      }
      const known = [...referrer.manifests, ...other.manifests].find(({ descriptor }) =>
        seen.path.endsWith(descriptor.digest),
      )
      if (known === undefined) return void response.writeHead(404).end()
      response.writeHead(200, { 'content-type': known.descriptor.mediaType }).end(known.bytes)
    })
    await using client = testClient()
    const found = await client.registry(server.host, 'source').referrers('app', image.root.digest)
    expect(found).toMatchObject([{ descriptor: { digest: referrer.root.digest, artifactType: 'application/x' } }])
    expect(found).toHaveLength(1)
  })

  it.each([400, 403, 404, 405, 406])(
    'that the registry answers with %i are looked for under the fallback tag',
    async (status) => {
      await using server = await answering((seen, response) => {
        response.writeHead(seen.path.includes('referrers') ? status : 404).end()
      })
      await using client = testClient()
      expect(await client.registry(server.host, 'source').referrers('app', digest)).toEqual([])
      expect(server.lines()).toContain(`GET /v2/app/manifests/${digest.replace(':', '-')}`)
    },
  )
})

describe('Docker Hub', () => {
  it('is asked at the host of its API, and its pull limit is told with its time and a hint', async () => {
    await using server = await answering((_seen, response) => {
      response.writeHead(429, { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' })
      response.end('{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}')
    })
    await using client = testClient()
    const error = await rejection(client.registry(server.host, 'source').manifest('app', '1'))
    if (!isRopewayError(error)) throw error
    expect(error).toMatchObject({ code: 'SOURCE_RATE_LIMITED', temporary: true, retryAfter: 21_600_000 })
    expect(error.message).toContain('6 h')
    expect(error.message).toContain('pull rate limit')
    expect(server.seen).toHaveLength(2)
  })

  it('warns once its limit is near', async () => {
    await using server = await answering((_seen, response) => {
      response
        .writeHead(200, { 'content-type': mediaTypes.ociManifest, 'ratelimit-remaining': '3;w=21600' })
        .end(manifest)
    })
    await using client = testClient()
    await client.registry(server.host, 'source').manifest('app', '1')
    expect(client.warnings).toMatchObject([{ code: 'RATE_LIMIT_NEAR' }])
  })
})

describe('check', () => {
  it('proves that a repository can be read or written, and leaves nothing', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    await client.registry(registry.host, 'source').check('app', 'pull')
    await client.registry(registry.host, 'sink').check('app', 'push')
    expect(registry.requests.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 200],
      ['HEAD', 404],
      ['GET', 200],
      ['POST', 202],
      ['DELETE', 204],
    ])
  })

  it.each(['pull', 'push'] as const)('says that %s is not allowed', async (actions) => {
    await using registry = await fakeRegistry({ auth: { type: 'basic', username: 'a', password: 'b' } })
    await using client = testClient()
    const error = await rejection(client.registry(registry.host, 'sink').check('app', actions))
    expect(error).toMatchObject({ code: 'SINK_UNAUTHORIZED' })
  })

  it('says that a registry is read-only, or none at all', async () => {
    await using registry = await fakeRegistry({ readOnly: true })
    await using client = testClient()
    const error = await rejection(client.registry(registry.host, 'sink').check('app', 'push'))
    expect(error).toMatchObject({ side: 'sink' })
    await using server = await serve(
      (_seen, response) => void response.writeHead(404).end('<title>Not a registry</title>'),
    )
    const none = await rejection(client.registry(server.host, 'sink').check('app', 'push'))
    expect(none).toMatchObject({
      code: 'SINK_BAD_RESPONSE',
      message: expect.stringContaining('Not a registry') as string,
    })
  })
})
