import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineSink, defineSource, defineTransform, type Source } from '@ropeway/core'
import { paperDisk, paperFile } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createWorld, imagesSource, moveTransform, storeSink } from '../world.fixture.js'
import { writeSampleBundle } from '../bundle.fixture.js'
import { adHocChain, forExport, forImport, withSinks, type AdHoc } from './adhoc.js'
import { loadChain } from './load.js'

const folderSource = defineSource<unknown>({
  ...(imagesSource as Source<unknown>),
  name: 'folder',
  shorthand: 'path',
  options: z.strictObject({ path: z.string(), deep: z.boolean().default(false) }),
})
const silentSource = defineSource({ ...imagesSource, name: 'silent', shorthand: undefined })
const bundleSource = defineSource({ ...folderSource, name: 'bundle' })
const rewrite = defineTransform({ ...moveTransform, name: 'rewrite' })
const registry = defineSink({ ...storeSink, name: 'registry' })
const tarball = defineSink({ ...paperFile(paperDisk), name: 'tarball' })

/** A sink for the registries of a cloud, as its package lists it. */
const cloud = {
  ...defineSink({ ...storeSink, name: 'cloud', registry: async () => 'own.cloud.test' }),
  hosts: ['*.cloud.test'],
}

const { runtime } = createWorld([folderSource, silentSource, bundleSource, rewrite, registry, tarball, cloud])

async function adHoc(sources: readonly string[], more: Partial<AdHoc> = {}) {
  const chain = await adHocChain({ sources, directory: '/work', ...more }, runtime)
  return { chain, steps: chain.sources.map(({ adapter, written }) => [adapter, written]) }
}

describe('a chain from the command line', () => {
  it('takes a lone value for the adapter’s main option, as the list that it is', async () => {
    expect((await adHoc(['images=a.test/b:1', 'folder=k8s/'])).steps).toEqual([
      ['images', { references: ['a.test/b:1'] }],
      ['folder', { path: 'k8s/' }],
    ])
  })
  it('takes options in YAML flow form', async () => {
    const { steps } = await adHoc([
      'images={references: [a.test/b:1], signatures: false}',
      'folder={"path":"=","deep":true}',
    ])
    expect(steps).toEqual([
      ['images', { references: ['a.test/b:1'], signatures: false }],
      ['folder', { path: '=', deep: true }],
    ])
  })
  it('joins neighbours that name one list, and nothing else', async () => {
    const { steps } = await adHoc([
      'images=a.test/b:1',
      'images=a.test/c:1',
      'folder=x',
      'folder=y',
      'images=a.test/d:1',
      'images={references: [a.test/e:1], signatures: false}',
    ])
    expect(steps).toEqual([
      ['images', { references: ['a.test/b:1', 'a.test/c:1'] }],
      ['folder', { path: 'x' }],
      ['folder', { path: 'y' }],
      ['images', { references: ['a.test/d:1'] }],
      ['images', { references: ['a.test/e:1'], signatures: false }],
    ])
  })
  it('has a name, platforms, transforms and sinks as it is told', async () => {
    const { chain } = await adHoc(['images=a.test/b:1'], {
      name: 'own',
      version: '3',
      platforms: ['linux/arm64'],
      transforms: [{ move: { registry: 'to.test' } }],
      sinks: ['store', 'store={existing: fail}'],
      insecure: ['a.test'],
    })
    expect(chain).toMatchObject({
      name: 'own',
      version: '3',
      platforms: [{ os: 'linux', architecture: 'arm64' }],
      transforms: [{ adapter: 'move' }],
      sinks: [{ options: { existing: 'skip' } }, { options: { existing: 'fail' } }],
      insecure: ['a.test'],
      directory: '/work',
      file: undefined,
    })
  })
  it('is refused with what was written and how it is written right', async () => {
    const cases = [
      ['imags=a.test/b:1', { code: 'ADAPTER_UNKNOWN', message: expect.stringContaining('"images"') }],
      ['images', { code: 'SHORTHAND_INVALID', message: expect.stringContaining('needs a value') }],
      ['images=', { code: 'SHORTHAND_INVALID', about: 'images=' }],
      ['silent=x', { code: 'SHORTHAND_INVALID', message: expect.stringContaining('no main option') }],
      ['images={references: [}', { code: 'SHORTHAND_INVALID', message: expect.stringContaining('not YAML') }],
      ['images={refs: [a]}', { code: 'OPTION_UNKNOWN', message: expect.stringContaining('"refs"') }],
      ['folder={path: 5}', { code: 'OPTION_INVALID' }],
    ] as const
    for (const [text, expected] of cases) {
      await expect(adHoc([text]), text).rejects.toMatchObject({ exitCode: 2, ...expected })
    }
  })
})

