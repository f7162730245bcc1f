import { createHash, randomInt } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCosign, pushFixture } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ciWeights, publishSet, soakWeights, type Published } from './harness/fixtures.ts'
import { differences, judgeOf, type Judge } from './harness/judge.ts'
import { openIsland } from './harness/network.ts'
import { soak } from './harness/paths.ts'
import { ropeway, ropewayOk, run } from './harness/process.ts'
import { realRegistry, registryUser, type RealRegistry } from './harness/registry.ts'
import { diskUse, peakMemory, watchPeak } from './harness/watch.ts'

const MiB = 1024 * 1024
const namespace = 'ropeway-far'
const closing: (() => Promise<unknown>)[] = []
let home = ''
let source: RealRegistry
let published: Published[] = []
let chainFile = ''
let bundle = ''

async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** Digest of the config of the image behind a reference, by crane. */
async function configOf(judge: Judge, reference: string): Promise<string> {
  return (JSON.parse(await judge.manifest(reference)) as { config: { digest: string } }).config.digest
}

async function registry(...args: Parameters<typeof realRegistry>): Promise<RealRegistry> {
  const started = await realRegistry(...args)
  closing.push(() => started.close())
  return started
}

/** The chain of the whole set; charts come by reference, since discovery is not this step’s. */
function chainText(host: string): string {
  const references = published.map(({ repository, tag }) => `        - "${host}/${repository}:${tag}"`)
  return `name: platform\nversion: 1.4.74\nsources:\n  - oci:\n      references:\n${references.join('\n')}\n`
}

/** Where the default names put something of the set. */
function destinationAt(base: string): (item: Published) => string {
  return ({ kind, repository, tag }) =>
    `${base}/${kind === 'chart' ? (repository.split('/').at(-1) ?? '') : repository}:${tag}`
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'e2e-home-'))
  source = await registry()
  published = await publishSet(source.url, {}, soak ? soakWeights : ciWeights)
  const folder = join(home, 'near')
  await mkdir(folder)
  chainFile = join(folder, 'ropeway.yaml')
  bundle = join(folder, 'platform.tar')
  await writeFile(chainFile, chainText(source.host))
  await ropewayOk(['lock', chainFile], { home })
})

afterAll(async () => {
  await Promise.allSettled(closing.map((close) => close()))
  await rm(home, { recursive: true, force: true })
})

