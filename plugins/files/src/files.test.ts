import { chmod, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isFailure, type Artifact, type Failure, type LockedArtifact } from '@ropeway/core'
import { collect, parseManifest, sha256 } from '@ropeway/oci'
import { fakeContext, sampleBytes, type FakeContext, type FakeContextOptions } from '@ropeway/testkit'
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

const contextOf = (options: FakeContextOptions = {}): FakeContext =>
  fakeContext({ chain: { name: 'kit', version: '1.0.0', directory }, ...options })

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

async function only(options: unknown, context = contextOf()): Promise<Artifact> {
  const { artifacts, failures } = await resolve(options, context)
  expect(failures).toEqual([])
  expect(artifacts).toHaveLength(1)
  return artifacts[0] as Artifact
}

async function layersOf({ content, root }: Artifact) {
  const manifest = parseManifest(await collect(content.open(root), 1e6), root.mediaType)
  if (manifest.type !== 'image') throw new Error('it is no image manifest')
  return manifest.layers
}

function locked({ kind, name, source, root, naming }: Artifact): LockedArtifact {
  return {
    id: `${kind}:${name}`,
    kind,
    name,
    source: { adapter: 'files', step: 'sources[0]', location: source.location, locator: source.locator },
    published: root,
    root,
    naming,
    destinations: [],
    referrers: [],
    class: 'declared',
    signatures: 'none',
  }
}

describe('plain files', () => {
  it('keep their bytes, name and executable bit', async () => {
    await put('bin/Install.SH', '#!/bin/sh\necho hello\n')
    await chmod(join(directory, 'bin/Install.SH'), 0o755)
    const artifact = await only({ files: ['bin/Install.SH'] })
    expect(artifact).toMatchObject({
      kind: 'file',
      name: 'bin/Install.SH',
      naming: { path: 'kit/install.sh', tags: ['1.0.0'] },
      source: { location: 'bin/Install.SH' },
    })
    const [layer, ...others] = await layersOf(artifact)
    expect(others).toEqual([])
    expect(layer).toEqual({
      mediaType: 'application/octet-stream',
      digest: sha256('#!/bin/sh\necho hello\n'),
      size: 21,
      annotations: { 'org.opencontainers.image.title': 'Install.SH', 'vnd.ropeway.file.executable': 'true' },
    })
  })

  it('have the manifest that the docs show', async () => {
    const page = await readFile(new URL('../../../docs/media-types.md', import.meta.url), 'utf8')
    await put('install.sh', 'echo hi\n')
    await chmod(join(directory, 'install.sh'), 0o755)
    const { content, root } = await only({ files: 'install.sh' })
    const manifest: unknown = JSON.parse(Buffer.from(await collect(content.open(root), 4096)).toString('utf8'))
    expect(manifest).toEqual(JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''))
  })

  it('of a folder are one artifact, sorted, titled from the folder on', async () => {
    await put('tools/z.txt', 'z')
    await put('tools/B/y', 'same')
    await put('tools/a/.hidden', 'same')
    const artifact = await only({ files: ['./tools/'] })
    expect(artifact).toMatchObject({ name: 'tools', naming: { path: 'kit/tools' } })
    expect(
      (await layersOf(artifact)).map(({ annotations }) => annotations?.['org.opencontainers.image.title']),
    ).toEqual(['tools/B/y', 'tools/a/.hidden', 'tools/z.txt'])
  })

  it('give one digest, whatever their times and the place of the chain', async () => {
    await put('one/tools/a', 'a')
    await put('two/tools/a', 'a')
    const first = await only({ files: ['one/tools'] })
    const second = await only({ files: ['two/tools'] })
    expect(first.root).toEqual(second.root)
  })

  it('may be renamed; two of one name are an error that names both', async () => {
    await put('a/run.sh', 'a')
    await put('b/run.sh', 'b')
    const { artifacts, failures } = await resolve({ files: ['*/run.sh', { path: 'b/run.sh', name: 'Run B' }] })
    expect(artifacts.map(({ name, naming }) => [name, naming.path])).toEqual([
      ['a/run.sh', 'kit/run.sh'],
      ['Run B', 'kit/run-b'],
    ])
    expect(failures).toMatchObject([
      {
        about: 'b/run.sh',
        error: { code: 'FILE_NAME_TAKEN', message: expect.stringContaining('a/run.sh and b/run.sh') },
      },
    ])
  })

  it('may be empty', async () => {
    await put('empty', '')
    const artifact = await only({ files: 'empty' })
    const [layer] = await layersOf(artifact)
    expect(layer?.size).toBe(0)
    expect(await collect(artifact.content.open(layer as NonNullable<typeof layer>), 1)).toHaveLength(0)
  })

  it('have to have the checksum that the chain says', async () => {
    await put('a', 'a')
    await put('folder/a', 'a')
    const right = sha256('a').slice('sha256:'.length)
    const wrong = 'f'.repeat(64)
    const { artifacts, failures } = await resolve({
      files: [
        { path: 'a', sha256: right },
        { path: 'a', sha256: wrong, name: 'b' },
        { path: 'folder', sha256: right },
      ],
    })
    expect(artifacts).toHaveLength(1)
    expect(failures).toMatchObject([
      { about: 'folder', error: { code: 'SOURCE_FILE_UNREADABLE' } },
      { about: 'a', error: { code: 'FILE_CHECKSUM_MISMATCH', message: expect.stringContaining(right) } },
    ])
  })

  it('refuse links that nobody named, follow the one that was named', async () => {
    await put('real', 'real')
    await mkdir(join(directory, 'tools'))
    await symlink('/etc/hostname', join(directory, 'tools/out'))
    await symlink('real', join(directory, 'alias'))
    await put('there/deep/file', 'x')
    await symlink('there', join(directory, 'folder'))
    await symlink('deep', join(directory, 'there/link'))
    const { artifacts, failures } = await resolve({
      files: ['tools', 'ali*', 'alias', 'folder/*/file', '*/link/file', '**/deep/file'],
    })
    expect(artifacts.map(({ name }) => name)).toEqual(['alias', 'folder/deep/file'])
    expect(failures).toMatchObject([
      { about: 'tools', error: { code: 'FILE_LINK_REFUSED', message: expect.stringContaining('out') } },
      { about: 'ali*', error: { code: 'FILE_LINK_REFUSED', message: expect.stringContaining('alias') } },
      { about: '*/link/file', error: { code: 'FILE_LINK_REFUSED' } },
      { about: 'there/deep/file', error: { code: 'FILE_NAME_TAKEN' } },
    ])
  })

  it('refuse names that other systems would take for something else', async () => {
    await put('tools/..\\evil', 'x')
    await put('tools/new\nline', 'x')
    await mkdir(join(directory, 'none'))
    const { failures } = await resolve({ files: ['tools', 'none'] })
    expect(failures).toMatchObject([
      { error: { code: 'FILE_NAME_REFUSED', message: expect.stringContaining('"..\\\\evil", "new\\nline"') } },
      { error: { code: 'SOURCE_FOLDER_EMPTY' } },
    ])
  })

  it('of a folder are refused when a manifest cannot name them all', async () => {
    const deep = ['many', ...Array.from({ length: 15 }, () => 'n'.repeat(200))].join('/')
    for (let index = 0; index < 1500; index += 1) await put(`${deep}/${index}`, '')
    const { failures } = await resolve({ files: 'many' })
    expect(failures).toMatchObject([{ about: 'many', error: { code: 'FILE_TOO_LARGE' } }])
  })
})

