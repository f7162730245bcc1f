import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isFailure, isRopewayError, type Artifact, type Failure, type RopewayError } from '@ropeway/core'
import { fakeContext, memoryRegistry, sampleImage, type FakeContext, type FakeContextOptions } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesOptions } from './options.js'
import { filesSource } from './source.js'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-files-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true })
  await writeFile(join(directory, path), content)
}

function contextOf(options: FakeContextOptions = {}): FakeContext {
  const registry = memoryRegistry('registry.example')
  const seeded = (name: string, seed: number) => {
    const image = sampleImage(seed)
    const blobs = image.blobs.map(({ bytes }) => bytes)
    registry.seed(name, { blobs, manifests: image.manifests, tags: { '1': image.root.digest } })
  }
  seeded('app/web', 1)
  seeded('app/db', 2)
  return fakeContext({
    registries: [registry],
    chain: { name: 'My Platform', version: '1.4+ci', directory },
    ...options,
  })
}

async function resolve(
  options: unknown,
  context = contextOf(),
): Promise<{ artifacts: Artifact[]; failures: Failure[] }> {
  const artifacts: Artifact[] = []
  const failures: Failure[] = []
  for await (const item of filesSource.resolve(filesOptions.parse(options), context)) {
    if (isFailure(item)) failures.push(item)
    else artifacts.push(item)
  }
  return { artifacts, failures }
}

function errors(failures: readonly Failure[]): RopewayError[] {
  return failures.map(({ error }) => {
    if (isRopewayError(error)) return error
    throw error
  })
}

