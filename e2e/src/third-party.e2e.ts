import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RopewayError, type Json } from '@ropeway/core'
import { loadAdapters, type AdapterTable } from '@ropeway/engine'
import {
  checkCredentials,
  checkSink,
  checkSource,
  checkTransform,
  fakeContext,
  fakeRegistry,
  makeArtifact,
  makeImage,
  memoryRegistry,
  sampleFile,
  sampleOf,
  type CaseResult,
} from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { root as workspace } from './harness/paths.ts'
import { noPackageRegistry, packPlugin } from './harness/plugins.ts'
import { peer, ropeway, ropewayOk } from './harness/process.ts'
import { realRegistry } from './harness/registry.ts'

const name = 'ropeway-plugin-memo'
let work: string
let home: string
let archive: string
/** Where `plugins install` puts packages. */
let installed: string

const run = (args: readonly string[], cwd = work) => ropeway(args, { home, cwd, env: noPackageRegistry })
const runOk = (args: readonly string[], cwd = work) => ropewayOk(args, { home, cwd, env: noPackageRegistry })

async function chainFolder(title: string, chain: object): Promise<string> {
  const folder = join(work, title)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'ropeway.yaml'), JSON.stringify(chain, null, 2))
  return folder
}

beforeAll(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'third-party-')))
  home = join(work, 'home')
  await mkdir(home)
  archive = await packPlugin(join(workspace, 'e2e', 'third-party', name), work)
  installed = join(home, '.local', 'share', 'ropeway', 'node_modules', name)
})
afterAll(() => rm(work, { recursive: true, force: true }))

const Adapters = z.object({
  adapters: z.array(z.object({ kind: z.string(), name: z.string(), plugin: z.string(), version: z.string() })),
})

async function memoAdapters(): Promise<string[]> {
  const { adapters } = Adapters.parse((await runOk(['adapters', '--json'])).json())
  return adapters.filter(({ plugin }) => plugin === name).map((adapter) => `${adapter.kind} ${adapter.name}`)
}

