import { mediaTypes } from '@ropeway/oci'
import { fakeRegistry, makeCosign, makeImage, makeIndex, makeReferrer, streamBytes } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { answering, digest } from '../../test/registry.js'
import { rejection } from '../../test/server.js'

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

  it('that a registry with fixed tags cannot list are refused in its words', async () => {
    const immutable = '{"errors":[{"code":"TAG_INVALID","message":"the tag is immutable"}]}'
    await using registry = await fakeRegistry({
      quirks: { referrers: false },
      hooks: {
        request: ({ method, path }) =>
          method === 'PUT' && path.includes('/manifests/sha256-') ? { status: 409, body: immutable } : undefined,
      },
    })
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient()
    const sink = client.registry(registry.host, 'sink')
    const { manifests, blobs } = await makeReferrer(image.root, 'application/x')
    for (const { descriptor, bytes } of blobs) await sink.pushBlob('app', descriptor, () => streamBytes(bytes))
    const referrer = manifests.at(-1)!
    expect(await rejection(sink.pushManifest('app', referrer.descriptor.digest, referrer))).toMatchObject({
      code: 'SINK_REFUSED',
      message: expect.stringContaining(image.root.digest) as string,
      hint: expect.stringContaining('must not be moved') as string,
    })
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
