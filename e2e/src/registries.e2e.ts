import { spawn, type ChildProcess } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeChart, makeChartArtifact, makeImage, makeIndex, pushFixture, type Fixture } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDesk, type Desk } from './harness/desk.ts'
import { cliBin } from './harness/paths.ts'
import { cliEnvironment, peer } from './harness/process.ts'
import { realRegistry, registryUser, type RealRegistry } from './harness/registry.ts'

const closing: (() => Promise<unknown>)[] = []
let desk: Desk
let near: RealRegistry
let multi: Fixture
let single: Fixture

async function opened<T extends { close(): Promise<unknown> }>(thing: Promise<T>): Promise<T> {
  const made = await thing
  closing.push(() => made.close())
  return made
}

const crane = (args: readonly string[], env?: Readonly<Record<string, string>>) => peer('crane', args, { env })
const digest = (reference: string) => crane(['digest', reference])
const absent = (reference: string) =>
  digest(reference).then(
    () => 'present',
    () => 'absent',
  )

beforeAll(async () => {
  desk = await openDesk('registries')
  near = await opened(realRegistry())
  const layers = (seed: string) => [{ size: 20_000, seed }]
  multi = await makeIndex(
    await Promise.all(
      ['linux/amd64', 'linux/arm64', 'linux/s390x'].map((platform) =>
        makeImage({ platform, layers: layers(platform) }),
      ),
    ),
    { attestations: true },
  )
  single = await makeImage({ layers: layers('single') })
  await pushFixture(near.url, multi, { repository: 'app/multi', tags: ['v1'] })
  await pushFixture(near.url, single, { repository: 'app/single', tags: ['v1'] })
  await pushFixture(near.url, await makeChartArtifact(makeChart({ name: 'podinfo', version: '6.7.1' })), {
    repository: 'charts/podinfo',
    tags: ['6.7.1'],
  })
})
afterAll(async () => {
  await Promise.allSettled(closing.map((close) => close()))
  await desk.remove()
})

const everything = ['app/multi:v1', 'app/single:v1', 'charts/podinfo:6.7.1']

async function mirror(far: RealRegistry, more: readonly string[] = [], names: readonly string[] = everything) {
  await desk.chain({
    name: 'mirror',
    sources: [{ oci: { references: names.map((name) => `${near.host}/${name}`) } }],
    transforms: [{ rewrite: { registry: far.host } }],
    sinks: [{ registry: {} }],
  })
  return desk.runOk(['run', ...more])
}

describe('--only', () => {
  it.each<[string, string[], string[]]>([
    ['a kind', ['chart'], ['podinfo:6.7.1']],
    ['another kind', ['image'], ['app/multi:v1', 'app/single:v1']],
    ['a glob', ['*single*'], ['app/single:v1']],
    ['several', ['chart', '*multi*'], ['podinfo:6.7.1', 'app/multi:v1']],
  ])('takes %s', async (_what, only, wanted) => {
    const far = await opened(realRegistry())
    await mirror(
      far,
      only.flatMap((pattern) => ['--only', pattern]),
    )
    for (const name of ['app/multi:v1', 'app/single:v1', 'podinfo:6.7.1']) {
      expect(await absent(`${far.host}/${name}`), name).toBe(wanted.includes(name) ? 'present' : 'absent')
    }
  })

  it('takes an id as plan prints it', async () => {
    const far = await opened(realRegistry())
    await mirror(far, ['--only', `image:${near.host}/app/single:v1`])
    expect(await digest(`${far.host}/app/single:v1`)).toBe(single.root.digest)
    expect(await absent(`${far.host}/app/multi:v1`)).toBe('absent')
  })
})

