import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isFailure, isRopewayError, type Artifact, type Context, type Descriptor, type Failure } from '@ropeway/core'
import { adapterTable, createRuntime, loadChain, replay, resolve, serializeLock, type Runtime } from '@ropeway/engine'
import { collect, mediaTypes, parseManifest, sha256, verified } from '@ropeway/oci'
import {
  fakeChartRepository,
  fakeContext,
  faultProxy,
  makeChart,
  memoryRegistry,
  sampleChart,
  sampleImage,
  type ChartRepository,
  type ChartRepositoryOptions,
} from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { helmSource } from './index.js'
import { helmOptions } from './options.js'

const signed = makeChart({ name: 'web', version: '1.2.3', prov: true })
const charts = [
  makeChart({ name: 'web', version: '1.1.0' }),
  signed,
  makeChart({ name: 'web', version: '2.0.0-rc.1' }),
  makeChart({ name: 'db', version: '0.1.0+build.7' }),
]
const auth = { username: 'me', password: 'pa55word' }

let directory = ''
let closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-helm-'))
})
afterEach(async () => {
  for (const close of closing) await close()
  closing = []
  await rm(directory, { recursive: true })
})

async function serve(options: Partial<ChartRepositoryOptions> = {}): Promise<ChartRepository> {
  const repository = await fakeChartRepository({ charts, ...options })
  closing.push(() => repository.close())
  return repository
}

