import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeRegistry, makeImage, type FakeRegistry } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noPackageRegistry, writePlugin, type SmallPlugin } from './harness/plugins.ts'
import { ropeway, ropewayOk, type CliEnded } from './harness/process.ts'

let work: string
let registry: FakeRegistry
let image: string
let count = 0

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'faulty-'))
  registry = await fakeRegistry()
  await registry.push('app/web', await makeImage({ layers: [{ size: 20_000, seed: 'web' }] }), ['1'])
  image = `${registry.host}/app/web:1`
})
afterAll(async () => {
  await registry.close()
  await rm(work, { recursive: true, force: true })
})

interface Bench {
  readonly folder: string
  run(args: readonly string[], onStart?: Parameters<typeof ropeway>[1]['onStart']): Promise<CliEnded>
}

/** A home with linked plugins, and a folder with a chain. */
async function bench(plugins: readonly SmallPlugin[], chain: object = {}): Promise<Bench> {
  const folder = join(work, `case-${String(++count)}`)
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true })
  for (const plugin of plugins) {
    const place = await writePlugin(join(folder, 'plugins', plugin.name), plugin)
    await ropewayOk(['plugins', 'link', '--no-install', place], { home, cwd: folder, env: noPackageRegistry })
  }
  await writeFile(join(folder, 'ropeway.yaml'), JSON.stringify({ name: 'faulty', ...chain }, null, 2))
  return { folder, run: (args, onStart) => ropeway(args, { home, cwd: folder, onStart }) }
}

const plugin = (code: string, adapters: SmallPlugin['adapters'], name = 'ropeway-plugin-faulty'): SmallPlugin => ({
  name,
  adapters,
  code,
})
const faultySource = (body: string) =>
  plugin(
    `export const faulty = brand({ kind: 'source', name: 'faulty', summary: 'Faulty.', options: anything, ${body} })`,
    [{ kind: 'source', name: 'faulty', export: 'faulty' }],
  )
const faultyTransform = (body: string) =>
  plugin(
    `export const faulty = brand({ kind: 'transform', stage: 'name', name: 'faulty', summary: 'Faulty.', options: anything, ${body} })`,
    [{ kind: 'transform', name: 'faulty', export: 'faulty' }],
  )
const faultySink = (body: string) =>
  plugin(
    `const survey = async () => ({ location: 'nowhere' })
     const ending = { close: async () => ({ location: 'nowhere' }), abort: async () => undefined }
     const never = () => new Promise(() => undefined)
     export const faulty = brand({ kind: 'sink', name: 'faulty', summary: 'Faulty.', options: anything,
       accepts: ['image'], takes: 'artifacts', survey, ${body} })`,
    [{ kind: 'sink', name: 'faulty', export: 'faulty' }],
  )
const fromFaulty = { sources: [{ faulty: {} }] }
const throughFaulty = () => ({ sources: [{ oci: { reference: image } }], transforms: [{ faulty: {} }] })
const toFaulty = () => ({ sources: [{ oci: { reference: image } }], sinks: [{ faulty: {} }] })
const atChain: unknown = expect.stringMatching(/^ropeway\.yaml:\d+/)

describe('a plugin that claims a name which is taken', () => {
  it('is an error that names both, and uninstalling it heals', async () => {
    const twin = plugin(`export const twin = brand({ kind: 'source', name: 'oci' })`, [
      { kind: 'source', name: 'oci', export: 'twin' },
    ])
    const { run } = await bench([twin], { sources: [{ oci: { reference: image } }] })
    for (const command of ['adapters', 'plan', 'schema']) {
      const ended = await run([command, '--json'])
      expect(ended.code, command).toBe(2)
      expect(ended.json()).toMatchObject({ error: { code: 'ADAPTER_NAME_TAKEN', about: 'oci' } })
      for (const party of ['@ropeway/plugin-oci', 'ropeway-plugin-faulty']) expect(ended.stdout).toContain(party)
    }
    expect((await run(['plugins', 'uninstall', 'ropeway-plugin-faulty'])).code).toBe(0)
    expect((await run(['plan'])).code).toBe(0)
  })

  it('is an error too when both were installed, whatever their order', async () => {
    const named = (name: string) =>
      plugin(
        `export const twin = brand({ kind: 'sink', name: 'twin' })`,
        [{ kind: 'sink', name: 'twin', export: 'twin' }],
        name,
      )
    for (const names of [
      ['ropeway-plugin-b', 'ropeway-plugin-a'],
      ['ropeway-plugin-a', 'ropeway-plugin-b'],
    ]) {
      const { run } = await bench(names.map(named))
      const { json } = await run(['adapters', '--json'])
      expect(json()).toMatchObject({
        error: { message: 'ropeway-plugin-a and ropeway-plugin-b both have a sink named "twin"' },
      })
    }
  })
})

