import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RopewayError, defineTransform, isRopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { adapterTable } from '../adapters/table.js'
import { imagesSource, moveTransform, storeSink } from '../world.fixture.js'
import { loadChain, type LoadOptions } from './load.js'

const tag = defineTransform({
  name: 'tag',
  summary: 'edits',
  stage: 'edit',
  options: z.strictObject({ value: z.string().default('x') }),
  apply: async (artifacts) => ({ artifacts, findings: [] }),
})
const adapters = adapterTable([imagesSource, storeSink, moveTransform, tag])

async function write(text: string, name = 'ropeway.yaml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chain-'))
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

async function load(text: string, options?: LoadOptions) {
  return loadChain({ file: await write(text) }, adapters, options)
}

/** `code at message` of every fault. */
async function faults(text: string, options?: LoadOptions): Promise<string[]> {
  const thrown: unknown = await load(text, options).catch((error: unknown) => error)
  if (!isRopewayError(thrown)) throw thrown
  expect(thrown.exitCode).toBe(2)
  const all = thrown.errors.length > 0 ? thrown.errors : [thrown]
  return all.map((error) =>
    error instanceof RopewayError ? `${error.at ?? '-'} ${error.code} ${error.message}` : 'no',
  )
}

const minimal = 'name: a\nsources:\n  - images: { references: [a.test/b:1] }\n'

