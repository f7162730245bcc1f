import {
  isFailure,
  RopewayError,
  type Artifact,
  type Context,
  type Descriptor,
  type Failure,
  type Log,
  type ManifestContent,
  type Registry,
} from '@ropeway/core'
import { collect, encodeManifest, formatReference, mediaTypes, parseReference, sha256 } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import {
  reopenReference,
  resolveReference,
  resolveReferences,
  type ReferenceRequest,
  type ResolveContext,
} from './resolve-reference.js'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

function blobOf(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.byteLength }
}

function image(name: string, configType: string = mediaTypes.ociConfig, artifactType?: string): ManifestContent {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType,
    config: blobOf(configType, text(`{"name":"${name}"}`)),
    layers: [blobOf(mediaTypes.ociLayerGzip, text(name))],
  }
  return encodeManifest(manifest, mediaTypes.ociManifest)
}

type Warning = Parameters<Log['warn']>[0]

interface World {
  readonly context: ResolveContext & Pick<Context, 'log'>
  readonly warnings: readonly Warning[]
  readonly calls: string[]
}

function refuse(): never {
  throw new RopewayError({ code: 'TEST_UNEXPECTED', side: 'internal', message: 'not expected here' })
}

/** One registry for every host; names are canonical references. */
function world(names: Record<string, ManifestContent>, options: { head?: boolean } = {}): World {
  const calls: string[] = []
  const warnings: Warning[] = []
  const cached = new Map<string, Uint8Array>()
  const lookUp = (host: string, repository: string, wanted: string): ManifestContent | undefined =>
    names[`${host}/${repository}${wanted.includes(':') ? '@' : ':'}${wanted}`] ??
    Object.values(names).find(({ descriptor }) => descriptor.digest === wanted)
  const registry = (host: string): Registry => ({
    host,
    find: (repository, wanted) => {
      calls.push(`find ${host}/${repository} ${wanted}`)
      return Promise.resolve(options.head === false ? undefined : lookUp(host, repository, wanted)?.descriptor)
    },
    manifest: (repository, wanted) => {
      calls.push(`manifest ${host}/${repository} ${wanted}`)
      const found = lookUp(host, repository, wanted)
      if (found !== undefined) return Promise.resolve(found)
      return Promise.reject(new RopewayError({ code: 'SOURCE_NOT_FOUND', side: 'source', message: `no ${wanted}` }))
    },
    async *blob(repository, descriptor) {
      calls.push(`blob ${host}/${repository} ${descriptor.mediaType}`)
      await Promise.resolve()
      yield lookUp(host, repository, descriptor.digest)?.bytes ?? refuse()
    },
    referrers: (_repository, digest) =>
      Promise.resolve([{ descriptor: blobOf(mediaTypes.ociManifest, text('referrer')), subject: digest }]),
    has: refuse,
    pushBlob: refuse,
    mount: refuse,
    pushManifest: refuse,
    tags: refuse,
    check: refuse,
  })
  return {
    calls,
    warnings,
    context: {
      log: { debug: () => undefined, info: () => undefined, warn: (warning) => void warnings.push(warning) },
      registry,
      signal: new AbortController().signal,
      cache: {
        read: (digest) => Promise.resolve(cached.get(digest)),
        write: (digest, bytes) => Promise.resolve(void cached.set(digest, bytes)),
        fetch: async (descriptor, open) => {
          const bytes = cached.get(descriptor.digest) ?? (await collect(open(), descriptor.size))
          cached.set(descriptor.digest, bytes)
          return bytes
        },
      },
    },
  }
}

async function all(requests: readonly ReferenceRequest[], context: World['context']): Promise<(Artifact | Failure)[]> {
  const items: (Artifact | Failure)[] = []
  for await (const item of resolveReferences(requests, context)) items.push(item)
  return items
}

describe('resolveReference', () => {
  it('pins a tag by one look and one small read, and keeps it as a name', async () => {
    const web = image('web')
    const { context, calls } = world({ 'registry.example/app/web:1': web })
    const artifact = await resolveReference(parseReference('registry.example/app/web:1'), context, {
      requiredBy: ['images.txt:3'],
    })
    expect(artifact).toMatchObject({
      kind: 'image',
      name: 'registry.example/app/web:1',
      root: web.descriptor,
      naming: { path: 'app/web', tags: ['1'] },
      requiredBy: ['images.txt:3'],
    })
    expect(calls).toEqual([
      'find registry.example/app/web 1',
      `blob registry.example/app/web ${mediaTypes.ociManifest}`,
    ])
  })

  it('writes out what a short name leaves out', async () => {
    const { context } = world({ 'docker.io/library/nginx:latest': image('nginx') })
    const artifact = await resolveReference(parseReference('nginx'), context)
    expect(artifact.name).toBe('docker.io/library/nginx:latest')
    expect(artifact.naming).toEqual({ path: 'library/nginx', tags: ['latest'] })
  })

  it('asks by digest when there is one, with the tag as a name, and has no name without a tag', async () => {
    const web = image('web')
    const { digest } = web.descriptor
    const { context, calls } = world({ [`registry.example/web@${digest}`]: web })
    const both = await resolveReference(parseReference(`registry.example/web:1@${digest}`), context)
    expect(both.naming.tags).toEqual(['1'])
    expect(calls[0]).toBe(`find registry.example/web ${digest}`)
    const alone = await resolveReference(parseReference(`registry.example/web@${digest}`), context)
    expect(alone.naming.tags).toEqual([])
  })

  it('tells images, charts and other artifacts apart', async () => {
    const index = encodeManifest(
      { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [image('a').descriptor] },
      mediaTypes.ociIndex,
    )
    const { context } = world({
      'r.example/index:1': index,
      'r.example/chart:1': image('chart', mediaTypes.helmConfig),
      'r.example/wasm:1': image('wasm', 'application/vnd.wasm.config.v0+json'),
      'r.example/sbom:1': image('sbom', mediaTypes.ociEmpty, 'application/spdx+json'),
    })
    const kinds = ['index', 'chart', 'wasm', 'sbom'].map(
      async (name) => (await resolveReference(parseReference(`r.example/${name}:1`), context)).kind,
    )
    expect(await Promise.all(kinds)).toEqual(['image', 'chart', 'artifact', 'artifact'])
  })

  it('reads the manifest of a registry that does not answer HEAD', async () => {
    const { context } = world({ 'r.example/web:1': image('web') }, { head: false })
    const artifact = await resolveReference(parseReference('r.example/web:1'), context)
    expect(artifact.root).toEqual(image('web').descriptor)
  })

  it('refuses what is no manifest', async () => {
    const bytes = text('<html>')
    const { context } = world({ 'r.example/web:1': { descriptor: blobOf('text/html', bytes), bytes } })
    await expect(resolveReference(parseReference('r.example/web:1'), context)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      side: 'source',
    })
  })

  it('has referrers as content unless they are switched off', async () => {
    const { context } = world({ 'r.example/web:1': image('web') })
    const reference = parseReference('r.example/web:1')
    const artifact = await resolveReference(reference, context)
    expect(await artifact.content.referrers?.(artifact.root)).toHaveLength(1)
    expect((await resolveReference(reference, context, { referrers: false })).content.referrers).toBeUndefined()
  })
})