describe('addresses', () => {
  const url = 'https://dl.example/v1/tool%201.tgz?sig=hunter2'
  const body = sampleBytes(1, 5000)

  it('are pinned, renamed, and kept in the cache', async () => {
    const asked: string[] = []
    const context = contextOf({
      http: ({ url: address, method = 'GET' }) => (asked.push(`${method} ${address}`), { body }),
    })
    const artifact = await only({ files: [url] }, context)
    expect(artifact).toMatchObject({
      name: 'tool 1.tgz',
      naming: { path: 'kit/tool-1.tgz' },
      source: { location: 'https://dl.example/v1/tool%201.tgz' },
    })
    expect(JSON.stringify(artifact)).not.toContain('hunter2')
    const content = await filesSource.reopen(locked(artifact), filesOptions.parse({ files: [url] }), context)
    const [layer] = await layersOf(artifact)
    expect(await collect(content.open(layer as NonNullable<typeof layer>), 5000)).toEqual(Buffer.from(body))
    expect(asked).toEqual([`GET ${url}`])
  })

  it('are asked for again with their secrets when the cache is empty', async () => {
    const asked: string[] = []
    const http: FakeContextOptions['http'] = ({ url: address }) => (asked.push(address), { body })
    const artifact = await only({ files: [url] }, contextOf({ http }))
    const content = await filesSource.reopen(
      locked(artifact),
      filesOptions.parse({ files: [url] }),
      contextOf({ http }),
    )
    const [layer] = await layersOf(artifact)
    const part = await collect(content.open(layer as NonNullable<typeof layer>, { offset: 10, end: 20 }), 5000)
    expect([...part]).toEqual([...body.subarray(10, 20)])
    expect(asked).toEqual([url, url])
  })

  it('of a large file with a checksum are not read until they are delivered', async () => {
    const size = 70 * 1024 * 1024
    const asked: string[] = []
    const context = contextOf({
      http: ({ method = 'GET' }) => (asked.push(method), { headers: { 'content-length': String(size) } }),
    })
    const digest = 'a'.repeat(64)
    const artifact = await only({ files: [{ url, sha256: digest }] }, context)
    expect(await layersOf(artifact)).toMatchObject([{ size, digest: `sha256:${digest}` }])
    expect(asked).toEqual(['HEAD'])
  })

  it('tell a wrong checksum and a missing file, and send the credential of their host', async () => {
    const credentials = { 'dl.example': { username: 'ci', password: 'pw', origin: 'test' } }
    const seen: unknown[] = []
    const context = contextOf({
      credentials,
      http: ({ url: address, credential }) => (
        seen.push(credential?.username),
        address.includes('none') ? undefined : { body }
      ),
    })
    const { failures } = await resolve(
      { files: [{ url, sha256: 'b'.repeat(64) }, 'https://dl.example/none', 'https://me:hunter2@dl.example/none2'] },
      context,
    )
    expect(failures).toMatchObject([
      { about: 'https://dl.example/v1/tool%201.tgz', error: { code: 'FILE_CHECKSUM_MISMATCH' } },
      { about: 'https://dl.example/none' },
      { about: 'https://dl.example/none2' },
    ])
    expect(JSON.stringify(failures.map(({ error }) => error))).not.toContain('hunter2')
    expect(seen.sort()).toEqual(['ci', 'ci', 'ci', 'me'])
  })
})