describe('a bundle', () => {
  it('is planned to the byte, and needs no more memory and disk than allowed', async () => {
    const folder = join(home, 'near')
    const plan = (await ropewayOk(['plan', chainFile, '--locked', '--json'], { home })).json() as {
      bundle: { size: number }
      totals: { cacheBytes: number }
    }
    let memory = { stop: () => 0 }
    const disk = watchPeak(() => diskUse(folder))
    await ropewayOk(['export', chainFile, '--locked', '-o', bundle], {
      home,
      onStart: (child) => {
        memory = watchPeak(() => peakMemory(child.pid ?? 0))
      },
    })
    const peaks = { memory: memory.stop(), disk: disk.stop() }
    const { size } = await stat(bundle)
    console.log(
      `bundle ${size} bytes; peak memory ${Math.round(peaks.memory / MiB)} MiB; peak disk ${(peaks.disk / size).toFixed(4)} × the bundle`,
    )
    expect(size).toBe(plan.bundle.size)
    expect(peaks.memory).toBeGreaterThan(0)
    expect(peaks.memory).toBeLessThanOrEqual(200 * MiB)
    expect(peaks.disk).toBeLessThanOrEqual(1.01 * size + plan.totals.cacheBytes)
    expect((await readdir(folder)).sort()).toEqual(['platform.tar', 'ropeway.lock', 'ropeway.yaml'])
  })

  it('has one sha256, whatever the concurrency', async () => {
    const sums = new Set([await sha256File(bundle)])
    for (const concurrency of [1, 4, 16]) {
      const file = join(home, `c${concurrency}.tar`)
      await ropewayOk(['export', chainFile, '--locked', '-o', file, '--concurrency', String(concurrency)], { home })
      sums.add(await sha256File(file))
      await rm(file)
    }
    expect(sums.size).toBe(1)
  })

  it('has that sha256 after kill -9 at random moments, by the same command', async () => {
    const wanted = await sha256File(bundle)
    const file = join(home, 'killed.tar')
    const began = Date.now()
    await ropewayOk(['export', chainFile, '--locked', '-o', file], { home })
    const whole = Date.now() - began
    await rm(file)
    let killed = 0
    for (let attempt = 0; attempt < (soak ? 60 : 15) && killed < (soak ? 20 : 5); attempt++) {
      const moment = randomInt(Math.max(50, Math.floor(whole * 0.2)), Math.max(100, whole))
      const ended = await ropeway(['export', chainFile, '--locked', '-o', file], {
        home,
        onStart: (child) => setTimeout(() => child.kill('SIGKILL'), moment),
      })
      if (ended.signal === 'SIGKILL') {
        killed++
        continue
      }
      expect(ended.code, ended.stderr).toBe(0)
      expect(await sha256File(file)).toBe(wanted)
      await rm(file)
    }
    expect(killed).toBeGreaterThanOrEqual(soak ? 20 : 5)
    await ropewayOk(['export', chainFile, '--locked', '-o', file], { home })
    expect(await sha256File(file)).toBe(wanted)
    expect((await readdir(home)).filter((name) => name.startsWith('killed'))).toEqual(['killed.tar'])
  })

  it('is kept when it already is that bundle, and verified', async () => {
    const before = await stat(bundle)
    await ropewayOk(['export', chainFile, '--locked', '-o', bundle], { home })
    expect((await stat(bundle)).mtimeMs).toBe(before.mtimeMs)
    expect((await ropewayOk(['verify', bundle, '--json'], { home })).json()).toMatchObject({ problems: [] })
  })

  it('is read by skopeo under its names', async () => {
    const judge = await judgeOf(join(home, 'skopeo'), [])
    for (const item of published.filter(({ kind }) => kind === 'image')) {
      const name = `${source.host}/${item.repository}:${item.tag}`
      // skopeo reads only OCI manifests from a layout; a Docker image it finds through `manifest.json`.
      const docker = item.root.mediaType.includes('docker')
      const raw = await judge.peer('skopeo', [
        'inspect',
        '--raw',
        `${docker ? 'docker' : 'oci'}-archive:${bundle}:${name}`,
      ])
      if (docker) expect(JSON.parse(raw)).toMatchObject({ config: { digest: await configOf(judge, name) } })
      else expect(digestOf(raw)).toBe(item.root.digest)
    }
  })

  it('is a docker archive for crane', async () => {
    const judge = await judgeOf(join(home, 'crane'), [])
    const file = join(home, 'single.tar')
    await ropewayOk(['export', '--source', `oci=${source.host}/app/db:2`, '-o', file], { home })
    await judge.peer('crane', ['push', '--insecure', file, `${source.host}/from-crane/db:2`])
    expect(await configOf(judge, `${source.host}/from-crane/db:2`)).toBe(
      await configOf(judge, `${source.host}/app/db:2`),
    )
    await judge.peer('crane', ['validate', '--tarball', file])
  })
})