/** A run against the real network of this machine, with a login for the repository. */
function run(repository?: ChartRepository, cacheDirectory?: string): Runtime {
  const variable = `ROPEWAY_REGISTRY_${new URL(repository?.url ?? 'http://none').host.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
  const runtime = createRuntime({
    adapters: adapterTable([helmSource]),
    env: { [`${variable}_USERNAME`]: auth.username, [`${variable}_PASSWORD`]: auth.password },
    cacheDirectory,
  })
  closing.push(() => runtime.close())
  return runtime
}
function contextOf(runtime: Runtime): Context {
  return runtime.context({ name: 'kit', version: '1.0.0', directory, insecure: [], caFiles: [] })
}

async function items(written: object, context: Context): Promise<(Artifact | Failure)[]> {
  const result = await helmSource.options['~standard'].validate(written)
  if (result.issues !== undefined) throw new TypeError(result.issues.map(({ message }) => message).join())
  const found: (Artifact | Failure)[] = []
  for await (const item of helmSource.resolve(result.value, context)) found.push(item)
  return found
}
async function artifacts(written: object, context: Context): Promise<Artifact[]> {
  return (await items(written, context)).map((item) => {
    if (isFailure(item)) throw item.error
    return item
  })
}
async function one(written: object, context: Context): Promise<Artifact> {
  const [artifact] = await artifacts(written, context)
  if (artifact === undefined) throw new TypeError('nothing was resolved')
  return artifact
}
async function errorOf(written: object, context: Context) {
  const [item] = await items(written, context)
  const error = item !== undefined && isFailure(item) ? item.error : undefined
  return isRopewayError(error) ? error : undefined
}
async function layersOf({ content, root }: Artifact): Promise<Record<string, string>> {
  const read = (descriptor: Descriptor) => collect(verified(content.open(descriptor), descriptor), 1e8)
  const manifest = parseManifest(await read(root), root.mediaType)
  const layers = manifest.type === 'image' ? manifest.layers : []
  return Object.fromEntries(
    await Promise.all(layers.map(async (layer) => [layer.mediaType, sha256(await read(layer))] as const)),
  )
}

describe('a chart of a repository', () => {
  it('travels as the artifact that helm pushes, with its provenance', async () => {
    const repository = await serve()
    const artifact = await one({ repository: repository.url, chart: 'web' }, contextOf(run(repository)))
    expect(artifact).toMatchObject({
      kind: 'chart',
      name: 'web',
      version: '1.2.3',
      source: { location: `${repository.url}/web-1.2.3.tgz` },
      root: { mediaType: mediaTypes.ociManifest },
      naming: { path: 'web', tags: ['1.2.3'] },
      annotations: { 'helm.provenance': 'carried' },
    })
    expect(artifact.source.reference).toBeUndefined()
    expect(await layersOf(artifact)).toEqual({
      [mediaTypes.helmChart]: signed.digest,
      [mediaTypes.helmProvenance]: sha256(signed.prov ?? ''),
    })
  })

  it('is chosen and named as Helm does', async () => {
    const repository = await serve()
    const context = contextOf(run(repository))
    await writeFile(join(directory, 'a.yaml'), 'a: 1\n')
    await writeFile(join(directory, 'b.yaml'), 'b: 2\n')
    const found = await artifacts(
      {
        repository: repository.url,
        namespace: 'team',
        kubeVersion: '1.31.0',
        charts: [
          { chart: 'web', version: '~1.1' },
          { chart: 'web', devel: true },
          { chart: 'web', version: '>=1.0.0-0 <2' },
          { chart: 'db', version: '0.1.0+build.7', namespace: 'data/prod', values: ['a.yaml', 'b.yaml'], set: ['x=1'] },
        ],
      },
      context,
    )
    expect(found.map(({ naming: { path, tags } }) => `${path}:${tags.join()}`)).toEqual([
      'team/web:1.1.0',
      'team/web:2.0.0-rc.1',
      'team/web:2.0.0-rc.1',
      'data/prod/db:0.1.0_build.7',
    ])
    expect(found.map(({ settings }) => settings)).toEqual([
      ...Array.from({ length: 3 }, () => ({ kubeVersion: '1.31.0' })),
      {
        kubeVersion: '1.31.0',
        values: [
          { name: 'a.yaml', content: 'a: 1\n' },
          { name: 'b.yaml', content: 'b: 2\n' },
        ],
        set: ['x=1'],
      },
    ])
    expect(repository.requests.filter(({ path }) => path.endsWith('index.yaml'))).toHaveLength(1)
  })

  it('has values files whose digests tell drift, and needs them to be there', async () => {
    const repository = await serve()
    const context = contextOf(run(repository))
    const written = { repository: repository.url, chart: 'web', values: 'a.yaml' }
    expect(await items(written, context)).toMatchObject([
      { about: 'web', error: { code: 'VALUES_FILE_UNREADABLE', about: 'a.yaml', side: 'source' } },
    ])
    await writeFile(join(directory, 'a.yaml'), 'a: 1\n')
    expect(await helmSource.inputs?.(helmOptions.parse(written), context)).toEqual({
      'a.yaml': sha256(Buffer.from('a: 1\n')),
    })
  })

  it('is found whatever way the index goes to it', async () => {
    for (const options of [
      { urls: 'absolute' },
      { digests: 'prefixed' },
      { digests: 'missing' },
      { redirectIndex: true },
      { gzip: true },
      { query: 'token=hunter2' },
      { paddingBytes: 3_000_000 },
    ] as const) {
      const repository = await serve(options)
      const artifact = await one({ repository: repository.url, chart: 'web' }, contextOf(run(repository)))
      expect((await layersOf(artifact))[mediaTypes.helmChart]).toBe(signed.digest)
      expect(JSON.stringify(artifact)).not.toContain('hunter2')
    }
  })

  it('is fetched with credentials of the repository alone, unless told otherwise', async () => {
    for (const options of [{ urls: 'other-host' }, { redirectCharts: true }] as const) {
      const repository = await serve({ auth, ...options })
      await one({ repository: repository.url, chart: 'web' }, contextOf(run(repository)))
      const sent = (host: string) =>
        new Set(repository.requests.filter((r) => r.host === host).map((r) => r.authorization))
      expect([...sent('repository')]).toEqual(['basic'])
      expect([...sent('other')]).toEqual([undefined])
    }
    const repository = await serve({ auth, urls: 'other-host' })
    const error = await errorOf(
      { repository: repository.url, chart: 'web', passCredentials: true },
      contextOf(run(repository)),
    )
    expect(error?.side).toBe('source')
    expect(repository.requests.find(({ host }) => host === 'other')?.authorization).toBe('basic')
  })

  it('is refused when it is not what the index names, unless told otherwise', async () => {
    const repository = await serve({ digests: 'wrong' })
    const written = { repository: repository.url, chart: 'web' }
    const error = await errorOf(written, contextOf(run(repository)))
    expect(error).toMatchObject({ code: 'CHART_DIGEST_MISMATCH', side: 'source' })
    expect(error?.message).toContain(signed.digest)
    const artifact = await one({ ...written, verifyDigest: false }, contextOf(run(repository)))
    expect((await layersOf(artifact))[mediaTypes.helmChart]).toBe(signed.digest)
  })

  it('leaves provenance behind when it is switched off', async () => {
    const repository = await serve()
    const written = { repository: repository.url, chart: 'web', provenance: false }
    const artifact = await one(written, contextOf(run(repository)))
    expect(Object.keys(await layersOf(artifact))).toEqual([mediaTypes.helmChart])
    expect(artifact.annotations).toBeUndefined()
    expect(repository.requests.filter(({ path }) => path.endsWith('.prov'))).toEqual([])
  })

  it('is reported with what is near when it does not exist, each on its own', async () => {
    const repository = await serve()
    const found = await items(
      {
        repository: repository.url,
        charts: ['wbe', { chart: 'web', version: '1.2.4' }, 'web', { chart: 'db', version: '?' }],
      },
      contextOf(run(repository)),
    )
    expect(found).toMatchObject([
      { about: 'wbe', error: { code: 'CHART_NOT_FOUND', hint: expect.stringContaining('"web"') } },
      { about: 'web', error: { code: 'CHART_VERSION_NOT_FOUND', hint: expect.stringContaining('1.2.3') } },
      { name: 'web' },
      { about: 'db', error: { code: 'CONSTRAINT_INVALID' } },
    ])
  })

  it('fails once for a repository that cannot be read, and the rest goes on', async () => {
    await writeChart('local', 'local', '1.0.0')
    const repository = await serve({ loginPage: true })
    const written = { repository: repository.url, charts: ['web', 'db', './local'] }
    expect(await items(written, contextOf(run(repository)))).toMatchObject([
      { about: repository.url, error: { code: 'INDEX_INVALID', message: expect.stringContaining('login page') } },
      { name: 'local' },
    ])
    const wrong = { repository: 'https://me:secret@charts.example/x', chart: 'web' }
    const error = await errorOf(wrong, contextOf(run()))
    expect(error?.code).toBe('REPOSITORY_INVALID')
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  it('says which credentials were tried, never their value', async () => {
    const repository = await serve({ auth: { ...auth, password: 'another' } })
    const error = await errorOf({ repository: repository.url, chart: 'web' }, contextOf(run(repository)))
    expect(error).toMatchObject({ code: 'SOURCE_UNAUTHORIZED' })
    expect(error?.tried.join()).toContain('ROPEWAY_REGISTRY_127_0_0_1')
    expect(JSON.stringify([error, error?.message])).not.toContain('pa55word')
  })

  it('that the index keeps in a registry comes from there, as published', async () => {
    const host = 'registry.example:5000'
    const registry = memoryRegistry(host)
    const tree = sampleChart(1, 'web', '1.2.3')
    registry.seed('charts/web', {
      blobs: tree.blobs.map(({ bytes }) => bytes),
      manifests: tree.manifests,
      tags: { '1.2.3': tree.root.digest },
    })
    const index = (digest: string) =>
      `apiVersion: v1\nentries:\n  web:\n  - name: web\n    version: 1.2.3\n    digest: ${digest}\n    urls: ["oci://${host}/charts/web:1.2.3"]\n`
    const context = (digest: string) => fakeContext({ registries: [registry], http: () => ({ body: index(digest) }) })
    const written = { repository: 'https://charts.example', chart: 'web', version: '^1', namespace: 'n' }
    const archive = sha256(tree.blobs[1]?.bytes ?? '')
    expect(await one(written, context(archive))).toMatchObject({
      kind: 'chart',
      name: 'web',
      version: '1.2.3',
      root: tree.root,
      source: { reference: { registry: host, repository: 'charts/web', tag: '1.2.3' } },
      naming: { path: 'n/web', tags: ['1.2.3'] },
    })
    expect(await errorOf(written, context(sha256('other')))).toMatchObject({ code: 'CHART_DIGEST_MISMATCH' })
  })

  it('warns when it calls itself otherwise than the index does', async () => {
    const odd = makeChart({ name: 'web', version: '1.2.3', metadata: { name: 'Web', version: 'v1.2.3' } })
    const index = `apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.2.3, urls: [web.tgz]}\n`
    const context = fakeContext({
      http: ({ url }) =>
        url.endsWith('.tgz') ? { body: odd.tgz } : url.endsWith('.yaml') ? { body: index } : undefined,
    })
    const artifact = await one({ repository: 'https://charts.example', chart: 'web' }, context)
    expect(artifact).toMatchObject({ name: 'Web', version: 'v1.2.3', naming: { path: 'web', tags: ['v1.2.3'] } })
    expect(context.warnings.map(({ code }) => code)).toEqual(['CHART_DIFFERS_FROM_INDEX', 'CHART_NAME_LOWERED'])
  })

  it('is refused when no registry could hold its name', async () => {
    const odd = makeChart({ name: 'web', version: '1.2.3', metadata: { name: 'w€b' } })
    const context = fakeContext({ http: ({ url }) => (url.endsWith('.tgz') ? { body: odd.tgz } : undefined) })
    expect(await errorOf({ chart: 'https://charts.example/web.tgz' }, context)).toMatchObject({
      code: 'CHART_NAME_REFUSED',
    })
  })
})

describe('a chart on a bad line', () => {
  it.each([
    ['an index that breaks off', {}, { fault: { type: 'drop' }, path: 'index.yaml', times: 2 }],
    ['a packed index that breaks off', { gzip: true }, { fault: { type: 'drop' }, path: 'index.yaml' }],
    ['an archive that breaks off', {}, { fault: { type: 'drop' }, path: /tgz$/ }],
    ['a server that is busy', {}, { fault: { type: 'answer', status: 503 }, path: 'index.yaml' }],
    ['provenance that has to wait', {}, { fault: { type: 'answer', status: 429 }, path: '.prov' }],
  ] as const)('arrives all the same: %s', async (_title, options, rule) => {
    const repository = await serve({ ...options, paddingBytes: 200_000 })
    const proxy = await faultProxy(new URL(repository.url).origin, { rules: [rule] })
    closing.push(() => proxy.close())
    const written = { repository: `${proxy.url}/charts`, chart: 'web' }
    const artifact = await one(written, contextOf(run()))
    expect(Object.values(await layersOf(artifact))).toContain(signed.digest)
    expect(proxy.faults.length).toBeGreaterThan(0)
  })
  it.each([
    ['an archive that was cut', { type: 'truncate' }],
    ['an archive that was changed', { type: 'corrupt' }],
  ] as const)('is refused: %s', async (_title, fault) => {
    for (const [digests, code] of [
      ['right', 'CHART_DIGEST_MISMATCH'],
      ['missing', 'CHART_ARCHIVE_INVALID'],
    ] as const) {
      const repository = await serve({ digests })
      const proxy = await faultProxy(new URL(repository.url).origin, { rules: [{ fault, path: /tgz$/ }] })
      closing.push(() => proxy.close())
      const error = await errorOf({ repository: `${proxy.url}/charts`, chart: 'web' }, contextOf(run()))
      expect(error?.code).toBe(code)
    }
  })
})

describe('a chart by its address', () => {
  it('is fetched without a repository, and its query stays out of the lock', async () => {
    const repository = await serve({ query: 'token=hunter2', auth })
    const address = repository.url.replace('?', '/web-1.2.3.tgz?')
    const artifact = await one({ chart: address }, contextOf(run(repository)))
    expect(artifact).toMatchObject({ name: 'web', version: '1.2.3', annotations: { 'helm.provenance': 'carried' } })
    expect(JSON.stringify(artifact)).not.toContain('hunter2')
  })
})

describe('a chart of a registry', () => {
  const host = 'registry.example:5000'
  const registry = memoryRegistry(host)
  for (const [seed, version] of ['1.0.0', '1.1.0'].entries()) {
    const tree = sampleChart(seed, 'web', version)
    const blobs = tree.blobs.map(({ bytes }) => bytes)
    registry.seed('charts/web', { blobs, manifests: tree.manifests, tags: { [version]: tree.root.digest } })
  }
  const image = sampleImage(5)
  registry.seed('charts/app', {
    blobs: image.blobs.map(({ bytes }) => bytes),
    manifests: image.manifests,
    tags: { '1.0.0': image.root.digest },
  })
  const context = () => fakeContext({ registries: [registry] })

  it('is named below an oci:// repository, or by its whole address', async () => {
    const below = await one({ repository: `oci://${host}/charts/`, chart: 'web', version: '^1' }, context())
    expect(below).toMatchObject({ name: 'web', version: '1.1.0', naming: { path: 'web', tags: ['1.1.0'] } })
    const whole = await one({ chart: `oci://${host}/charts/web`, version: '1.0.0', namespace: 'n' }, context())
    expect(whole).toMatchObject({ naming: { path: 'n/web', tags: ['1.0.0'] } })
    expect(whole.derived).toBeUndefined()
    expect(whole.content.referrers).toBeDefined()
  })
  it('is told from an image, and reported with what is near', async () => {
    const written = {
      repository: `oci://${host}/charts`,
      charts: [
        { chart: 'app', version: '1.0.0' },
        { chart: 'web', version: '^2' },
      ],
    }
    expect(await items(written, context())).toMatchObject([
      { about: 'app', error: { code: 'NOT_A_CHART', hint: 'for images and other artifacts use the oci source' } },
      { about: 'web', error: { code: 'CHART_VERSION_NOT_FOUND', hint: expect.stringContaining('1.1.0, 1.0.0') } },
    ])
  })
})