describe('--platform', () => {
  const Index = z.object({
    manifests: z.array(
      z.object({ digest: z.string(), platform: z.object({ os: z.string(), architecture: z.string() }) }),
    ),
  })
  const Config = z.object({ os: z.string(), architecture: z.string() })

  it('auto leaves the index as it was published', async () => {
    const far = await opened(realRegistry())
    await mirror(far, ['--platform', 'auto'])
    expect(await digest(`${far.host}/app/multi:v1`)).toBe(multi.root.digest)
  })

  it('of one gives the tag to the child itself', async () => {
    const far = await opened(realRegistry())
    await mirror(far, ['--platform', 'linux/arm64'], ['app/multi:v1'])
    expect(Config.parse(JSON.parse(await crane(['config', `${far.host}/app/multi:v1`])))).toEqual({
      os: 'linux',
      architecture: 'arm64',
    })
    const children = Index.parse(JSON.parse(await crane(['manifest', `${near.host}/app/multi:v1`])))
    const child = children.manifests.find(({ platform }) => platform.architecture === 'arm64')
    expect(await digest(`${far.host}/app/multi:v1`)).toBe(child?.digest)
  })

  it('of several makes a smaller index, with their attestations, twice the same', async () => {
    const [far, again] = [await opened(realRegistry()), await opened(realRegistry())]
    const args = ['--platform', 'linux/amd64,linux/s390x']
    await mirror(far, args, ['app/multi:v1'])
    const { manifests } = Index.parse(JSON.parse(await crane(['manifest', `${far.host}/app/multi:v1`])))
    const architectures = manifests.map(({ platform }) => platform.architecture)
    expect(architectures).toEqual(['amd64', 's390x', 'unknown', 'unknown'])
    for (const platform of ['linux/amd64', 'linux/s390x']) {
      await crane(['validate', '--platform', platform, '--remote', `${far.host}/app/multi:v1`])
    }
    await mirror(again, args, ['app/multi:v1'])
    expect(await digest(`${again.host}/app/multi:v1`)).toBe(await digest(`${far.host}/app/multi:v1`))
  })

  it('that an image does not have names those that it has, and nothing is tagged', async () => {
    const far = await opened(realRegistry())
    await mirror(far, ['--only', 'chart'])
    const { error } = await desk.fails(['run', '--platform', 'linux/riscv64'])
    const [first] = error.errors ?? [error]
    expect(first).toMatchObject({ code: 'PLATFORM_MISSING', exitCode: 3 })
    for (const platform of ['linux/amd64', 'linux/arm64', 'linux/s390x'])
      expect(JSON.stringify(error)).toContain(platform)
    expect(await absent(`${far.host}/app/multi:v1`)).toBe('absent')
  })
})

describe('--existing', () => {
  /** A destination where app/multi:v1 is right already, and app/single:v1 holds something else. */
  async function taken(): Promise<{ far: RealRegistry; old: string }> {
    const far = await opened(realRegistry())
    const old = await makeImage({ layers: [{ size: 10, seed: 'old' }] })
    await pushFixture(far.url, old, { repository: 'app/single', tags: ['v1'] })
    await pushFixture(far.url, multi, { repository: 'app/multi', tags: ['v1'] })
    return { far, old: old.root.digest }
  }

  it.each([[[]], [['--existing', 'skip']]])('skip keeps what is there, with one warning (%j)', async (flags) => {
    const { far, old } = await taken()
    const { stderr } = await mirror(far, flags)
    expect(await digest(`${far.host}/app/single:v1`)).toBe(old)
    expect(await absent(`${far.host}/podinfo:6.7.1`)).toBe('present')
    expect(stderr.match(/app\/single:v1 .*(kept|left)|DESTINATION_KEPT/g)).toHaveLength(1)
  })

  it.each(['verify', 'fail'])('%s refuses before anything moves', async (policy) => {
    const { far, old } = await taken()
    await mirror(far, ['--only', 'chart'])
    const { error } = await desk.fails(['run', '--existing', policy])
    const [first] = error.errors ?? [error]
    expect(first).toMatchObject({ code: 'DESTINATION_TAKEN', exitCode: 5, about: `${far.host}/app/single:v1` })
    expect(await digest(`${far.host}/app/single:v1`)).toBe(old)
  })

  it('overwrite moves the tag, and leaves what is equal', async () => {
    const { far } = await taken()
    await mirror(far, ['--existing', 'overwrite'])
    expect(await digest(`${far.host}/app/single:v1`)).toBe(single.root.digest)
    const second = await desk.runOk(['run', '--existing', 'overwrite', '--json'])
    expect(second.json()).toMatchObject({ bytes: 0, receipts: [{ complete: true }] })
    await desk.runOk(['run', '--existing', 'verify'])
  })
})