describe('resolveReferences', () => {
  it('keeps the order, merges equal references and tells every failure', async () => {
    const names = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`r.example/i${index}:1`, image(`i${index}`)]),
    )
    const { context } = world(names)
    const items = await all(
      [
        ...Object.keys(names).map((reference, index) => ({ reference, requiredBy: `images.txt:${index + 1}` })),
        { reference: 'r.example/gone:1', requiredBy: 'images.txt:41' },
        { reference: 'Not A Reference', requiredBy: 'images.txt:42' },
        { reference: parseReference('r.example/i0:1'), requiredBy: 'app.yaml:7' },
        { reference: 'r.example/i0:1', requiredBy: 'app.yaml:7' },
      ],
      context,
    )
    const artifacts = items.flatMap((item) => (isFailure(item) ? [] : [item]))
    expect(artifacts.map(({ name }) => name)).toEqual(Object.keys(names))
    expect(artifacts[0]?.requiredBy).toEqual(['images.txt:1', 'app.yaml:7'])
    expect(items.filter(isFailure)).toMatchObject([
      {
        about: 'r.example/gone:1',
        error: { code: 'SOURCE_NOT_FOUND', at: 'images.txt:41', about: 'r.example/gone:1' },
      },
      { about: 'Not A Reference', error: { code: 'REFERENCE_INVALID', at: 'images.txt:42' } },
    ])
  })

  it('calls a chart by its name and version, whatever says that it is one', async () => {
    const { context } = world({
      'r.example/charts/podinfo:6.7.1_build': image('podinfo', mediaTypes.helmConfig),
      'r.example/odd:1': image('odd', 'application/vnd.odd'),
    })
    const [chart] = await all([{ reference: 'r.example/charts/podinfo:6.7.1_build' }], context)
    expect(chart).toMatchObject({ kind: 'chart', name: 'podinfo', version: '6.7.1+build', naming: { path: 'podinfo' } })
    const odd = resolveReferences([{ reference: 'r.example/odd:1' }], context, { kind: 'chart' })
    expect((await odd.next()).value).toMatchObject({ kind: 'chart', name: 'odd', version: '1' })
  })

  it('warns of a tag that names something else than the digest beside it', async () => {
    const [old, now] = [image('old'), image('now')]
    const { context, warnings } = world({ 'r.example/web:1': now, [`r.example/web@${old.descriptor.digest}`]: old })
    const moved = `r.example/web:1@${old.descriptor.digest}`
    const right = `r.example/web:1@${now.descriptor.digest}`
    const items = await all([{ reference: moved }, { reference: right }], context)
    expect(items.map((item) => 'root' in item && item.root.digest)).toEqual([
      old.descriptor.digest,
      now.descriptor.digest,
    ])
    expect(warnings).toMatchObject([{ code: 'TAG_MOVED', about: moved }])
  })

  it('stops when the run is stopped', async () => {
    const { context } = world({ 'r.example/web:1': image('web') })
    const requests = [{ reference: 'r.example/web:1' }]
    await expect(all(requests, { ...context, signal: AbortSignal.abort() })).rejects.toThrow()
  })
})

describe('reopenReference', () => {
  it('opens what is locked without asking what the tag holds now', async () => {
    const web = image('web')
    const { context, calls } = world({ 'r.example/web:1': web })
    const artifact = await resolveReference(parseReference('r.example/web:1'), context)
    calls.length = 0
    const content = reopenReference(
      {
        name: artifact.name,
        source: {
          adapter: 'oci',
          step: 'sources[0]',
          reference: formatReference(artifact.source.reference ?? refuse()),
          location: artifact.source.location,
        },
      },
      context,
    )
    expect(await collect(content.open(web.descriptor), 4096)).toEqual(web.bytes)
    expect(await collect(content.open(web.descriptor, { offset: 2, end: 5 }), 4096)).toEqual(web.bytes.subarray(2, 5))
    expect(calls).toEqual([])
  })
})
