import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isRopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { imagesSource, storeSink } from '../world.fixture.js'
import { adapterTable, loadAdapters, readAdapterPackages, type AdapterPackage } from './table.js'

const entry = { kind: 'source', name: 'near', module: './index.mjs', export: 'near' }

/** A package as a plugin installs it; `modules` are its files. */
async function plugin(
  name: string,
  ropeway: unknown,
  modules: Readonly<Record<string, string>> = {},
): Promise<AdapterPackage> {
  const root = await mkdtemp(join(tmpdir(), 'plugin-'))
  for (const [path, text] of Object.entries(modules)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return { name, version: '1.2.3', root, manifest: { name, version: '1.2.3', oclif: { ropeway } } }
}

function listing(...adapters: object[]): object {
  return { apiVersion: 1, adapters }
}

/** A module as one that was made with another copy of the contract. */
function moduleOf(kind: string, name: string): string {
  return `export const near = Object.defineProperty({ kind: '${kind}', name: '${name}' }, Symbol.for('ropeway.adapter/1'), { value: true })`
}

describe('the adapters of packages', () => {
  it('are listed in order of kind and name, and nothing is imported for that', async () => {
    const broken = { 'index.mjs': 'throw new Error("imported")' }
    const first = await plugin('b', listing({ ...entry, name: 'z' }, { ...entry, kind: 'sink', name: 'z' }), broken)
    const tokens = { ...entry, kind: 'credentials', name: 'tokens', hosts: ['*.test'] }
    const second = await plugin('a', listing({ ...entry, name: 'y' }, tokens), broken)
    const table = loadAdapters([first, second])
    expect(table.list().map(({ kind, name, plugin, version }) => `${kind} ${name} ${plugin} ${version}`)).toEqual([
      'credentials tokens a 1.2.3',
      'sink z b 1.2.3',
      'source y a 1.2.3',
      'source z b 1.2.3',
    ])
    expect(table.find('credentials', 'tokens')?.hosts).toEqual(['*.test'])
    expect(table.find('sink', 'y')).toBeUndefined()
  })
  it('are none in a package that lists none', async () => {
    const none = { ...(await plugin('a', undefined)), manifest: { name: 'a', version: '1' } }
    expect(loadAdapters([none, { ...none, manifest: 'text' }]).list()).toEqual([])
  })
  it('may share a name only when they are of different kinds', async () => {
    const [one, two] = [await plugin('one', listing(entry)), await plugin('two', listing(entry))]
    expect(() => loadAdapters([two, one])).toThrow(/^one and two both have a source named "near"$/)
    const sink = await plugin('two', listing({ ...entry, kind: 'sink' }))
    expect(loadAdapters([one, sink]).list()).toHaveLength(2)
  })
  it('are imported once, when they are asked for', async () => {
    const table = loadAdapters([await plugin('one', listing(entry), { 'index.mjs': moduleOf('source', 'near') })])
    const loaded = await table.load('source', 'near')
    expect(loaded).toMatchObject({ kind: 'source', name: 'near' })
    expect(await table.load('source', 'near')).toBe(loaded)
  })

  const faults: readonly [string, unknown, Readonly<Record<string, string>>, object][] = [
    [
      'a version of the contract that is not known',
      { apiVersion: 2, adapters: [] },
      {},
      { code: 'ADAPTER_API_VERSION', hint: 'update Ropeway' },
    ],
    [
      'an older version',
      { apiVersion: 0, adapters: [] },
      {},
      { code: 'ADAPTER_API_VERSION', hint: expect.stringContaining('update the plugin') },
    ],
    ['no version', { adapters: [entry] }, {}, { code: 'ADAPTER_MANIFEST_INVALID' }],
    ['something that is no list', 'source', {}, { code: 'ADAPTER_MANIFEST_INVALID' }],
    ['an unknown kind', listing({ ...entry, kind: 'cook' }), {}, { code: 'ADAPTER_MANIFEST_INVALID' }],
    [
      'a name that no chain can write',
      listing({ ...entry, name: 'Near By' }),
      {},
      { code: 'ADAPTER_MANIFEST_INVALID' },
    ],
    ['an unknown key', listing({ ...entry, main: true }), {}, { code: 'ADAPTER_MANIFEST_INVALID' }],
    ['credentials without hosts', listing({ ...entry, kind: 'credentials' }), {}, { code: 'ADAPTER_MANIFEST_INVALID' }],
    [
      'a module outside of the package',
      listing({ ...entry, module: '../other/index.mjs' }),
      {},
      { message: expect.stringContaining('outside of the package') },
    ],
    [
      'a module with an absolute path',
      listing({ ...entry, module: '/etc/index.mjs' }),
      {},
      { message: expect.stringContaining('outside of the package') },
    ],
    ['a module that is not there', listing(entry), {}, { code: 'ADAPTER_IMPORT_FAILED' }],
    [
      'a module that throws',
      listing(entry),
      { 'index.mjs': 'throw new Error("no libfoo")' },
      { code: 'ADAPTER_IMPORT_FAILED', message: expect.stringContaining('no libfoo') },
    ],
    [
      'an export that is missing',
      listing(entry),
      { 'index.mjs': 'export const other = 1' },
      { code: 'ADAPTER_LIES', message: expect.stringContaining('"near" is not an adapter') },
    ],
    [
      'an export that is no adapter',
      listing(entry),
      { 'index.mjs': 'export const near = { kind: "source", name: "near" }' },
      { code: 'ADAPTER_LIES' },
    ],
    [
      'another kind than the module',
      listing(entry),
      { 'index.mjs': moduleOf('sink', 'near') },
      { code: 'ADAPTER_LIES', message: expect.stringContaining('it is sink "near"') },
    ],
    [
      'another name than the module',
      listing(entry),
      { 'index.mjs': moduleOf('source', 'far') },
      { code: 'ADAPTER_LIES', message: expect.stringContaining('source "far"') },
    ],
  ]
  it.each(faults)('are refused with the name of the package that lists %s', async (_, ropeway, modules, expected) => {
    const from = await plugin('odd', ropeway, modules)
    const load = async () => loadAdapters([from]).load('source', 'near')
    await expect(load()).rejects.toMatchObject({ exitCode: 2, about: 'odd', ...expected })
  })
  it('are refused when the rest of the package.json is not what one is', async () => {
    const from = await plugin('odd', listing(entry))
    const manifest = { oclif: { plugins: 'all', ropeway: { apiVersion: 2 } } }
    expect(() => loadAdapters([{ ...from, manifest }])).toThrow(/version 2/)
  })
  it('may stand in a folder whose name begins with dots', async () => {
    const from = await plugin('odd', listing({ ...entry, module: '..lib/index.mjs' }), {
      '..lib/index.mjs': moduleOf('source', 'near'),
    })
    expect(await loadAdapters([from]).load('source', 'near')).toMatchObject({ name: 'near' })
  })
  it('are named when a chain asks for one that is not there', async () => {
    const table = loadAdapters([await plugin('one', listing(entry))])
    await expect(table.load('source', 'naer')).rejects.toMatchObject({
      code: 'ADAPTER_UNKNOWN',
      message: 'unknown source "naer". Did you mean "near"?',
      hint: expect.stringContaining('known: near'),
    })
  })
})

describe('adapters at hand', () => {
  it('are found by kind and name', async () => {
    const table = adapterTable([imagesSource, storeSink])
    expect(await table.load('source', 'images')).toBe(imagesSource)
    expect(table.find('sink', 'images')).toBeUndefined()
    await expect(table.load('sink', 'stroe')).rejects.toMatchObject({ message: expect.stringContaining('"store"') })
  })
})

describe('readAdapterPackages', () => {
  async function host(plugins: unknown, files: Readonly<Record<string, string>> = {}): Promise<string> {
    const root = await mkdtemp(join(tmpdir(), 'host-'))
    const all = { 'package.json': JSON.stringify({ name: 'host', oclif: { plugins } }), ...files }
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    return join(root, 'package.json')
  }
  it('finds the packages that a host names, also those that export no package.json', async () => {
    const manifest = { name: '@kit/near', version: '4.5.6', exports: './no.js', oclif: { ropeway: listing(entry) } }
    const file = await host(['@kit/near', '@kit/none'], {
      'node_modules/@kit/near/package.json': JSON.stringify(manifest),
    })
    const packages = readAdapterPackages(file)
    expect(packages).toMatchObject([{ name: '@kit/near', version: '4.5.6', manifest }])
    expect(loadAdapters(packages).find('source', 'near')?.module).toBe(
      join(dirname(file), 'node_modules/@kit/near/index.mjs'),
    )
  })
  it('is empty for a host without plugins', async () => {
    expect(readAdapterPackages(await host(undefined))).toEqual([])
  })
  it('names the package.json that cannot be read', async () => {
    const damaged = await host(['near'], { 'node_modules/near/package.json': '{' })
    const nameless = await host(['near'], { 'node_modules/near/package.json': '{}' })
    for (const file of ['/nowhere/package.json', damaged, nameless, await host('near')]) {
      let thrown: unknown
      try {
        readAdapterPackages(file)
      } catch (error) {
        thrown = error
      }
      expect(isRopewayError(thrown) && thrown.code).toBe('ADAPTER_MANIFEST_INVALID')
      expect(String(thrown)).toContain('package.json')
    }
  })
})
