import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listAdapters } from './adapter-list.js'

let cacheDir: string
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'ropeway-list-'))
})
afterEach(async () => {
  await rm(cacheDir, { recursive: true })
})

const plugin = (name: string, ...sources: string[]) => {
  const adapters = sources.map((source) => ({ kind: 'source', name: source, module: './a.js', export: 'a' }))
  return {
    name,
    version: '1.0.0',
    root: `/nowhere/${name}`,
    pjson: { name, oclif: { ropeway: { apiVersion: 1, adapters } } },
  }
}
const host = (...plugins: ReturnType<typeof plugin>[]) => ({
  version: '0.1.0',
  cacheDir,
  plugins: new Map(plugins.map((each) => [each.name, each])),
})
const names = async (...plugins: ReturnType<typeof plugin>[]) =>
  (await listAdapters(host(...plugins))).map(({ name }) => name)

describe('the list of adapters', () => {
  it('is kept, and made anew as soon as a package says something else', async () => {
    expect(await names(plugin('b', 'two'), plugin('a', 'one'))).toEqual(['one', 'two'])
    expect(await readFile(join(cacheDir, 'adapters.json'), 'utf8')).toContain('"two"')
    expect(await names(plugin('a', 'one'), plugin('b', 'two'))).toEqual(['one', 'two'])
    expect(await names(plugin('a', 'one'))).toEqual(['one'])
    expect(await names(plugin('a', 'one', 'three'))).toEqual(['one', 'three'])
  })

  it('outlives a damaged file and a folder that cannot be written', async () => {
    await writeFile(join(cacheDir, 'adapters.json'), '{"key"')
    expect(await names(plugin('a', 'one'))).toEqual(['one'])
    const file = join(cacheDir, 'file')
    await writeFile(file, '')
    expect(await listAdapters({ ...host(plugin('a', 'one')), cacheDir: join(file, 'below') })).toHaveLength(1)
  })

  it('is refused when two packages claim one name, naming both, kept or not', async () => {
    await names(plugin('a', 'one'))
    for (let again = 0; again < 2; again++) {
      await expect(names(plugin('a', 'one'), plugin('b', 'one'))).rejects.toMatchObject({
        code: 'ADAPTER_NAME_TAKEN',
        message: 'a and b both have a source named "one"',
      })
    }
  })
})