describe('a local chart', () => {
  it('is packed, or taken as it is, and is an input of the lock', async () => {
    await writeChart('charts/local', 'local', '0.1.0+dev')
    await writeFile(join(directory, 'web.tgz'), signed.tgz)
    await writeFile(join(directory, 'web.tgz.prov'), signed.prov ?? '')
    const context = contextOf(run())
    const written = { charts: ['charts/local', './web.tgz'] }
    const [local, web] = await artifacts(written, context)
    expect(local).toMatchObject({ name: 'local', version: '0.1.0+dev', source: { location: 'charts/local' } })
    expect(local?.naming.tags).toEqual(['0.1.0_dev'])
    expect(web).toMatchObject({ name: 'web', annotations: { 'helm.provenance': 'carried' } })
    const { value } = (await helmSource.options['~standard'].validate(written)) as { value: never }
    const layers = await layersOf(local!)
    expect(await helmSource.inputs?.(value, context)).toEqual({
      'charts/local': layers[mediaTypes.helmChart],
      './web.tgz': signed.digest,
    })
    await rm(join(directory, 'web.tgz'))
    expect(Object.keys((await helmSource.inputs?.(value, context)) ?? {})).toEqual(['charts/local'])
    await writeFile(join(directory, 'charts/local/Chart.yaml'), 'name: [')
    await expect(helmSource.inputs?.(value, context)).rejects.toThrow(
      expect.objectContaining({ code: 'CHART_INVALID' }),
    )
  })
  it('that is not there hints at the repository', async () => {
    expect(await errorOf({ chart: 'podinfo' }, contextOf(run()))).toMatchObject({
      code: 'CHART_PATH_MISSING',
      hint: expect.stringContaining('repository:'),
    })
  })
})