describe('a plugin that was made elsewhere', () => {
  it('is unknown before it is installed, and the error says how to get others', async () => {
    const folder = await chainFolder('unknown', { name: 'letters', sources: [{ memo: { memos: { a: 'text' } } }] })
    const ended = await run(['plan', '--json'], folder)
    expect(ended.code).toBe(2)
    expect(ended.json()).toMatchObject({
      error: { code: 'ADAPTER_UNKNOWN', at: expect.stringMatching(/^ropeway\.yaml:\d/) },
    })
    expect(ended.stdout).toContain('plugins install')
  })

  it('is installed from its archive while no package registry answers', async () => {
    const ended = await run(['plugins', 'install', `file:${archive}`])
    expect(ended.code, ended.stderr).toBe(0)
    expect((await runOk(['plugins'])).stdout).toContain(name)
  })

  it('shows in the list of adapters and in the schema', async () => {
    expect(await memoAdapters()).toEqual(['credentials pass', 'sink outbox', 'source memo', 'transform address'])
    const screen = (await runOk(['adapters'])).stdout
    expect(screen).toMatch(new RegExp(`memo +${name} 1\\.0\\.0`))
    const schema = (await runOk(['schema'])).stdout
    for (const option of ['"memos"', '"from"', '"outbox"', '"address"', 'Name → text.'])
      expect(schema).toContain(option)
  })

  it('brings a zod and a core of its own', async () => {
    const theirs = await exportsOf()
    expect(theirs['z']).toBeDefined()
    expect(theirs['z']).not.toBe(z)
    expect(theirs['RopewayError']).toBeTypeOf('function')
    expect(theirs['RopewayError']).not.toBe(RopewayError)
    for (const bundled of ['zod', '@ropeway/core', '@standard-schema/spec']) {
      expect(await realpath(join(installed, 'node_modules', bundled))).toBe(join(installed, 'node_modules', bundled))
    }
  })

  it('keeps every clause of the contract', async () => {
    const table = await installedAdapters()
    const exports = await exportsOf()
    const claim = { json: pathToFileURL(join(installed, 'package.json')), exports }
    const results = [
      ...(await checkSource({
        adapter: await table.load('source', 'memo'),
        package: claim,
        capabilities: { referrers: false, inputs: false },
        arrange: memoWorld,
      })),
      ...(await checkTransform({
        adapter: await table.load('transform', 'address'),
        package: claim,
        arrange: () => ({ options: { registry: 'memos.test:5000' }, context: (signal) => fakeContext({ signal }) }),
      })),
      ...(await checkSink({
        adapter: await table.load('sink', 'outbox'),
        package: claim,
        arrange: outboxWorld,
      })),
      ...(await checkCredentials({
        adapter: await table.load('credentials', 'pass'),
        package: claim,
        arrange: passWorld,
      })),
    ]
    expect(results.filter(({ outcome }) => outcome === 'failed').map(told)).toEqual([])
    expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(60)
  })

  it('is locked, planned, run, exported and imported in a chain with built-in adapters', async () => {
    const near = await realRegistry()
    const far = await realRegistry()
    const shelf = await fakeRegistry()
    try {
      await shelf.push('notes/welcome', await noteArtifact('welcome.txt', 'welcome, all of you'), ['1'])
      await shelf.push('app/web', await makeImage({ layers: [{ size: 50_000, seed: 'web' }] }), ['1.2.3'])
      const folder = await chainFolder('letters', {
        name: 'letters',
        version: '2.0.0',
        sources: [
          { oci: { references: [`${shelf.host}/app/web:1.2.3`] } },
          { memo: { memos: { 'hello.txt': 'hello there' }, from: [`${shelf.host}/notes/welcome:1`] } },
        ],
        transforms: [{ rewrite: { registry: near.host } }, { address: { registry: near.host } }],
        sinks: [{ registry: {} }, { outbox: { folder: 'outbox' } }],
      })
      await runOk(['lock'], folder)
      const lock = await readFile(join(folder, 'ropeway.lock'), 'utf8')
      expect(JSON.parse(lock)).toMatchObject({
        artifacts: [
          {
            id: 'file:hello.txt:2.0.0',
            source: { adapter: 'memo' },
            destinations: [`${near.host}/memos/hello.txt:2.0.0`],
          },
          { id: 'file:notes/welcome:1', source: { adapter: 'memo' } },
          { id: `image:${shelf.host}/app/web:1.2.3`, source: { adapter: 'oci' } },
        ],
      })
      expect((await runOk(['plan', '--locked', '--json'], folder)).json()).toMatchObject({
        sinks: [{ name: 'registry' }, { name: 'outbox', refused: [`image:${shelf.host}/app/web:1.2.3`] }],
      })
      await runOk(['run', '--locked'], folder)
      const digest = (reference: string) => peer('crane', ['digest', '--insecure', reference])
      const wanted = z
        .object({
          artifacts: z.array(z.object({ destinations: z.array(z.string()), root: z.object({ digest: z.string() }) })),
        })
        .parse(JSON.parse(lock))
      for (const { destinations, root } of wanted.artifacts)
        expect(await digest(destinations[0] ?? '')).toBe(root.digest)
      expect(await texts(join(folder, 'outbox'))).toEqual({
        'hello.txt': 'hello there',
        'welcome.txt': 'welcome, all of you',
      })

      await runOk(['export', '--locked', '-o', 'letters.tar'], folder)
      await runOk(['verify', 'letters.tar'], folder)
      await runOk(['import', 'letters.tar', '--registry', `${far.host}/mirror`], folder)
      expect(await digest(`${far.host}/mirror/letters/hello.txt:2.0.0`)).toBe(wanted.artifacts[0]?.root.digest)
      expect(await digest(`${far.host}/mirror/app/web:1.2.3`)).toBe(wanted.artifacts[2]?.root.digest)
      await runOk(['import', 'letters.tar', '--sink', 'outbox=elsewhere'], folder)
      expect(await texts(join(folder, 'elsewhere'))).toEqual(await texts(join(folder, 'outbox')))
    } finally {
      await Promise.all([near.close(), far.close(), shelf.close()])
    }
  })

  it('fails with its own errors, which its copy of core made, by code, side and place', async () => {
    const folder = await chainFolder('empty', {
      name: 'empty',
      sources: [{ memo: { memos: { 'a.txt': ' ', 'b.txt': 'text' }, from: ['nowhere'] } }],
      sinks: [{ outbox: { folder: 'no/such/folder' } }],
    })
    const failed = await run(['plan', '--json'], folder)
    expect(failed.code).toBe(3)
    expect(failed.json()).toMatchObject({
      error: {
        code: 'RESOLVE_FAILED',
        exitCode: 3,
        errors: [
          { code: 'MEMO_EMPTY', side: 'source', about: 'a.txt', at: expect.stringMatching(/^ropeway\.yaml:\d/) },
          { code: 'MEMO_UNREADABLE', side: 'source', about: 'nowhere' },
        ],
      },
    })
    const full = await chainFolder('full', {
      name: 'full',
      sources: [{ memo: { memos: { 'a.txt': 'text' } } }],
      sinks: [{ outbox: { folder: 'no/such/folder' } }],
    })
    const refused = await run(['run', '--json'], full)
    expect(refused.code).toBe(5)
    expect(refused.json()).toMatchObject({
      error: { code: 'OUTBOX_UNUSABLE', side: 'sink', at: expect.stringMatching(/^ropeway\.yaml:\d/) },
    })
    const misspelt = await chainFolder('misspelt', { name: 'misspelt', sources: [{ memo: { memo: { a: 'text' } } }] })
    const unknown = await run(['plan', '--json'], misspelt)
    expect(unknown.code).toBe(2)
    expect(unknown.json()).toMatchObject({
      error: { code: 'OPTION_UNKNOWN', message: expect.stringContaining('"memos"') },
    })
  })

  it('shares one token cache and one limiter with the built-in adapters', async () => {
    const names = Array.from({ length: 24 }, (_, index) => `note${index}`)
    let running = 0
    let most = 0
    const registry = await fakeRegistry({
      auth: { type: 'token', users: { ada: 'secret' } },
      hooks: {
        // What is asked by tag counts, since both kinds of source ask for it first: 24 and 24 at once.
        async request({ path }) {
          if (!path.endsWith('/manifests/1')) return
          running++
          most = Math.max(most, running)
          await new Promise((resolve) => setTimeout(resolve, 20))
          running--
        },
      },
    })
    try {
      for (const note of names) await registry.push(note, await noteArtifact(`${note}.txt`, note), ['1'])
      const references = names.map((note) => `${registry.host}/${note}:1`)
      const variable = registry.host.replace(/[^A-Za-z0-9]/g, '_')
      const env = {
        [`ROPEWAY_REGISTRY_${variable}_USERNAME`]: 'ada',
        [`ROPEWAY_REGISTRY_${variable}_PASSWORD`]: 'secret',
      }
      const measure = async (title: string, sources: readonly object[]) => {
        const folder = await chainFolder(title, { name: 'tokens', sources })
        registry.forget()
        most = 0
        await ropewayOk(['plan', '--concurrency', '8'], {
          home: join(work, `home-${title}`),
          cwd: folder,
          env: { ...env, XDG_DATA_HOME: join(home, '.local', 'share') },
        })
        const tokens = registry.requests.filter(({ path }) => path === '/token').map(({ query }) => query)
        return { tokens, most }
      }
      const alone = await measure('alone', [{ oci: { references } }])
      const both = await measure('both', [{ oci: { references } }, { memo: { from: references } }])
      expect(alone.tokens).toHaveLength(names.length)
      expect(both.tokens.length).toBe(alone.tokens.length)
      expect(new Set(both.tokens)).toEqual(new Set(alone.tokens))
      expect(alone.most).toBe(8)
      expect(both.most).toBe(8)
    } finally {
      await registry.close()
    }
  })

  it('gives credentials to the built-in adapters, and its refusal is told without a secret', async () => {
    let refuses = false
    const secret = 'pass-7c1f-secret'
    const registry = await fakeRegistry({
      auth: { username: 'memo', password: secret },
      hooks: {
        request({ path }) {
          if (path !== '/pass') return undefined
          if (refuses) return { status: 403, body: secret }
          return { status: 200, body: JSON.stringify({ username: 'memo', password: secret }) }
        },
      },
    })
    try {
      await registry.push('app/web', await makeImage({ layers: [{ size: 1000, seed: 'pass' }] }), ['1'])
      await runOk(['plan', '--source', `oci=${registry.host}/app/web:1`])
      refuses = true
      const refused = await run(['plan', '--source', `oci=${registry.host}/app/web:1`, '--json', '--debug'])
      expect(refused.code).toBe(3)
      expect(refused.json()).toMatchObject({ error: { code: 'PASS_REFUSED', side: 'source', about: registry.host } })
      expect(refused.stdout + refused.stderr).not.toContain(secret)
    } finally {
      await registry.close()
    }
  })

  it('is uninstalled without a trace in the adapters', async () => {
    await runOk(['plugins', 'uninstall', name])
    expect(await memoAdapters()).toEqual([])
    expect((await runOk(['adapters'])).stdout).not.toContain('memo')
  })
})

