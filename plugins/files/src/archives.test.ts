import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatReference, isManifestType, walkGraph, collect, verified } from '@ropeway/oci'
import {
  isFailure,
  type Artifact,
  type Failure,
  type LockedArtifact,
  type Content,
  type Descriptor,
} from '@ropeway/core'
import {
  fakeContext,
  makeImage,
  makeReferrer,
  writeDockerArchive,
  writeOciLayout,
  type ImageFixture,
} from '@ropeway/testkit'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { filesOptions } from './options.js'
import { filesSource } from './source.js'

let directory = ''
let web: ImageFixture
let db: ImageFixture
beforeAll(async () => {
  web = await makeImage({ layers: [{ seed: 'web' }] })
  db = await makeImage({ layers: [{ seed: 'db', compression: 'zstd' }] })
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-files-'))
})
afterEach(() => rm(directory, { recursive: true }))

const at = (path: string): string => join(directory, path)
const context = () => fakeContext({ chain: { name: 'kit', version: '1.0.0', directory } })

async function resolve(options: unknown): Promise<{ artifacts: Artifact[]; failures: Failure[] }> {
  const artifacts: Artifact[] = []
  const failures: Failure[] = []
  for await (const item of filesSource.resolve(filesOptions.parse(options), context())) {
    if (isFailure(item)) failures.push(item)
    else artifacts.push(item)
  }
  return { artifacts, failures }
}

const names = ({ artifacts }: { artifacts: Artifact[] }): [string, string][] =>
  artifacts.map(({ name, root }) => [name, root.digest])

/** Reads everything below a root and verifies it. */
async function readAll(content: Content, root: Descriptor): Promise<number> {
  const read = (descriptor: Descriptor) => collect(verified(content.open(descriptor), descriptor), 1e7)
  const graph = await walkGraph(root, read)
  for (const blob of graph.blobs) await read(blob)
  return graph.blobs.length
}

function locked(artifact: Artifact): LockedArtifact {
  const { kind, name, source, root, naming } = artifact
  const reference = source.reference && formatReference(source.reference)
  return {
    id: `${kind}:${name}`,
    kind,
    name,
    source: { adapter: 'files', step: 'sources[0]', reference, location: source.location, locator: source.locator },
    published: root,
    root,
    naming,
    destinations: [],
    referrers: [],
    class: 'declared',
    signatures: 'none',
  }
}

