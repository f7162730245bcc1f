import { mkdir, mkdtemp, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineSource, type Artifact, type ArtifactKind } from '@ropeway/core'
import { buildArtifact, emptyConfig, fileAnnotations, sha256 } from '@ropeway/oci'
import { countedContent, memoryContent, sampleChart, sampleImage, type SampleTree } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadChain } from './chain/load.js'
import { fetchContent } from './fetch.js'
import { resolve } from './resolve/resolve.js'
import { createWorld } from './world.fixture.js'

interface Thing {
  readonly kind: ArtifactKind
  readonly name: string
  readonly version?: string
  readonly tree: Pick<SampleTree, 'root' | 'manifests' | 'blobs'>
}

/** An artifact of files: name → text. */
function files(name: string, texts: readonly (readonly [path: string, text: string])[], executable = false): Thing {
  const layers = texts.map(([path, text]) => {
    const bytes = Buffer.from(text)
    const annotations = {
      [fileAnnotations.title]: path,
      ...(executable ? { [fileAnnotations.executable]: 'true' } : {}),
    }
    return {
      bytes,
      descriptor: { mediaType: 'text/plain', digest: sha256(bytes), size: bytes.byteLength, annotations },
    }
  })
  const manifest = buildArtifact({
    artifactType: 'application/vnd.example.files',
    layers: layers.map(({ descriptor }) => descriptor),
  })
  const config = { descriptor: emptyConfig.descriptor, bytes: emptyConfig.bytes }
  return {
    kind: 'file',
    name,
    tree: { root: manifest.descriptor, manifests: [manifest], blobs: [config, ...layers] },
  }
}

async function prepare(things: readonly Thing[]) {
  const bytes = new Map<string, Uint8Array>()
  for (const { tree } of things)
    for (const one of [...tree.manifests, ...tree.blobs]) bytes.set(one.descriptor.digest, one.bytes)
  const content = countedContent(memoryContent(bytes))
  const source = defineSource({
    name: 'things',
    summary: 'things',
    options: z.strictObject({}),
    async *resolve() {
      for (const { kind, name, version, tree } of things) {
        const named = { kind, name, version, root: tree.root, source: { location: name } }
        yield { ...named, content, naming: { path: name, tags: [] } } satisfies Artifact
      }
    },
    reopen: async () => content,
  })
  const { runtime } = createWorld([source])
  const value = { name: 'fetches', sources: [{ things: {} }] }
  const chain = await loadChain({ value, directory: '/' }, runtime.adapters)
  const resolution = await resolve(chain, runtime, { discover: false })
  const directory = join(await mkdtemp(join(tmpdir(), 'fetch-')), 'out')
  const fetch = (only?: readonly string[]) => fetchContent(resolution, runtime, { directory, only })
  return { fetch, directory, bytes, read: (path: string) => readFile(join(directory, path), 'utf8') }
}

const chart: Thing = {
  kind: 'chart',
  name: 'podinfo',
  version: '6.7.1+b1',
  tree: sampleChart(1, 'podinfo', '6.7.1+b1'),
}
const chartSize = chart.tree.blobs[1]?.descriptor.size

describe('fetch', () => {
  it('writes every named layer and a chart’s archive, in folders as they are named', async () => {
    const { fetch, read, directory } = await prepare([
      chart,
      files('k8s', [
        ['k8s/a.yaml', 'a: 1'],
        ['k8s/deep/b.yaml', 'b: 2'],
      ]),
    ])
    const { files: fetched } = await fetch()
    expect(fetched).toEqual([
      { id: 'chart:podinfo:6.7.1+b1', path: 'podinfo-6.7.1+b1.tgz', size: chartSize },
      { id: 'file:k8s', path: 'k8s/a.yaml', size: 4 },
      { id: 'file:k8s', path: 'k8s/deep/b.yaml', size: 4 },
    ])
    expect(await read('k8s/deep/b.yaml')).toBe('b: 2')
    expect((await stat(join(directory, 'podinfo-6.7.1+b1.tgz'))).size).toBe(chartSize)
    expect((await readdir(directory, { recursive: true })).filter((path) => path.includes('partial'))).toEqual([])
  })
  it('makes a file executable that was so, and replaces what is there', async () => {
    const { fetch, read, directory } = await prepare([
      files('run', [['run.sh', '#!/bin/sh']], true),
      files('b', [['b', 'b']]),
    ])
    await mkdir(directory)
    await writeFile(join(directory, 'run.sh'), 'something longer than before')
    await fetch()
    expect(await read('run.sh')).toBe('#!/bin/sh')
    expect((await stat(join(directory, 'run.sh'))).mode & 0o111).toBe(0o111)
    expect((await stat(join(directory, 'b'))).mode & 0o111).toBe(0)
  })
  it.each(['../evil', '/etc/evil', 'a/../../evil', '..', '.', 'a/..'])(
    'refuses a file named %s, and writes nothing at all',
    async (path) => {
      const { fetch, directory } = await prepare([files('a', [['fine', 'x']]), files('evil', [[path, 'y']])])
      await expect(fetch()).rejects.toMatchObject({ code: 'FETCH_HOSTILE_PATH', about: path, exitCode: 6 })
      expect(await readdir(directory).catch(() => [])).toEqual([])
    },
  )
  it('refuses two files of one name, of two artifacts or of one', async () => {
    const two = await prepare([files('one', [['a.txt', '1']]), files('two', [['./a.txt', '2']])])
    await expect(two.fetch()).rejects.toMatchObject({
      code: 'FETCH_COLLISION',
      message: expect.stringMatching(/file:one.*file:two/),
    })
    expect((await two.fetch(['file:two'])).files).toHaveLength(1)
    const one = await prepare([
      files('one', [
        ['a.txt', '1'],
        ['a.txt', '2'],
      ]),
    ])
    await expect(one.fetch()).rejects.toMatchObject({ code: 'FETCH_COLLISION' })
  })
  it('says so when there is nothing to write, or nothing that was asked for', async () => {
    const image: Thing = { kind: 'image', name: 'a.test/b:1', tree: sampleImage(1) }
    const { fetch } = await prepare([image, chart])
    expect((await fetch(['chart'])).files).toHaveLength(1)
    await expect(fetch(['image'])).rejects.toMatchObject({
      code: 'FETCH_NOTHING',
      message: expect.stringContaining('image:a.test/b:1'),
    })
    await expect(fetch(['cart'])).rejects.toMatchObject({ code: 'ONLY_MATCHES_NOTHING' })
  })
  it('leaves nothing of a file whose content is wrong', async () => {
    const { fetch, directory, bytes } = await prepare([files('a', [['a.txt', 'right']])])
    bytes.set(sha256(Buffer.from('right')), Buffer.from('wrong'))
    await expect(fetch()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', exitCode: 6 })
    expect(await readdir(directory)).toEqual([])
  })
  it('names the source whose content cannot be read', async () => {
    const { fetch, bytes } = await prepare([files('a', [['a.txt', 'right']])])
    bytes.set(sha256(Buffer.from('right')), null as never)
    await expect(fetch()).rejects.toMatchObject({ code: 'ADAPTER_FAILED', about: 'things', exitCode: 3 })
  })
  it('names the file that cannot be written', async () => {
    const { fetch, directory } = await prepare([files('a', [['sub/a.txt', 'x']])])
    await mkdir(directory)
    await writeFile(join(directory, 'sub'), 'a file')
    await expect(fetch()).rejects.toMatchObject({
      code: 'FETCH_NOT_WRITABLE',
      about: join(directory, 'sub/a.txt'),
      exitCode: 2,
    })
  })
})