function told({ id, error }: CaseResult): string {
  return `${id}: ${error instanceof Error ? error.message : String(error)}`
}

async function texts(folder: string): Promise<Record<string, string>> {
  const entries: Record<string, string> = {}
  for (const entry of await readdir(folder).catch(() => []))
    entries[entry] = await readFile(join(folder, entry), 'utf8')
  return entries
}

function noteArtifact(title: string, content: string) {
  const annotations = { 'org.opencontainers.image.title': title }
  return makeArtifact({
    artifactType: 'application/vnd.example.memo',
    layers: [{ mediaType: 'text/plain', content, annotations }],
  })
}

async function exportsOf(): Promise<Readonly<Record<string, unknown>>> {
  return (await import(pathToFileURL(join(installed, 'src', 'index.js')).href)) as Record<string, unknown>
}

async function installedAdapters(): Promise<AdapterTable> {
  const manifest: unknown = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  return loadAdapters([{ name, version: '1.0.0', root: installed, manifest }])
}

function memoWorld() {
  const registry = memoryRegistry('memos.test')
  const [one, two] = [sampleFile(1, 'one.txt'), sampleFile(2, 'two.txt')]
  for (const [index, tree] of [one, two].entries()) {
    const { manifests, blobs } = tree
    registry.seed('notes/kept', {
      manifests,
      blobs: blobs.map(({ bytes }) => bytes),
      ...(index === 0 ? { tags: { '1': tree.root.digest } } : {}),
    })
  }
  const state = new Map<string, Json>()
  const cache = new Map<string, Uint8Array>()
  return {
    options: { memos: { 'a.txt': 'a text', 'b.txt': 'another text' }, from: ['memos.test/notes/kept:1'] },
    broken: { memos: { 'a.txt': '', 'b.txt': 'a text' }, from: ['memos.test/notes/none:1'] },
    context: (signal?: AbortSignal) => fakeContext({ registries: [registry], signal, state, cache }),
    drift: () => registry.repository('notes/kept').tags.set('1', two.root.digest),
  }
}