describe('the chain of an export', () => {
  it('has the bundle for its only sink, and keeps all else', async () => {
    const { chain } = await adHoc(['images=a.test/b:1'], {
      sinks: ['store'],
      transforms: [{ move: { registry: 'x.test' } }],
    })
    const exported = await forExport(chain, '/out/b.tar', runtime)
    expect(exported).toEqual(withSinks(chain, exported.sinks))
    expect(exported.sinks).toMatchObject([{ adapter: 'tarball', options: { path: '/out/b.tar' } }])
  })
})

describe('the chain of an import', () => {
  async function bundle(name = 'kit.tar'): Promise<string> {
    const path = join(await mkdtemp(join(tmpdir(), 'import-')), name)
    await writeSampleBundle(path)
    return path
  }
  it('has the bundle for its source, and gives names at the registry', async () => {
    const path = await bundle()
    expect(await forImport(path, { registry: 'to.test/mirror' }, runtime)).toMatchObject({
      name: 'kit',
      version: '1.0.0',
      sources: [{ adapter: 'bundle', options: { path } }],
      transforms: [{ adapter: 'rewrite', options: { registry: 'to.test/mirror' } }],
      sinks: [{ adapter: 'registry' }],
    })
  })
  it('takes the sink that is for the host, and the registry that a sink names by itself', async () => {
    const path = await bundle()
    const sinkAt = async (place: string) => (await forImport(path, { registry: place }, runtime)).sinks[0]?.adapter
    expect(await sinkAt('eu.CLOUD.test/mirror')).toBe('cloud')
    expect(await sinkAt('cloud.test')).toBe('registry')
    expect(await sinkAt('eu.cloud.test:5000')).toBe('registry')
    expect(await forImport(path, { sinks: ['cloud'] }, runtime)).toMatchObject({
      transforms: [{ adapter: 'rewrite', options: { registry: 'own.cloud.test' } }],
      sinks: [{ adapter: 'cloud' }],
    })
    expect((await forImport(path, { sinks: ['store'] }, runtime)).transforms).toEqual([])
  })
  it('takes a path with braces for what it is', async () => {
    const path = await bundle('{name}-{{x}}.tar')
    expect((await forImport(path, { registry: 'to.test' }, runtime)).sources[0]?.options).toMatchObject({ path })
  })
  it('takes names and sinks of a chain, unless others are named', async () => {
    const path = await bundle()
    const value = {
      name: 'far',
      sources: [{ images: { references: [] } }],
      transforms: [{ move: { registry: 'chain.test' } }],
      sinks: [{ store: {} }],
      insecure: ['chain.test'],
      onError: 'stop',
    }
    const chain = await loadChain({ value, directory: '/far' }, runtime.adapters)
    expect(await forImport(path, { chain }, runtime)).toMatchObject({
      name: 'kit',
      sources: [{ adapter: 'bundle' }],
      transforms: [{ adapter: 'move' }],
      sinks: [{ adapter: 'store' }],
      insecure: ['chain.test'],
      onError: 'stop',
    })
    expect(await forImport(path, { chain, registry: 'own.test', sinks: ['tarball=x'] }, runtime)).toMatchObject({
      transforms: [{ adapter: 'rewrite', options: { registry: 'own.test' } }],
      sinks: [{ adapter: 'tarball', options: { path: 'x' }, directory: '/far' }],
    })
  })
  it('is none without a bundle', async () => {
    await expect(forImport('/nowhere/kit.tar', {}, runtime)).rejects.toMatchObject({ about: '/nowhere/kit.tar' })
  })
})