describe('archives', () => {
  it.each(['built.tar', 'built'])('that are OCI layouts keep their digests: %s', async (path) => {
    await writeOciLayout(at(path), [
      { fixture: web, name: 'registry.example/app/web:1.2.3' },
      { fixture: web, name: 'registry.example/app/web:latest' },
      { fixture: db, name: 'app/db' },
    ])
    const { artifacts, failures } = await resolve({ archives: path })
    expect(failures).toEqual([])
    expect(names({ artifacts })).toEqual([
      ['registry.example/app/web:1.2.3', web.root.digest],
      ['registry.example/app/web:latest', web.root.digest],
      ['docker.io/app/db:latest', db.root.digest],
    ])
    expect(artifacts[0]).toMatchObject({
      kind: 'image',
      naming: { path: 'app/web', tags: ['1.2.3'] },
      source: { location: path },
    })
    for (const { content, root } of artifacts) expect(await readAll(content, root)).toBe(2)
  })

  it('of docker get a manifest that is always the same, and are not hashed again when locked', async () => {
    await writeDockerArchive(at('web.tar'), [{ image: web, repoTags: ['web:ci', 'registry.example/web:2'] }])
    const { artifacts } = await resolve({ archives: ['*.tar'] })
    expect(artifacts.map(({ name }) => name)).toEqual(['docker.io/library/web:ci', 'registry.example/web:2'])
    const [artifact] = artifacts as [Artifact, ...Artifact[]]
    expect(artifact.derived).toEqual([{ digest: artifact.root.digest, recipe: { type: 'docker-archive.manifest' } }])
    expect(Object.keys((artifact.source.locator as { layers: object }).layers)).toHaveLength(1)
    expect(names(await resolve({ archives: 'web.tar' }))).toEqual(names({ artifacts }))
    const content = await filesSource.reopen(locked(artifact), filesOptions.parse({ archives: 'web.tar' }), context())
    expect(await readAll(content, artifact.root)).toBe(2)
  })

  it('are read as layouts when they are both', async () => {
    await writeDockerArchive(at('web.tar'), [{ image: web, repoTags: ['registry.example/web:2'] }], { style: 'layout' })
    expect(names(await resolve({ archives: 'web.tar' }))).toEqual([['registry.example/web:2', web.root.digest]])
  })

  it('carry signatures and SBOMs that they hold, unless these are switched off', async () => {
    const sbom = await makeReferrer(web.root, 'application/spdx+json')
    await writeOciLayout(at('web.tar'), [{ fixture: web, name: 'registry.example/web:1' }, { fixture: sbom }])
    const { artifacts } = await resolve({ archives: 'web.tar' })
    expect(artifacts).toHaveLength(1)
    const [artifact] = artifacts as [Artifact]
    expect(await artifact.content.referrers?.(web.root)).toMatchObject([{ subject: web.root.digest }])
    const without = await resolve({ archives: 'web.tar', referrers: false })
    expect(without.artifacts[0]?.content.referrers).toBeUndefined()
  })

  it('of one image take the name that the chain gives', async () => {
    await writeOciLayout(at('none.tar'), [{ fixture: web }])
    await writeOciLayout(at('tag.tar'), [{ fixture: web, name: '1.2.3' }])
    await writeOciLayout(at('full.tar'), [{ fixture: web, name: 'local/web:ci' }])
    const name = 'registry.example/app/web'
    const named = async (path: string, given: string) =>
      (await resolve({ archives: { path, name: given } })).artifacts.map((artifact) => artifact.name)
    expect(await named('none.tar', `${name}:2`)).toEqual([`${name}:2`])
    expect(await named('none.tar', name)).toEqual([`${name}:latest`])
    expect(await named('tag.tar', name)).toEqual([`${name}:1.2.3`])
    expect(await named('tag.tar', `${name}:2`)).toEqual([`${name}:2`])
    expect(await named('full.tar', `${name}:2`)).toEqual([`${name}:2`])
    expect(await named('full.tar', name)).toEqual([`${name}:ci`])
  })

  it('of several images are named by digest', async () => {
    await writeOciLayout(at('two.tar'), [{ fixture: web }, { fixture: db, name: '7' }])
    const unnamed = await resolve({ archives: 'two.tar' })
    expect(unnamed.artifacts).toEqual([])
    expect(unnamed.failures.map(({ error }) => error)).toMatchObject([
      { code: 'ARCHIVE_IMAGE_UNNAMED', message: expect.stringContaining(web.root.digest) },
      { code: 'ARCHIVE_IMAGE_UNNAMED', message: expect.stringContaining('the tag 7') },
    ])
    const item = {
      path: 'two.tar',
      name: 'registry.example/db',
      names: { [web.root.digest]: 'registry.example/web:1' },
    }
    expect(names(await resolve({ archives: [item] }))).toEqual([
      ['registry.example/web:1', web.root.digest],
      ['registry.example/db:7', db.root.digest],
    ])
  })

  it('that cannot be read are told one by one', async () => {
    await writeFile(at('text.tar'), 'this is no tar')
    await writeOciLayout(at('web.tar'), [{ fixture: web, name: 'registry.example/web:1' }])
    await writeOciLayout(at('bad.tar'), [{ fixture: web, name: 'Not/A:Reference' }])
    const { artifacts, failures } = await resolve({ archives: ['gone.tar', 'text.tar', 'web.tar', 'bad.tar'] })
    expect(artifacts).toHaveLength(1)
    expect(failures.map(({ about }) => about)).toEqual(['gone.tar', 'text.tar', 'bad.tar'])
    expect(failures.map(({ error }) => error)).toMatchObject([
      { code: 'SOURCE_FILE_MISSING', side: 'source' },
      { side: 'source' },
      { code: 'REFERENCE_INVALID', at: 'bad.tar' },
    ])
  })

  it('that hold other images by now are not what was locked', async () => {
    const options = filesOptions.parse({ archives: 'web.tar' })
    await writeOciLayout(at('web.tar'), [{ fixture: web, name: 'registry.example/web:1' }])
    const { artifacts } = await resolve({ archives: 'web.tar' })
    const before = await filesSource.inputs?.(options, context())
    const [artifact] = artifacts as [Artifact]
    expect(isManifestType(artifact.root.mediaType)).toBe(true)
    await writeOciLayout(at('web.tar'), [{ fixture: db, name: 'registry.example/web:1' }])
    await expect(filesSource.reopen(locked(artifact), options, context())).rejects.toMatchObject({
      code: 'ARCHIVE_IMAGE_MISSING',
    })
    expect(Object.keys(before ?? {})).toEqual(['web.tar'])
    expect(await filesSource.inputs?.(options, context())).not.toEqual(before)
  })
})