describe('a plugin that speaks another version, or nonsense', () => {
  it.each([
    ['ADAPTER_API_VERSION', { ...faultySource(''), apiVersion: 2 }, /version 2 .* speaks 1/],
    ['ADAPTER_MANIFEST_INVALID', plugin('', [{ kind: 'sauce', name: 'faulty', export: 'faulty' }]), /kind/],
    ['ADAPTER_IMPORT_FAILED', plugin('export const {', faultySource('').adapters), /cannot be loaded/],
    [
      'ADAPTER_IMPORT_FAILED',
      plugin(`import 'nothing-of-this-name'`, faultySource('').adapters),
      /nothing-of-this-name/,
    ],
    ['ADAPTER_LIES', plugin('export const other = 1', faultySource('').adapters), /export "faulty" is not an adapter/],
    [
      'ADAPTER_LIES',
      plugin(`export const faulty = { kind: 'source', name: 'faulty' }`, faultySource('').adapters),
      /is not an adapter/,
    ],
  ])('ends with %s', async (code, small, message) => {
    const { run } = await bench([small], fromFaulty)
    const ended = await run(['plan', '--json'])
    expect(ended.code).toBe(2)
    expect(ended.json()).toMatchObject({
      error: {
        code,
        about: 'ropeway-plugin-faulty',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/./),
      },
    })
  })

  it('stays out of the way of chains that do not name it, unless it cannot be listed', async () => {
    const { run } = await bench([plugin('export const {', faultySource('').adapters)], {
      sources: [{ oci: { reference: image } }],
    })
    expect((await run(['plan'])).code).toBe(0)
    expect((await run(['adapters'])).stdout).toContain('ropeway-plugin-faulty')
  })
})

describe('a plugin that throws', () => {
  it.each([
    ['source', 3, faultySource(`async *resolve() { throw new TypeError('kaputt') }`), () => fromFaulty],
    ['source', 3, faultySource(`async *resolve() { yield { about: 'x', error: 'kaputt' } }`), () => fromFaulty],
    ['transform', 4, faultyTransform(`apply() { throw new TypeError('kaputt') }`), throughFaulty],
    ['sink', 5, faultySink(`survey: async () => { throw new TypeError('kaputt') }`), toFaulty],
    ['sink', 5, faultySink(`check: async () => { throw new TypeError('kaputt') }`), toFaulty],
    ['sink', 5, faultySink(`open: async () => { throw new TypeError('kaputt') }`), toFaulty],
    [
      'sink',
      5,
      faultySink(
        `open: async () => ({ ...ending, type: 'artifacts', put: async () => { throw new TypeError('kaputt') } })`,
      ),
      toFaulty,
    ],
    [
      'sink',
      5,
      faultySink(
        `open: async () => ({ ...ending, type: 'artifacts', put: async () => undefined, close: async () => { throw new TypeError('kaputt') } })`,
      ),
      toFaulty,
    ],
  ])('is named: %s, exit code %i', async (kind, exit, small, chain) => {
    const { run } = await bench([small], chain())
    const command = kind === 'sink' ? 'run' : 'plan'
    const ended = await run([command, '--json'])
    expect(ended.code).toBe(exit)
    expect(ended.json()).toMatchObject({
      error: {
        code: 'ADAPTER_FAILED',
        side: kind,
        at: atChain,
        message: expect.stringMatching(`${kind} "faulty" failed .*kaputt`),
      },
    })
    const screen = await run([command])
    expect(screen.code).toBe(exit)
    expect(screen.stderr).toContain('kaputt')
    expect(screen.stderr).not.toMatch(/^\s+at .*index\.js/m)
    if (kind !== 'source') expect((await run([command, '--debug'])).stderr).toMatch(/at .*index\.js:\d+/)
  })

  it('as its content is read, or opened again, is named', async () => {
    const throwing = `{ ...good, content: { async *open() { throw new TypeError('kaputt') } } }`
    const read = await (await bench([lying(throwing)], fromFaulty)).run(['plan', '--json'])
    expect(read.code).toBe(3)
    expect(read.json()).toMatchObject({
      error: { code: 'ADAPTER_FAILED', at: atChain, message: expect.stringContaining('kaputt') },
    })
    const { run } = await bench([lying('good', `async () => { throw new TypeError('kaputt') }`)], fromFaulty)
    expect((await run(['lock'])).code).toBe(0)
    const locked = await run(['plan', '--locked', '--json'])
    expect(locked.code).toBe(3)
    expect(locked.json()).toMatchObject({
      error: { code: 'ADAPTER_FAILED', message: expect.stringMatching(/"faulty" .*kaputt/) },
    })
  })

  it('as it gives credentials is named', async () => {
    const small: SmallPlugin = {
      ...plugin(
        `export const faulty = brand({ kind: 'credentials', name: 'faulty', summary: 'Faulty.', get: async () => { throw new TypeError('kaputt') } })`,
        [{ kind: 'credentials', name: 'faulty', export: 'faulty', ...{ hosts: ['127.0.0.1:*'] } }],
      ),
    }
    const { run } = await bench([small], { sources: [{ oci: { reference: image } }] })
    const ended = await run(['plan', '--json'])
    expect(ended.code).toBeGreaterThan(0)
    expect(ended.json()).toMatchObject({
      error: { code: 'ADAPTER_FAILED', message: expect.stringMatching(/"faulty" .*kaputt/) },
    })
  })
})