describe('loadChain', () => {
  it('fills defaults in', async () => {
    const chain = await load(minimal)
    expect(chain).toMatchObject({
      name: 'a',
      version: '0.0.0',
      platforms: [],
      transforms: [],
      sinks: [],
      onError: 'continue',
    })
    expect(chain.sources[0]).toMatchObject({
      id: 'sources[0]',
      adapter: 'images',
      place: 'ropeway.yaml:3',
      options: { signatures: true },
    })
  })
  it('names the misspelt option, its line and the right name', async () => {
    expect(
      await faults('name: a\nsources:\n  - images:\n      references: [a.test/b:1]\n      signaturs: false\n'),
    ).toEqual([
      'ropeway.yaml:5 OPTION_UNKNOWN unknown option "signaturs" for source "images". Did you mean "signatures"?',
    ])
  })
  it('reports every fault of a chain at once', async () => {
    const found = await faults(
      'name: a\nsources:\n  - imags: { references: [] }\n  - images: { references: 5 }\n  - images: { references: [] }\n    store: {}\ntransforms: [move: { registry: b.test }, tag: {}]\nsinks: [store: {existing: maybe}]\nplatforms: [linux]\nsinkz: []\n',
    )
    expect(found.map((fault) => fault.split(' ').slice(0, 2).join(' ')).sort()).toEqual(
      [
        'ropeway.yaml:3 ADAPTER_UNKNOWN',
        'ropeway.yaml:4 OPTION_INVALID',
        'ropeway.yaml:5 STEP_SHAPE',
        'ropeway.yaml:7 STAGE_ORDER',
        'ropeway.yaml:8 OPTION_INVALID',
        'ropeway.yaml:9 PLATFORM_INVALID',
        'ropeway.yaml:10 CHAIN_KEY_UNKNOWN',
      ].sort(),
    )
    expect(found.find((fault) => fault.includes('ADAPTER_UNKNOWN'))).toContain('Did you mean "images"?')
  })
  it('names an unknown key of the chain itself', async () => {
    expect(await faults(`${minimal}sorces: []\n`)).toEqual([
      'ropeway.yaml:4 CHAIN_KEY_UNKNOWN unknown key "sorces". Did you mean "sources"?',
    ])
  })
  it('says where YAML is broken, and what is no chain', async () => {
    expect((await faults('name: a\n  b: [\n'))[0]).toMatch(/^ropeway.yaml:\d CHAIN_SYNTAX/)
    expect((await faults('- a\n'))[0]).toContain('CHAIN_NOT_A_MAP')
    expect((await faults('name: a\n'))[0]).toContain('CHAIN_KEY_INVALID "sources"')
    await expect(loadChain({ file: '/nowhere/ropeway.yaml' }, adapters)).rejects.toMatchObject({
      code: 'CHAIN_MISSING',
    })
  })
  it('fills variables from the chain, the command line, git and the environment', async () => {
    const chain = await load(
      'name: a\nversion: "{git.tag}"\nsources:\n  - images: { references: ["${HOST}/b:{TAG}"], note: "{name}-{version} {{ .Values }} {env.HOST}" }\n',
      {
        variables: {
          given: { TAG: '7' },
          env: { HOST: 'h.test' },
          git: async (what) => (what === 'tag' ? 'v1.2' : undefined),
        },
      },
    )
    expect(chain.version).toBe('v1.2')
    expect(chain.sources[0]?.options).toMatchObject({ references: ['h.test/b:7'], note: 'a-v1.2 {{ .Values }} h.test' })
  })
  it('refuses a variable without a value and names a near one', async () => {
    expect(
      await faults('name: a\nsources:\n  - images: { references: ["{TGA}"] }\n', {
        variables: { given: { TAG: '7' } },
      }),
    ).toEqual(['ropeway.yaml:3 CHAIN_VARIABLE_UNKNOWN the variable {TGA} has no value. Did you mean "TAG"?'])
  })
  it('takes what it does not say from the chain that it extends, with that file’s folder and lines', async () => {
    const file = await write('extends: base/base.yaml\nsinks: [store: {}]\n')
    await mkdir(join(file, '..', 'base'))
    await writeFile(join(file, '..', 'base', 'base.yaml'), `${minimal}sinks: [store: {existing: fail}]\n`)
    const chain = await loadChain({ file }, adapters)
    expect(chain.name).toBe('a')
    expect(chain.sources[0]).toMatchObject({ place: 'base.yaml:3', directory: join(file, '..', 'base') })
    expect(chain.sinks).toHaveLength(1)
    expect(chain.sinks[0]).toMatchObject({ place: 'ropeway.yaml:2', options: { existing: 'skip' } })
  })
  it('refuses a chain that extends itself', async () => {
    expect((await faults('extends: ropeway.yaml\n'))[0]).toContain('CHAIN_EXTENDS_ITSELF')
  })
  it('lets a step have platforms and a sink names of its own, but no edits', async () => {
    const chain = await load(
      'name: a\nplatforms: linux/amd64\nsources:\n  - images: { references: [a.test/b:1], platforms: [linux/arm64] }\nsinks:\n  - store: { transforms: [move: { registry: x.test }] }\n',
    )
    expect(chain.platforms).toEqual([{ os: 'linux', architecture: 'amd64' }])
    expect(chain.sources[0]?.platforms).toEqual([{ os: 'linux', architecture: 'arm64' }])
    expect(chain.sinks[0]?.transforms).toMatchObject([{ id: 'sinks[0].transforms[0]', adapter: 'move' }])
    expect((await faults(`${minimal}sinks:\n  - store: { transforms: [tag: {}] }\n`))[0]).toContain('SINK_EDITS')
  })
  it('takes the platforms of the command line in place of the steps’ own', async () => {
    const text = 'name: a\nsources:\n  - images: { references: [a.test/b:1], platforms: [linux/arm64] }\n'
    const chain = await load(text, { platforms: ['linux/amd64'] })
    expect(chain.platforms).toEqual([{ os: 'linux', architecture: 'amd64' }])
    expect(chain.sources[0]?.platforms).toBeUndefined()
  })
  it('takes a chain from a module', async () => {
    const file = await write(
      `export default { name: 'm', sources: [{ images: { references: ['a.test/b:1'] } }] }\n`,
      'chain.mjs',
    )
    expect(await loadChain({ file }, adapters)).toMatchObject({ name: 'm', file })
  })
  it('reports an adapter that cannot be loaded, or checked against, among the other faults', async () => {
    const options = z.strictObject({}).transform(() => {
      throw new TypeError('no schema')
    })
    const broken = defineTransform({ ...tag, name: 'broken', options: { '~standard': options['~standard'] } })
    const table = adapterTable([imagesSource, moveTransform, broken])
    const lost: typeof table = {
      ...table,
      load: (kind, name) => (name === 'move' ? Promise.reject(new Error('damaged')) : table.load(kind, name)),
    }
    const file = await write(`${minimal}transforms:\n  - move: { registry: a.test }\n  - broken\nplatforms: [linux]\n`)
    await expect(loadChain({ file }, lost)).rejects.toMatchObject({
      code: 'CHAIN_INVALID',
      errors: [
        { code: 'ADAPTER_FAILED', at: 'ropeway.yaml:5', message: expect.stringContaining('damaged') },
        { code: 'ADAPTER_FAILED', at: 'ropeway.yaml:6', message: expect.stringContaining('no schema') },
        { code: 'PLATFORM_INVALID' },
      ],
    })
  })
})
