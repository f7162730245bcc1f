import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFailure, isRopewayError, type Artifact, type Failure, type LockedArtifact } from '@ropeway/core'
import { collect, sha256 } from '@ropeway/oci'
import { fakeContext, type FakeContext } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { samples, writeBundle } from './bundles.fixture.js'
import { bundleSource } from './source.js'

let directory: string
let context: FakeContext
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-source-'))
  context = fakeContext({ chain: { name: 'far', version: '1', directory } })
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function resolve(path = 'kit.tar'): Promise<(Artifact | Failure)[]> {
  const items: (Artifact | Failure)[] = []
  for await (const item of bundleSource.resolve({ path }, context)) items.push(item)
  return items
}

describe('bundleSource', () => {
  it('gives every artifact as it was at its source', async () => {
    await writeBundle(join(directory, 'kit.tar'), samples())
    const artifacts = (await resolve()).flatMap((item) => (isFailure(item) ? [] : [item]))
    expect(artifacts.map(({ kind }) => kind).sort()).toEqual(['chart', 'file', 'image', 'image'])
    expect(artifacts.find(({ name }) => name === 'kit.test/app/web:1.2.3')).toMatchObject({
      source: { reference: { registry: 'kit.test', repository: 'app/web', tag: '1.2.3' }, location: 'kit.tar' },
      root: samples()[0]?.planned.root,
      naming: { path: 'app/web', tags: ['1.2.3'] },
      requiredBy: ['images.txt:3'],
      class: 'declared',
      annotations: { team: 'blue' },
    })
    const chart = artifacts.find(({ kind }) => kind === 'chart')
    expect(chart?.version).toBe('6.7.1')
    expect(chart?.source.reference).toBeUndefined()
  })

  it('reads content and referrers from the tar', async () => {
    await writeBundle(join(directory, 'kit.tar'), samples())
    const [web] = samples()
    const found = (await resolve()).find((item) => !isFailure(item) && item.root.digest === web?.planned.root.digest)
    if (found === undefined || isFailure(found) || web === undefined) throw new Error('no image')
    expect(await found.content.referrers?.(found.root)).toEqual(web.planned.referrers)
    for (const { descriptor } of web.tree.blobs) {
      expect(sha256(await collect(found.content.open(descriptor), 1e6))).toBe(descriptor.digest)
    }
  })

  it('tells the identity as its input, by a path that is the same on every machine', async () => {
    const { identity } = await writeBundle(join(directory, 'kit.tar'), samples())
    for (const path of ['kit.tar', './kit.tar', join(directory, 'kit.tar')]) {
      expect(await bundleSource.inputs?.({ path }, context)).toEqual({ 'kit.tar': identity })
      const [first] = await resolve(path)
      expect(first !== undefined && !isFailure(first) && first.source.location).toBe('kit.tar')
    }
  })

  it('fails with the path as it was written', async () => {
    await mkdir(join(directory, 'sub'))
    await writeFile(join(directory, 'notes.txt'), 'not a bundle\n'.repeat(100))
    for (const [path, code] of [
      ['absent.tar', 'ARCHIVE_NOT_FOUND'],
      ['notes.txt', 'BUNDLE_INVALID'],
      ['sub', 'ARCHIVE_UNREADABLE'],
    ] as const) {
      const [failure] = await resolve(path)
      if (failure === undefined || !isFailure(failure) || !isRopewayError(failure.error)) throw new Error('no failure')
      expect(failure.about).toBe(path)
      expect(failure.error.code).toBe(code)
      expect(failure.error.message).not.toContain(directory)
    }
  })

  it('opens a bundle anew when the file became another one, and says when that lacks what was locked', async () => {
    await writeBundle(join(directory, 'kit.tar'), samples(1))
    const [first] = await resolve()
    if (first === undefined || isFailure(first)) throw new Error('no artifact')
    const locked = { id: 'x', published: first.root } as LockedArtifact
    const content = await bundleSource.reopen(locked, { path: 'kit.tar' }, context)
    await writeBundle(join(directory, 'kit.tar'), samples(2))
    await expect(bundleSource.reopen(locked, { path: 'kit.tar' }, context)).rejects.toMatchObject({
      code: 'BUNDLE_ARTIFACT_MISSING',
      side: 'source',
    })
    await expect(collect(content.open(first.root), 1e6)).rejects.toMatchObject({ code: 'BUNDLE_CONTENT_MISSING' })
  })
})