async function outboxWorld() {
  const directory = await mkdtemp(join(work, 'outbox-'))
  await writeFile(join(directory, 'file'), 'in the way')
  const context = (signal?: AbortSignal) => fakeContext({ chain: { name: 'kit', version: '1.0.0', directory }, signal })
  const folder = join(directory, 'outbox')
  const samples = (seed: number) => [
    sampleOf('file', 'kit.txt', sampleFile(seed, 'kit.txt'), [
      { registry: 'kit.test', repository: 'kit/kit.txt', tag: '1' },
    ]),
  ]
  return {
    options: { folder: 'outbox' },
    refused: { options: { folder: 'file/outbox' } },
    context,
    samples,
    target: {
      type: 'artifacts' as const,
      entries: async () => {
        const names = await readdir(folder).catch(() => [])
        return Object.fromEntries(
          await Promise.all(
            names.map(async (entry) => [entry, await readFile(join(folder, entry), 'latin1')] as const),
          ),
        )
      },
    },
  }
}

function passWorld() {
  const host = '127.0.0.1:5000'
  const body = JSON.stringify({ username: 'memo', password: 'pass-secret' })
  return {
    host,
    stranger: '127.0.0.1:5001',
    context: (signal?: AbortSignal) =>
      fakeContext({ signal, http: ({ url }) => (url === `http://${host}/pass` ? { body } : undefined) }),
    refused: (signal?: AbortSignal) => fakeContext({ signal, http: () => ({ status: 403 }) }),
  }
}
