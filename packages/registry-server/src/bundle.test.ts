import { afterEach, describe, expect, it } from 'vitest'
import { bytesAccess, openBundle, planArchive, type Bundle } from '@ropeway/bundle'
import { isRopewayError, type Content, type Descriptor, type LockedArtifact } from '@ropeway/core'
import {
  buildArtifact,
  canonicalJson,
  emptyConfig,
  encodeManifest,
  mediaTypes,
  parseReference,
  sha256,
  walkGraph,
} from '@ropeway/oci'
import { bundleStorage } from './bundle.js'
import { serveRegistry } from './serve.js'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const store = new Map<string, Uint8Array>()
const content: Content = {
  async *open({ digest }, { offset = 0, end } = {}) {
    yield (store.get(digest) ?? new Uint8Array()).subarray(offset, end)
  },
}

function keep(mediaType: string, bytes: Uint8Array): Descriptor {
  const digest = sha256(bytes)
  store.set(digest, bytes)
  return { mediaType, digest, size: bytes.length }
}

function image(text: string): Descriptor {
  const config = keep(mediaTypes.ociConfig, Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', text })))
  const layer = keep(mediaTypes.ociLayer, Buffer.from(`layer ${text}`.repeat(100)))
  const { bytes } = encodeManifest(
    { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] },
    mediaTypes.ociManifest,
  )
  return keep(mediaTypes.ociManifest, bytes)
}

function index(...children: readonly Descriptor[]): Descriptor {
  const { bytes } = encodeManifest(
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: children },
    mediaTypes.ociIndex,
  )
  return keep(mediaTypes.ociIndex, bytes)
}

function signature(subject: Descriptor): Descriptor {
  keep(mediaTypes.ociEmpty, emptyConfig.bytes)
  return keep(mediaTypes.ociManifest, buildArtifact({ artifactType: 'test/signature', layers: [], subject }).bytes)
}

interface Item {
  readonly name: string
  readonly root: Descriptor
  readonly path: string
  readonly tags?: readonly string[]
  readonly destinations: readonly string[]
  readonly referrers?: LockedArtifact['referrers']
}