describe('files as locked', () => {
  const options = filesOptions.parse({ files: ['tools'] })

  it('are opened again without resolving', async () => {
    await put('tools/a', 'content of a')
    const artifact = await only({ files: ['tools'] })
    await put('tools/b', 'new since')
    const content = await filesSource.reopen(locked(artifact), options, contextOf())
    const [layer] = await layersOf(artifact)
    expect(Buffer.from(await collect(content.open(layer as NonNullable<typeof layer>), 99)).toString()).toBe(
      'content of a',
    )
    await expect(collect(content.open({ ...artifact.root, digest: sha256('other') }), 99)).rejects.toMatchObject({
      code: 'FILE_CONTENT_UNKNOWN',
    })
  })

  it('are an error when they changed since, or are gone', async () => {
    await put('tools/a', 'content of a')
    const entry = locked(await only({ files: ['tools'] }))
    await put('tools/a', 'content of b')
    await expect(filesSource.reopen(entry, options, contextOf())).rejects.toMatchObject({ code: 'FILE_CHANGED' })
    await put('tools/a', 'longer than before')
    await expect(filesSource.reopen(entry, options, contextOf())).rejects.toMatchObject({
      code: 'FILE_CHANGED',
      message: expect.stringContaining('18 bytes instead of 12'),
    })
    await rm(join(directory, 'tools/a'))
    await expect(filesSource.reopen(entry, options, contextOf())).rejects.toMatchObject({ code: 'SOURCE_FILE_MISSING' })
  })

  it('of more than 64 MiB are compared when they are read', async () => {
    await put('tools/big', '')
    const big = join(directory, 'tools/big')
    await truncate(big, 65 * 1024 * 1024)
    const artifact = await only({ files: ['tools'] })
    await writeFile(big, 'x', { flag: 'r+' })
    const content = await filesSource.reopen(locked(artifact), options, contextOf())
    const [layer] = await layersOf(artifact)
    const read = async (): Promise<number> => {
      let size = 0
      for await (const chunk of content.open(layer as NonNullable<typeof layer>)) size += chunk.byteLength
      return size
    }
    await expect(read()).rejects.toMatchObject({ code: 'FILE_CHANGED' })
  })

  it('say so when the lock was written by somebody else', async () => {
    await put('tools/a', 'a')
    const entry = locked(await only({ files: ['tools'] }))
    const strange = { ...entry, source: { ...entry.source, locator: { anything: 1 } } }
    await expect(filesSource.reopen(strange, options, contextOf())).rejects.toMatchObject({
      code: 'FILE_LOCATOR_INVALID',
    })
  })
})

describe('inputs', () => {
  it('are the digests of all local files; what is gone is left out', async () => {
    await put('images.txt', 'alpine\n')
    await put('k8s/a.yaml', 'a')
    await put('tools/x/y', 'y')
    const options = filesOptions.parse({
      images: ['images.txt', 'gone.txt'],
      manifests: ['k8s/*.yaml', 'https://dl.example/a.yaml'],
      files: ['tools', 'gone'],
      archives: ['gone.tar'],
    })
    expect(await filesSource.inputs?.(options, contextOf())).toEqual({
      'images.txt': sha256('alpine\n'),
      'k8s/a.yaml': sha256('a'),
      'tools/x/y': sha256('y'),
    })
  })
})
