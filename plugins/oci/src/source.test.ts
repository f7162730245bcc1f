import { isFailure, type Artifact, type Failure } from '@ropeway/core'
import { formatReference } from '@ropeway/oci'
import {
  fakeContext,
  memoryRegistry,
  sampleChart,
  sampleFile,
  sampleImage,
  sampleIndex,
  type SampleTree,
} from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { ociSource } from './index.js'

const host = 'registry.example'
const registry = memoryRegistry(host)
const web = sampleIndex(1)
const older = sampleImage(2)
const chart = sampleChart(3, 'podinfo', '6.7.1+build')
const wasm = sampleFile(4, 'filter.wasm')

function publish(repository: string, tree: SampleTree, tags: readonly string[]): void {
  registry.seed(repository, {
    blobs: tree.blobs.map(({ bytes }) => bytes),
    manifests: tree.manifests,
    tags: Object.fromEntries(tags.map((tag) => [tag, tree.root.digest])),
  })
}
publish('app/web', older, ['1.2.2'])
publish('app/web', web, ['1.2.3', 'latest'])
publish('charts/podinfo', chart, ['6.7.1_build'])
publish('wasm/filter', wasm, ['1'])

async function resolve(written: unknown): Promise<{ items: (Artifact | Failure)[]; warnings: readonly object[] }> {
  const result = await ociSource.options['~standard'].validate(written)
  if (result.issues !== undefined) throw new TypeError(result.issues.map(({ message }) => message).join())
  const context = fakeContext({ registries: [registry] })
  const items: (Artifact | Failure)[] = []
  for await (const item of ociSource.resolve(result.value, context)) items.push(item)
  return { items, warnings: context.warnings }
}

const one = async (reference: string, more: object = {}): Promise<Artifact> => {
  const { items } = await resolve({ reference, ...more })
  const [item] = items
  if (item === undefined || isFailure(item)) throw item?.error
  return item
}

describe('oci source', () => {
  it('resolves references in the order in which they are written', async () => {
    const references = [`${host}/wasm/filter:1`, `${host}/app/web`, `${host}/charts/podinfo:6.7.1_build`]
    const { items } = await resolve({ reference: `${host}/app/web:1.2.2`, references })
    expect(items).toMatchObject([
      { kind: 'image', name: `${host}/app/web:1.2.2`, naming: { path: 'app/web', tags: ['1.2.2'] } },
      { kind: 'artifact', name: `${host}/wasm/filter:1`, root: { digest: wasm.root.digest } },
      { kind: 'image', name: `${host}/app/web:latest`, root: { digest: web.root.digest } },
      { kind: 'chart', name: 'podinfo', version: '6.7.1+build' },
    ])
  })

  it('names a chart as Helm does, and remembers where it is', async () => {
    const artifact = await one(`${host}/charts/podinfo:6.7.1_build`)
    expect(artifact.naming).toEqual({ path: 'podinfo', tags: ['6.7.1_build'] })
    expect(artifact.source.location).toBe(`${host}/charts/podinfo:6.7.1_build`)
    expect((await one(`${host}/charts/podinfo@${chart.root.digest}`)).version).toBeUndefined()
  })

  it('takes the word of the user for the kind', async () => {
    expect(await one(`${host}/app/web:1.2.2`, { kind: 'artifact' })).toMatchObject({ kind: 'artifact' })
    expect(await one(`${host}/wasm/filter:1`, { kind: 'chart' })).toMatchObject({ kind: 'chart', name: 'filter' })
  })

  it('has no tags for a digest alone', async () => {
    const artifact = await one(`${host}/app/web@${older.root.digest}`)
    expect(artifact.naming.tags).toEqual([])
    expect(artifact.name).toBe(`${host}/app/web@${older.root.digest}`)
  })

  it('follows the digest beside a tag, and says so when the tag has moved', async () => {
    const moved = `${host}/app/web:1.2.3@${older.root.digest}`
    const gone = `${host}/app/web:0.9@${older.root.digest}`
    const equal = `${host}/app/web:1.2.2@${older.root.digest}`
    const { items, warnings } = await resolve({ references: [moved, gone, equal] })
    expect(items).toMatchObject([
      { root: { digest: older.root.digest }, naming: { tags: ['1.2.3'] } },
      { naming: { tags: ['0.9'] } },
      { naming: { tags: ['1.2.2'] } },
    ])
    expect(warnings).toMatchObject([
      { code: 'TAG_MOVED', about: moved, message: expect.stringContaining(web.root.digest) },
      { code: 'TAG_MOVED', about: gone, message: expect.stringContaining('is gone') },
    ])
  })

  it('does not fail when it cannot learn what the tag holds now', async () => {
    const context = fakeContext({ registries: [registry] })
    const client = context.registry(host, 'source')
    const refusing: typeof client = {
      ...client,
      find: (repository, wanted) =>
        wanted.includes(':') ? client.find(repository, wanted) : Promise.reject(new TypeError('no HEAD here')),
    }
    const reference = `${host}/app/web:1.2.3@${older.root.digest}`
    const options = { references: [reference], referrers: true }
    const items: (Artifact | Failure)[] = []
    for await (const item of ociSource.resolve(options, { ...context, registry: () => refusing })) items.push(item)
    expect(items).toMatchObject([{ name: reference }])
  })

  it('yields a failure for what does not exist, with tags that do, and goes on', async () => {
    const { items } = await resolve({ references: [`${host}/app/web:9`, `${host}/App`, `${host}/app/web:1.2.3`] })
    expect(items).toMatchObject([
      { about: `${host}/app/web:9`, error: { code: 'SOURCE_NOT_FOUND', hint: expect.stringContaining('1.2.3') } },
      { about: `${host}/App`, error: { code: 'REFERENCE_INVALID' } },
      { name: `${host}/app/web:1.2.3` },
    ])
  })

  it('leaves referrers out when they are switched off, also when reopened', async () => {
    expect((await one(`${host}/app/web:1.2.3`)).content.referrers).toBeDefined()
    const artifact = await one(`${host}/app/web:1.2.3`, { referrers: false })
    expect(artifact.content.referrers).toBeUndefined()
    const locked = {
      id: `image:${artifact.name}`,
      kind: artifact.kind,
      name: artifact.name,
      source: {
        adapter: 'oci',
        step: 'sources[0]',
        reference: formatReference(artifact.source.reference ?? { registry: '', repository: '' }),
        location: artifact.source.location,
      },
      published: artifact.root,
      root: artifact.root,
      naming: artifact.naming,
      destinations: [],
      referrers: [],
      class: 'declared' as const,
      signatures: 'none' as const,
    }
    const context = fakeContext({ registries: [registry] })
    const content = await ociSource.reopen(locked, { referrers: false }, context)
    expect(content.referrers).toBeUndefined()
  })

  it.each([
    [{}, /name what to carry/],
    [{ references: [] }, />=1|at least 1/i],
    [{ reference: '' }, />=1|at least 1/i],
    [{ references: ['a'], kind: 'file' }, /image/],
    [{ reference: 'a', repositry: 'b' }, /repositry/],
  ])('refuses the options %j', async (written, message) => {
    await expect(resolve(written)).rejects.toThrow(message)
  })
})