describe('a plugin that never answers', () => {
  it.each([
    ['source "faulty"', faultySource(`async *resolve() { await new Promise(() => undefined) }`), () => fromFaulty],
    ['transform "faulty"', faultyTransform(`apply: () => new Promise(() => undefined)`), throughFaulty],
    ['sink "faulty"', faultySink(`survey: never`), toFaulty],
    ['sink "faulty"', faultySink(`open: never`), toFaulty],
    ['sink "faulty"', faultySink(`open: async () => ({ ...ending, type: 'artifacts', put: never })`), toFaulty],
    [
      'sink "faulty"',
      faultySink(`open: async () => ({ ...ending, type: 'artifacts', put: async () => undefined, close: never })`),
      toFaulty,
    ],
  ])('is named, and the command ends: %s', async (adapter, small, chain) => {
    const { run } = await bench([small], chain())
    const ended = await run(['sinks' in chain() ? 'run' : 'plan', '--json'])
    expect(ended.code).toBe(1)
    expect(ended.json()).toMatchObject({
      error: { code: 'ADAPTER_HUNG', about: adapter, message: expect.stringContaining('never answered') },
    })
  })

  it('as its content is read, or opened again, is named', async () => {
    const hanging = `{ ...good, content: { async *open() { await new Promise(() => undefined) } } }`
    const read = await (await bench([lying(hanging)], fromFaulty)).run(['plan', '--json'])
    expect(read.code).toBe(1)
    expect(read.json()).toMatchObject({
      error: { code: 'ADAPTER_HUNG', about: 'source "faulty"', operation: 'reading note' },
    })
    const { run } = await bench([lying('good', '() => new Promise(() => undefined)')], fromFaulty)
    expect((await run(['lock'])).code).toBe(0)
    const locked = await run(['plan', '--locked', '--json'])
    expect(locked.code).toBe(1)
    expect(locked.json()).toMatchObject({ error: { code: 'ADAPTER_HUNG', operation: 'opening file:note' } })
  })

  it('and keeps the process busy ends at the second Ctrl-C', async () => {
    const busy = faultySource(
      `async *resolve() { setInterval(() => undefined, 1000); await new Promise(() => undefined) }`,
    )
    const { run } = await bench([busy], fromFaulty)
    const ended = await run(['plan', '--debug'], (child) => {
      let said = ''
      let sent = 0
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const wanted = said.includes('stopping; Ctrl-C again ends at once') ? 2 : 1
        for (; sent < wanted; sent++) child.kill('SIGINT')
      })
    })
    expect(ended.code).toBe(130)
    expect(ended.stderr).toContain('stopping; Ctrl-C again ends at once')
  })
})