describe('a lock', () => {
  const chain = (sources: object[]) => ({ name: 'kit', version: '1.0.0', sources })
  async function locked(sources: object[], runtime: Runtime) {
    const loaded = await loadChain({ value: chain(sources), directory }, runtime.adapters)
    return { loaded, resolution: await resolve(loaded, runtime) }
  }

  it('is the same for equal results, and brings everything back without a cache', async () => {
    await writeChart('local', 'local', '1.0.0')
    for (const options of [{}, { query: 'token=hunter2' }, { urls: 'other-host', auth }] as const) {
      const repository = await serve(options)
      const sources = [{ helm: { repository: repository.url, charts: ['web', 'db', './local'] } }]
      const first = await locked(sources, run(repository))
      const second = await locked(sources, run(repository))
      expect(serializeLock(second.resolution.lock)).toEqual(serializeLock(first.resolution.lock))
      expect(Buffer.from(serializeLock(first.resolution.lock)).toString()).not.toMatch(/hunter2|pa55word/)
      const again = await replay(first.loaded, first.resolution.lock, run(repository))
      for (const { content, root } of again.artifacts.map(({ artifact }) => artifact)) {
        await layersOf({ content, root } as Artifact)
      }
    }
  })

  it('does not ask the network for what the cache has', async () => {
    const repository = await serve()
    const cache = join(directory, 'cache')
    const { loaded, resolution } = await locked(
      [{ helm: { repository: repository.url, chart: 'web' } }],
      run(repository, cache),
    )
    const asked = repository.requests.length
    const again = await replay(loaded, resolution.lock, run(repository, cache))
    await layersOf(again.artifacts[0]!.artifact)
    expect(repository.requests.length).toBe(asked)
  })

  it('refuses an archive that was replaced, and a local chart that was edited', async () => {
    const served = [...charts]
    const repository = await serve({ charts: served, digests: 'missing' })
    const remote = await locked([{ helm: { repository: repository.url, chart: 'web' } }], run(repository))
    served[1] = makeChart({ name: 'web', version: '1.2.3', values: { replaced: true } })
    await expect(replay(remote.loaded, remote.resolution.lock, run(repository))).rejects.toThrow(
      expect.objectContaining({ code: 'CHART_CHANGED' }),
    )
    await writeChart('local', 'local', '1.0.0')
    const local = await locked([{ helm: { chart: './local' } }], run())
    await writeFile(join(directory, 'local/values.yaml'), 'edited: true\n')
    await expect(replay(local.loaded, local.resolution.lock, run())).rejects.toThrow(
      expect.objectContaining({ code: 'LOCK_DRIFT' }),
    )
  })

  it('asks the index again for addresses that are signed', async () => {
    let signature = 'first'
    const repository = await serve({
      editIndex: (text) => text.replace('web-1.2.3.tgz', `web-1.2.3.tgz?sig=${signature}`),
    })
    const { loaded, resolution } = await locked(
      [{ helm: { repository: repository.url, chart: 'web' } }],
      run(repository),
    )
    expect(Buffer.from(serializeLock(resolution.lock)).toString()).not.toContain('sig=')
    signature = 'second'
    await replay(loaded, resolution.lock, run(repository))
    expect(repository.requests.filter(({ query }) => query !== '').map(({ query }) => query)).toEqual([
      'sig=first',
      'sig=first',
      'sig=second',
      'sig=second',
    ])
  })

  it('that says nothing of where a chart is, is refused', async () => {
    const repository = await serve()
    const { loaded, resolution } = await locked(
      [{ helm: { repository: repository.url, chart: 'web' } }],
      run(repository),
    )
    const { lock } = resolution
    const artifacts = lock.artifacts.map((each) => ({ ...each, source: { ...each.source, locator: { type: 'path' } } }))
    await expect(replay(loaded, { ...lock, artifacts }, run(repository))).rejects.toThrow(
      expect.objectContaining({ code: 'CHART_LOCATOR_INVALID' }),
    )
  })
})

async function writeChart(path: string, name: string, version: string): Promise<void> {
  const files = {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
    'values.yaml': 'a: 1\n',
    'templates/x.yaml': 'x: {{ .Values.a }}\n',
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path, file)), { recursive: true })
    await writeFile(join(directory, path, file), text)
  }
}