describe('a login', () => {
  it('is checked, kept for its owner only, used, and forgotten', async () => {
    const locked = await opened(realRegistry({ auth: 'basic' }))
    await pushFixture(locked.url, single, { repository: 'app/single', tags: ['v1'], ...registryUser })
    const file = join(desk.home, '.docker', 'config.json')
    const login = ['login', locked.host, '--username', registryUser.username, '--password-stdin']
    const plan = ['plan', '--source', `oci=${locked.host}/app/single:v1`]

    expect((await desk.fails(plan)).error.code).toBe('SOURCE_UNAUTHORIZED')
    const wrong = await desk.fails(login, { input: 'not-the-password' })
    expect(wrong.error).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 2 })
    expect(wrong.stdout + wrong.stderr).not.toContain('not-the-password')
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
    expect((await desk.fails(login, { input: '' })).error).toMatchObject({ code: 'PASSWORD_MISSING', exitCode: 2 })

    const kept = await desk.runOk(login, { input: `${registryUser.password}\n` })
    expect(kept.stdout).toContain(`logged in to ${locked.host}`)
    expect(kept.stdout + kept.stderr).not.toContain(registryUser.password)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await desk.runOk(plan)
    const env = { HOME: desk.home, DOCKER_CONFIG: join(desk.home, '.docker') }
    expect(await crane(['digest', `${locked.host}/app/single:v1`], env)).toBe(single.root.digest)

    await writeFile(
      file,
      JSON.stringify({ ...z.looseObject({}).parse(JSON.parse(await readFile(file, 'utf8'))), psFormat: 'table' }),
    )
    await desk.runOk(['logout', locked.host])
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ psFormat: 'table' })
    expect(await readFile(file, 'utf8')).not.toContain(locked.host)
    expect((await desk.fails(plan)).error.code).toBe('SOURCE_UNAUTHORIZED')
    expect((await desk.runOk(['logout', locked.host])).stdout).toContain('nothing to do')
  })

  it.each([
    ['where tokens are given out', { auth: 'token' as const }],
    ['by a certificate of an own CA', { auth: 'basic' as const, tls: true }],
  ])('works %s', async (_where, options) => {
    const locked = await opened(realRegistry(options))
    const ca = locked.caFile === undefined ? [] : ['--ca-file', locked.caFile]
    const login = ['login', locked.host, '--username', registryUser.username, '--password-stdin', ...ca]
    expect((await desk.fails(login, { input: 'wrong' })).error.code).toBe('LOGIN_REFUSED')
    await desk.runOk(login, { input: registryUser.password })
    await desk.runOk(['export', '--source', `oci=${near.host}/app/single:v1`, '-o', 'single.tar'])
    await desk.runOk(['import', 'single.tar', '--registry', `${locked.host}/mirror`, ...ca])
    const env = {
      HOME: desk.home,
      DOCKER_CONFIG: join(desk.home, '.docker'),
      SSL_CERT_FILE: locked.caFile ?? '/dev/null',
    }
    expect(await crane(['digest', `${locked.host}/mirror/app/single:v1`], env)).toBe(single.root.digest)
  })
})

describe('serve', () => {
  async function serving(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child: ChildProcess = spawn(process.execPath, [cliBin, 'serve', ...args, '--port', '0', '--json'], {
      cwd: desk.folder,
      env: { ...process.env, ...cliEnvironment(desk.home), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    let text = ''
    const facts = await new Promise<unknown>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text))
      })
      child.on('close', () => reject(new Error(`serve ended: ${text}`)))
    })
    const { host } = z.object({ host: z.string() }).parse(facts)
    const stop = async () => {
      child.kill('SIGINT')
      return ended
    }
    closing.push(stop)
    return { host, stop }
  }

  it('of a bundle gives crane everything, and takes nothing', async () => {
    const sources = ['app/multi:v1', 'app/single:v1'].flatMap((name) => ['--source', `oci=${near.host}/${name}`])
    await desk.runOk(['export', ...sources, '-o', 'served.tar'])
    const { host, stop } = await serving(['served.tar'])
    expect(await digest(`${host}/app/multi:v1`)).toBe(multi.root.digest)
    await crane(['validate', '--platform', 'linux/arm64', '--remote', `${host}/app/multi:v1`])
    await crane(['pull', `${host}/app/single:v1`, join(desk.folder, 'pulled.tar')])
    await expect(crane(['tag', `${host}/app/single:v1`, 'v2'])).rejects.toThrow()
    await desk.runOk(['plan', '--source', `oci=${host}/app/single:v1`])
    const import_ = await desk.fails(['import', 'served.tar', '--registry', `${host}/new`])
    expect(import_.error).toMatchObject({ exitCode: 5, side: 'sink' })
    expect(await stop()).toBe(0)
  })

  it('of a folder takes from crane and from import, keeps it, and asks for the password', async () => {
    const env = { ROPEWAY_SERVE_PASSWORD: 'served-secret' }
    const first = await serving(['kept', '--username', 'ada'], env)
    await expect(crane(['catalog', first.host])).rejects.toThrow()
    const variable = `ROPEWAY_REGISTRY_${first.host.replace(/\W/g, '_')}`
    const login = { [`${variable}_USERNAME`]: 'ada', [`${variable}_PASSWORD`]: 'served-secret' }
    await desk.runOk(['import', 'served.tar', '--registry', first.host], { env: login })
    expect(await first.stop()).toBe(0)
    const second = await serving(['kept'])
    expect(await digest(`${second.host}/app/multi:v1`)).toBe(multi.root.digest)
    await crane(['copy', `${near.host}/charts/podinfo:6.7.1`, `${second.host}/charts/podinfo:6.7.1`])
    expect(await digest(`${second.host}/charts/podinfo:6.7.1`)).toBe(await digest(`${near.host}/charts/podinfo:6.7.1`))
    const busy = await desk.fails(['serve', 'kept', '--port', second.host.split(':')[1] ?? ''])
    expect(busy.error).toMatchObject({ code: 'SERVE_CANNOT_LISTEN', exitCode: 2 })
    expect(await second.stop()).toBe(0)
  })
})