async function bundleOf(...items: readonly Item[]): Promise<Bundle> {
  const artifacts = items
    .map(({ name, root, path, tags = ['v1'], destinations, referrers = [] }): LockedArtifact => ({
      id: `image:${name}`,
      kind: 'image',
      name,
      source: { adapter: 'oci', step: 'sources[0]', location: name },
      published: root,
      root,
      naming: { path, tags },
      destinations,
      referrers,
      class: 'declared',
      signatures: 'none',
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const chain = { name: 'test', version: '1' }
  const lock = canonicalJson({ lockVersion: 1, chain, platforms: [], steps: [], inputs: {}, artifacts })
  const read = async ({ digest }: Descriptor) => store.get(digest) ?? new Uint8Array()
  const planned = await Promise.all(
    artifacts.map(async ({ id, kind, name, root, destinations, referrers }) => {
      const graphs = await Promise.all(
        [root, ...referrers.map(({ descriptor }) => descriptor)].map((one) => walkGraph(one, read)),
      )
      return {
        id,
        kind,
        name,
        root,
        referrers,
        destinations: destinations.map((text) => parseReference(text)),
        manifests: graphs.flatMap(({ manifests }) => manifests),
        blobs: graphs.flatMap(({ blobs }) => blobs),
      }
    }),
  )
  const archive = planArchive({ chain, lock: Buffer.from(lock), artifacts: planned, manifests: store })
  const chunks: Uint8Array[] = []
  for await (const chunk of archive.read({ start: 0, end: archive.size }, content)) chunks.push(chunk)
  return openBundle(bytesAccess(Buffer.concat(chunks), 'test.tar'))
}

async function serve(bundle: Bundle): Promise<string> {
  const server = await serveRegistry({ storage: await bundleStorage(bundle) })
  cleanups.push(() => server.close())
  return server.url
}

const digestOf = async (url: string, name: string, reference: string) => {
  const response = await fetch(`${url}/v2/${name}/manifests/${reference}`, { method: 'HEAD' })
  return response.headers.get('docker-content-digest') ?? response.status
}

describe('bundleStorage', () => {
  it('serves manifests, blobs and ranges straight from the tar, under destinations and source paths.', async () => {
    const [amd64, arm64] = [image('amd64'), image('arm64')]
    const root = index(amd64, arm64)
    const url = await serve(
      await bundleOf({
        name: 'web',
        root,
        path: 'library/web',
        destinations: ['far.corp:5000/mirror/library/web:v1', 'far.corp:5000/mirror/library/web:stable'],
      }),
    )
    expect(await (await fetch(`${url}/v2/_catalog`)).json()).toEqual({
      repositories: ['library/web', 'mirror/library/web'],
    })
    expect(await (await fetch(`${url}/v2/mirror/library/web/tags/list`)).json()).toEqual({
      name: 'mirror/library/web',
      tags: ['stable', 'v1'],
    })
    expect(await (await fetch(`${url}/v2/library/web/tags/list`)).json()).toEqual({ name: 'library/web', tags: ['v1'] })
    for (const name of ['library/web', 'mirror/library/web']) {
      const manifest = await fetch(`${url}/v2/${name}/manifests/v1`)
      expect(manifest.headers.get('content-type')).toBe(mediaTypes.ociIndex)
      expect(sha256(Buffer.from(await manifest.arrayBuffer()))).toBe(root.digest)
      expect(await digestOf(url, name, arm64.digest)).toBe(arm64.digest)
      const layer = Buffer.from('layer amd64'.repeat(100))
      const blob = await fetch(`${url}/v2/${name}/blobs/${sha256(layer)}`)
      expect(sha256(Buffer.from(await blob.arrayBuffer()))).toBe(sha256(layer))
      const part = await fetch(`${url}/v2/${name}/blobs/${sha256(layer)}`, { headers: { range: 'bytes=6-10' } })
      expect([part.status, await part.text()]).toEqual([206, 'amd64'])
    }
    expect((await fetch(`${url}/v2/library/web/blobs/${amd64.digest}`, { method: 'HEAD' })).status).toBe(404)
    expect((await fetch(`${url}/v2/other/tags/list`)).status).toBe(404)
  })

  it('serves referrers by the API and by their tags.', async () => {
    const root = image('signed')
    const referrer = signature(root)
    const cosign = image('cosign')
    const tag = `${root.digest.replace(':', '-')}.sig`
    const url = await serve(
      await bundleOf({
        name: 'web',
        root,
        path: 'web',
        destinations: ['far.corp/m/web:v1'],
        referrers: [
          { descriptor: referrer, subject: root.digest },
          { descriptor: cosign, subject: root.digest, tag },
        ],
      }),
    )
    for (const name of ['web', 'm/web']) {
      const listed = await (await fetch(`${url}/v2/${name}/referrers/${root.digest}`)).json()
      expect(listed).toMatchObject({ manifests: [{ digest: referrer.digest, artifactType: 'test/signature' }] })
      expect(await digestOf(url, name, tag)).toBe(cosign.digest)
    }
  })

  it('keeps repositories apart, and refuses to write.', async () => {
    const url = await serve(
      await bundleOf(
        { name: 'a', root: image('a'), path: 'a', destinations: ['far.corp/x/a:v1'] },
        { name: 'b', root: image('b'), path: 'b', destinations: ['far.corp/x/b:v1'] },
      ),
    )
    const layer = sha256('layer a'.repeat(100))
    expect((await fetch(`${url}/v2/a/blobs/${layer}`, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(`${url}/v2/b/blobs/${layer}`, { method: 'HEAD' })).status).toBe(404)
    expect((await fetch(`${url}/v2/b/blobs/uploads/`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${url}/v2/b/manifests/v1`, { method: 'DELETE' })).status).toBe(405)
  })

  it('leaves out a tag that two contents would have equally, and prefers a destination to a source path.', async () => {
    const [one, two, three] = [image('one'), image('two'), image('three')]
    const url = await serve(
      await bundleOf(
        { name: '1', root: one, path: 'app/web', destinations: ['far.corp/docker/app/web:v1'] },
        { name: '2', root: two, path: 'app/web', destinations: ['far.corp/quay/app/web:v1'] },
        { name: '3', root: three, path: 'quay/app/web', destinations: ['far.corp/else:v1'] },
        {
          name: '4',
          root: one,
          path: 'Not A Name',
          tags: ['no tag'],
          destinations: [`far.corp/by-digest@${one.digest}`],
        },
      ),
    )
    expect(await digestOf(url, 'app/web', 'v1')).toBe(404)
    expect(await digestOf(url, 'app/web', one.digest)).toBe(one.digest)
    expect(await digestOf(url, 'app/web', two.digest)).toBe(two.digest)
    expect(await digestOf(url, 'quay/app/web', 'v1')).toBe(two.digest)
    expect(await (await fetch(`${url}/v2/by-digest/tags/list`)).json()).toEqual({ name: 'by-digest', tags: [] })
    const catalog = (await (await fetch(`${url}/v2/_catalog`)).json()) as { repositories: string[] }
    expect(catalog.repositories).not.toContain('Not A Name')
  })

  it('refuses a bundle whose manifests cannot be read.', async () => {
    const bundle = await bundleOf({ name: 'a', root: image('a'), path: 'a', destinations: ['far.corp/a:v1'] })
    const broken: Bundle = {
      ...bundle,
      content: { open: (descriptor) => bundle.content.open({ ...descriptor, digest: sha256('gone') }) },
    }
    const error = await bundleStorage(broken).catch((thrown: unknown) => thrown)
    expect(isRopewayError(error) && error.code).toBe('BUNDLE_CONTENT_MISSING')
  })
})