describe('the far side', () => {
  let far: RealRegistry
  let judge: Judge

  beforeAll(async () => {
    const island = await openIsland(namespace)
    closing.push(() => island.close())
    far = await registry({ tls: true, auth: 'basic', namespace })
    judge = await judgeOf(join(home, 'far'), [far], { namespace })
  })

  it('reaches nothing but the destination', async () => {
    const probe = await run('bash', ['-c', `exec 3<>/dev/tcp/${source.host.replace(':', '/')}`], { namespace })
    expect(probe.code).not.toBe(0)
  })

  it('gets everything from the bundle with one command: digests and referrers by crane', async () => {
    const password = { REGISTRY_USERNAME: registryUser.username, REGISTRY_PASSWORD: registryUser.password }
    const ended = await ropewayOk(
      ['import', bundle, '--registry', `${far.host}/mirror`, '--ca-file', far.caFile ?? ''],
      { home, namespace, env: password },
    )
    expect(ended.stdout + ended.stderr).not.toContain(registryUser.password)
    expect(await differences(judge, published, destinationAt(`${far.host}/mirror`))).toEqual([])
  })

  it('finds referrers by oras, through the fallback tag that the registry needs', async () => {
    const [web] = published
    const discovered = await judge.peer('oras', [
      'discover',
      '--format',
      'json',
      '--ca-file',
      far.caFile ?? '',
      `${far.host}/mirror/app/web:1.2.3`,
    ])
    expect(discovered).toContain('application/spdx+json')
    expect(discovered).toContain(web?.referrers[0] ?? '-')
  })

  it('pulls the chart by helm, and helm renders it', async () => {
    const reference = `oci://${far.host}/mirror/podinfo`
    const rendered = await judge.peer('helm', [
      'template',
      'demo',
      reference,
      '--version',
      '6.7.1',
      '--ca-file',
      far.caFile ?? '',
    ])
    expect(rendered).toContain('name: demo')
  })

  it('has nothing to send the second time', async () => {
    const password = { REGISTRY_USERNAME: registryUser.username, REGISTRY_PASSWORD: registryUser.password }
    const again = await ropewayOk(
      ['import', bundle, '--registry', `${far.host}/mirror`, '--ca-file', far.caFile ?? '', '--json'],
      { home, namespace, env: password },
    )
    expect(again.json()).toMatchObject({ bytes: 0 })
  })
})

describe('registry to registry', () => {
  it.each([
    ['token authentication', { auth: 'token' } as const],
    ['TLS by its own CA', { tls: true } as const],
    ['basic authentication', { auth: 'basic' } as const],
  ])('mirrors the whole set to one with %s', async (name, options) => {
    const target = await registry(options)
    const judge = await judgeOf(join(home, `mirror-${name.slice(0, 5)}`), [target])
    const folder = await mkdtemp(join(home, 'mirror-'))
    const ca = target.caFile === undefined ? '' : `ca: ["${target.caFile}"]\n`
    const text = `${chainText(source.host)}${ca}transforms:\n  - rewrite: { registry: "${target.host}", prefix: team/mirror }\nsinks:\n  - registry: {}\n`
    await writeFile(join(folder, 'ropeway.yaml'), text)
    const env = { REGISTRY_USERNAME: registryUser.username, REGISTRY_PASSWORD: registryUser.password }
    await ropewayOk(['run'], { home, cwd: folder, env })
    expect(await differences(judge, published, destinationAt(`${target.host}/team/mirror`))).toEqual([])
    expect((await readdir(folder)).sort()).toEqual(['ropeway.yaml'])
    expect(await readFile(join(folder, 'ropeway.yaml'), 'utf8')).toBe(text)
  })

  it('brings a signature that was added after the first run', async () => {
    const target = await registry()
    const judge = await judgeOf(join(home, 'later'), [target])
    const folder = await mkdtemp(join(home, 'later-'))
    const image = published.find(({ repository }) => repository === 'tools/plain')
    if (image === undefined) throw new Error('the set has no such image')
    const name = `tools/plain:${image.tag}`
    const text = `name: later\nsources: [{ oci: { references: ["${source.host}/${name}"] } }]\ntransforms: [{ rewrite: { registry: "${target.host}" } }]\nsinks: [registry]\n`
    await writeFile(join(folder, 'ropeway.yaml'), text)
    await ropewayOk(['run'], { home, cwd: folder })
    const signature = await makeCosign(image.root)
    await pushFixture(source.url, signature, { repository: 'tools/plain' })
    await ropewayOk(['run'], { home, cwd: folder })
    expect(await judge.digest(`${target.host}/tools/plain@${signature.root.digest}`)).toBe(signature.root.digest)
    expect(await judge.digest(`${target.host}/tools/plain:${signature.tag ?? ''}`)).toBe(signature.root.digest)
  })
})