const deployment = (images: readonly string[]): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
${images.map((image, index) => `      - name: c${index}\n        image: ${image}\n`).join('')}`

describe('image lists', () => {
  it('make one artifact of an image, required by every place that names it', async () => {
    await put('images.txt', '# all\r\nregistry.example/app/web:1 # the web\r\n\r\nregistry.example/app/db:1\r\n')
    await put('more.txt', 'registry.example/app/web:1\n')
    await put('k8s/app.yaml', deployment(['registry.example/app/web:1']))
    const { artifacts, failures } = await resolve({ images: ['images.txt', 'more.txt'], manifests: 'k8s/app.yaml' })
    expect(failures).toEqual([])
    expect(artifacts.map(({ kind, name, requiredBy, class: why }) => ({ kind, name, requiredBy, why }))).toEqual([
      {
        kind: 'image',
        name: 'registry.example/app/web:1',
        requiredBy: ['images.txt:2', 'more.txt:1'],
        why: undefined,
      },
      { kind: 'image', name: 'registry.example/app/db:1', requiredBy: ['images.txt:4'], why: undefined },
      { kind: 'manifests', name: 'k8s/app.yaml', requiredBy: undefined, why: undefined },
    ])
  })

  it('are read in the declared order, globs sorted, each once', async () => {
    await put('lists/b.txt', 'registry.example/app/db:1\n')
    await put('lists/a.txt', 'registry.example/app/web:1\n')
    const { artifacts } = await resolve({ images: ['lists/*.txt', './lists/b.txt'] })
    expect(artifacts.map(({ name, requiredBy }) => [name, requiredBy])).toEqual([
      ['registry.example/app/web:1', ['lists/a.txt:1']],
      ['registry.example/app/db:1', ['lists/b.txt:1']],
    ])
  })

  it('tell everything that is wrong at once, and carry on', async () => {
    await put('images.txt', 'Bad Line\nregistry.example/app/gone:1\nregistry.example/app/web:1\n')
    await put('lists/note.md', '')
    const { artifacts, failures } = await resolve({ images: ['imags.txt', 'images.txt', 'lists', 'none/*.txt'] })
    expect(artifacts.map(({ name }) => name)).toEqual(['registry.example/app/web:1'])
    expect(errors(failures).map(({ code, at, about }) => [code, at ?? about])).toEqual([
      ['SOURCE_FILE_MISSING', 'imags.txt'],
      ['SOURCE_FILE_UNREADABLE', 'lists'],
      ['SOURCE_GLOB_EMPTY', 'none/*.txt'],
      ['IMAGE_LIST_INVALID', 'images.txt:1'],
      [expect.stringContaining('NOT_FOUND'), 'images.txt:2'],
    ])
    expect(errors(failures)[0]?.hint).toBe('Did you mean "images.txt"?')
  })

  it('are refused when they are no text, or larger than a list can be', async () => {
    await put('images.txt', Buffer.from('registry.example/app/web:1', 'utf16le'))
    await put('binary.txt', Uint8Array.of(0xff, 0xfe))
    const { failures } = await resolve({ images: ['images.txt', 'binary.txt'] })
    expect(errors(failures).map(({ code }) => code)).toEqual(['IMAGE_LIST_INVALID', 'TEXT_NOT_UTF8'])
  })
})

describe('manifests', () => {
  it('travel as artifacts that oras gives back; their images are the engine’s to find', async () => {
    await put('k8s/App.yaml', deployment(['registry.example/app/web:1', 'registry.example/app/db:1']))
    const { artifacts } = await resolve({ manifests: ['k8s/*.yaml'] })
    expect(artifacts.map(({ kind, class: why }) => [kind, why])).toEqual([['manifests', undefined]])
    const [travelling] = artifacts
    expect(travelling).toMatchObject({
      name: 'k8s/App.yaml',
      naming: { path: 'my-platform/app.yaml', tags: ['1.4_ci'] },
      source: { location: 'k8s/App.yaml' },
    })
    expect(await manifestOf(travelling)).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.ropeway.manifests.v1',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        size: 2,
        data: 'e30=',
      },
      layers: [
        {
          mediaType: 'application/yaml',
          digest: expect.stringMatching(/^sha256:/),
          size: expect.any(Number),
          annotations: { 'org.opencontainers.image.title': 'App.yaml' },
        },
      ],
    })
  })

  it('of a folder are one artifact, with the manifests of all folders below', async () => {
    await put('k8s/b.json', '{"apiVersion":"v1","kind":"Namespace"}')
    await put('k8s/a/web.yml', deployment(['registry.example/app/web:1']))
    await put('k8s/README.md', 'not a manifest')
    const { artifacts, failures } = await resolve({ manifests: 'k8s' })
    expect(failures).toEqual([])
    const [folder] = artifacts
    const { layers } = await manifestOf(folder)
    expect(layers.map(({ mediaType, annotations }) => [mediaType, ...Object.values(annotations)])).toEqual([
      ['application/yaml', 'k8s/a/web.yml'],
      ['application/json', 'k8s/b.json'],
    ])
  })

  it('may come from an address; its query stays out of the lock', async () => {
    const url = 'https://dl.example/release/install.yaml?token=hunter2'
    const asked: string[] = []
    const context = contextOf({
      http: (request) => {
        asked.push(request.url)
        return request.url === url ? { body: deployment(['registry.example/app/web:1']) } : undefined
      },
    })
    const { artifacts } = await resolve({ manifests: [url] }, context)
    expect(artifacts[0]).toMatchObject({ name: 'install.yaml', naming: { path: 'my-platform/install.yaml' } })
    expect(JSON.stringify(artifacts)).not.toContain('hunter2')
    expect(asked).toEqual([url])
  })

  it('that are none are told by file and line, and what holds them does not travel', async () => {
    await put('k8s/a.yaml', deployment(['registry.example/app/web:1']))
    await put('k8s/b.yaml', 'image: nginx\n')
    await put('k8s/c.yaml', 'kind: {{ .Values.kind }}\n')
    const { artifacts, failures } = await resolve({ manifests: ['k8s', 'empty.yaml', 'https://dl.example/none.yaml'] })
    expect(artifacts).toEqual([])
    expect(errors(failures).map(({ code, at, about }) => [code, at ?? about])).toEqual([
      ['SOURCE_FILE_MISSING', 'empty.yaml'],
      ['MANIFEST_FILE_INVALID', 'k8s/b.yaml:1'],
      ['MANIFEST_FILE_INVALID', 'k8s/c.yaml:1'],
      [expect.stringContaining('NOT_FOUND'), 'https://dl.example/none.yaml'],
    ])
  })

  it('of a folder without any are an error', async () => {
    await put('docs/README.md', 'none here')
    const { failures } = await resolve({ manifests: ['docs'] })
    expect(errors(failures)).toMatchObject([{ code: 'SOURCE_FOLDER_EMPTY', about: 'docs' }])
  })
})

describe('options', () => {
  it.each([
    [{}],
    [{ referrers: true }],
    [{ images: [] }],
    [{ files: [{ path: 'a', url: 'https://a.example/a' }] }],
    [{ files: [{ url: 'ftp://a.example/a' }] }],
    [{ files: [{ path: 'a', name: '../a' }] }],
    [{ files: [{ path: 'a', name: '..' }] }],
    [{ files: [{ path: 'a', sha256: 'abc' }] }],
    [{ image: ['images.txt'] }],
  ])('refuse %j', (options) => {
    expect(filesOptions.safeParse(options).success).toBe(false)
  })
})

interface WrittenManifest {
  readonly layers: readonly { readonly mediaType: string; readonly annotations: Record<string, string> }[]
}

async function manifestOf(artifact: Artifact | undefined): Promise<WrittenManifest> {
  if (artifact === undefined) throw new Error('there is no artifact')
  const chunks: Uint8Array[] = []
  for await (const chunk of artifact.content.open(artifact.root)) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as WrittenManifest
}