describe('a plugin that lies', () => {
  it('about its kind or name is refused as it is loaded', async () => {
    for (const liar of [`kind: 'sink', name: 'faulty'`, `kind: 'source', name: 'other'`]) {
      const { run } = await bench(
        [plugin(`export const faulty = brand({ ${liar} })`, faultySource('').adapters)],
        fromFaulty,
      )
      const ended = await run(['plan', '--json'])
      expect(ended.code).toBe(2)
      expect(ended.json()).toMatchObject({
        error: { code: 'ADAPTER_LIES', message: expect.stringContaining('it says of itself') },
      })
    }
  })

  it('about what its sink takes is refused, and what it opened is given up', async () => {
    const { folder, run } = await bench(
      [
        faultySink(
          `open: async () => ({ ...ending, type: 'bytes', abort: async () => (await import('node:fs')).writeFileSync('aborted', '') })`,
        ),
      ],
      toFaulty(),
    )
    const ended = await run(['run', '--json'])
    expect(ended.code).toBe(5)
    expect(ended.json()).toMatchObject({ error: { code: 'SINK_LIES', at: atChain } })
    expect(await readdir(folder)).toContain('aborted')
  })

  it('about an artifact is refused, whatever is wrong with it', async () => {
    const artifacts = {
      kind: `{ ...good, kind: 'banana' }`,
      nothing: `undefined`,
      text: `'an artifact'`,
      root: `{ ...good, root: undefined }`,
      digest: `{ ...good, root: { ...good.root, digest: 'md5:abc' } }`,
      name: `{ ...good, name: undefined }`,
      naming: `{ ...good, naming: undefined }`,
      source: `{ ...good, source: undefined }`,
      content: `{ ...good, content: undefined }`,
    }
    for (const [what, artifact] of Object.entries(artifacts)) {
      const { run } = await bench([lying(artifact)], fromFaulty)
      const ended = await run(['plan', '--json'])
      const { error } = ended.json() as { error: { code: string; message: string } }
      expect(ended.code, `${what}: ${error.message}`).not.toBe(0)
      expect(error.code, `${what}: ${error.message}`).not.toBe('UNEXPECTED')
      expect(`${ended.stdout}`, what).toContain('faulty')
    }
  })

  it('about its content is found out by the digest, and nothing becomes visible', async () => {
    const { folder, run } = await bench(
      [lying('{ ...good, content: { async *open() { yield new TextEncoder().encode(text.replace("2", "3")) } } }')],
      fromFaulty,
    )
    const ended = await run(['export', '-o', 'out.tar', '--json'])
    expect(ended.code).toBe(6)
    expect(ended.json()).toMatchObject({ error: { code: 'DIGEST_MISMATCH', side: 'verification' } })
    expect(await readdir(folder)).not.toContain('out.tar')
  })

  it('about names, by changing content, is refused', async () => {
    const bodies = ['artifacts: artifacts.map((artifact) => ({ ...artifact, kind: "file" }))', 'artifacts: []', '']
    for (const body of bodies) {
      const { run } = await bench(
        [faultyTransform(`apply: async (artifacts) => ({ ${body === '' ? '' : `${body},`} findings: [] })`)],
        throughFaulty(),
      )
      const ended = await run(['plan', '--json'])
      expect(ended.code, body).toBe(4)
      expect(ended.json(), body).toMatchObject({
        error: { code: body === '' ? 'ADAPTER_ANSWER_INVALID' : 'TRANSFORM_CHANGED' },
      })
    }
  })
})

/** A source of one artifact, good or lied about. */
function lying(artifact: string, reopen = 'async () => good.content'): SmallPlugin {
  const small = faultySource(`async *resolve() { yield ${artifact} }, reopen: ${reopen}`)
  const code = `
    import { createHash } from 'node:crypto'
    const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', size: 2 }
    const text = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', artifactType: 'application/x.y', config, layers: [config] })
    const root = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: 'sha256:' + createHash('sha256').update(text).digest('hex'), size: text.length }
    const bytes = { [root.digest]: text, [config.digest]: '{}' }
    const good = { kind: 'file', name: 'note', source: { location: 'here' }, root, naming: { path: 'note', tags: [] },
      content: { async *open({ digest }) { yield new TextEncoder().encode(bytes[digest]) } } }
  `
  return { ...small, code: code + small.code }
}
