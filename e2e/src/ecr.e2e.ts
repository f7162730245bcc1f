import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeChart, makeChartArtifact, makeImage, makeIndex, pushFixture, type Fixture } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDesk, type Desk } from './harness/desk.ts'
import { fakeEcr, region, type FakeEcr } from './harness/ecr.ts'
import { startMoto, type Moto } from './harness/moto.ts'
import { peer } from './harness/process.ts'
import { realRegistry, type RealRegistry } from './harness/registry.ts'

const closing: (() => Promise<unknown>)[] = []
let desk: Desk
let near: RealRegistry
let moto: Moto
let env: Record<string, string>
let first: Fixture
let second: Fixture
let other: Fixture

async function opened<T extends { close(): Promise<unknown> }>(thing: Promise<T>): Promise<T> {
  const made = await thing
  closing.push(() => made.close())
  return made
}

beforeAll(async () => {
  desk = await openDesk('ecr')
  near = await opened(realRegistry())
  moto = await opened(startMoto())
  env = { AWS_ACCESS_KEY_ID: 'e2e', AWS_SECRET_ACCESS_KEY: 'e2e-secret', AWS_ENDPOINT_URL_STS: moto.url }
  const image = (seed: string) => makeImage({ layers: [{ size: 30_000, seed }] })
  first = await makeIndex([
    await image('first'),
    await makeImage({ platform: 'linux/arm64', layers: [{ size: 9_000, seed: 'arm' }] }),
  ])
  second = await image('second')
  other = await image('other')
  await pushFixture(near.url, first, { repository: 'app/web', tags: ['v1'] })
  await pushFixture(near.url, second, { repository: 'app/api', tags: ['v1'] })
  await pushFixture(near.url, await makeChartArtifact(makeChart({ name: 'podinfo', version: '6.7.1' })), {
    repository: 'charts/podinfo',
    tags: ['6.7.1'],
  })
})
afterAll(async () => {
  await Promise.allSettled(closing.map((close) => close()))
  await desk.remove()
})

let accounts = 0
/** A registry of an account that nobody else uses. */
const registry = (account = String(100_000_000_001 + accounts++)) => opened(fakeEcr(moto, account))

/** Options by which a loopback address stands for a registry of ECR. */
const optionsOf = ({ host, url, account }: FakeEcr, more: object = {}) => ({
  registry: host,
  account,
  region,
  endpoint: url,
  ...more,
})

const references = () => ['app/web:v1', 'app/api:v1', 'charts/podinfo:6.7.1'].map((name) => `${near.host}/${name}`)

async function chain(ecr: FakeEcr, more: object = {}, names = references()): Promise<void> {
  await desk.chain({
    name: 'kit',
    sources: [{ oci: { references: names } }],
    transforms: [{ rewrite: { registry: `${ecr.host}/mirror/deep` } }],
    sinks: [{ ecr: optionsOf(ecr, more) }],
  })
}

/** What crane, with a token of its own, finds under a name. */
async function digest(ecr: FakeEcr, name: string): Promise<string> {
  const config = join(desk.folder, `docker-${ecr.account}`)
  await mkdir(config, { recursive: true })
  const auth = Buffer.from(`AWS:${ecr.token()}`).toString('base64')
  await writeFile(join(config, 'config.json'), JSON.stringify({ auths: { [ecr.host]: { auth } } }))
  return peer('crane', ['digest', `${ecr.host}/mirror/deep/${name}`], { env: { DOCKER_CONFIG: config } })
}

const Repositories = z.looseObject({ repositories: z.array(z.looseObject({ repositoryName: z.string() })) })
const repositoriesOf = async (ecr: FakeEcr) =>
  Repositories.parse(await ecr.api('DescribeRepositories', {})).repositories
const writes = (ecr: FakeEcr) =>
  ecr.requests.filter((request) => /^(POST|PUT|PATCH|DELETE|Create|Put|BatchDelete)/.test(request))

describe('a delivery into ECR', () => {
  it('creates repositories in any depth, and a second one asks little and writes nothing', async () => {
    const ecr = await registry()
    await writeFile(
      join(desk.folder, 'lifecycle.json'),
      JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 5 },
            action: { type: 'expire' },
          },
        ],
      }),
    )
    await chain(ecr, {
      immutability: 'immutable',
      scanOnPush: true,
      tags: { team: 'platform' },
      lifecyclePolicy: 'lifecycle.json',
    })
    await desk.runOk(['run'], { env })
    expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)
    expect(await digest(ecr, 'app/api:v1')).toBe(second.root.digest)
    const made = await repositoriesOf(ecr)
    expect(made.map(({ repositoryName }) => repositoryName).sort()).toEqual([
      'mirror/deep/app/api',
      'mirror/deep/app/web',
      'mirror/deep/podinfo',
    ])
    expect(made[0]).toMatchObject({
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
    })
    const policy = await ecr.api('GetLifecyclePolicy', { repositoryName: 'mirror/deep/app/api' })
    expect(policy).toMatchObject({ lifecyclePolicyText: expect.stringContaining('untagged') as string })

    ecr.requests.length = 0
    await desk.runOk(['run'], { env })
    expect(writes(ecr)).toEqual([])
    // who asks, the permission and the token once; then one request for all repositories and one for each image
    expect(ecr.requests.filter((request) => request === 'BatchGetImage')).toHaveLength(3)
    expect(ecr.requests.length).toBeLessThanOrEqual(3 * 3)
  })

  it('keeps, checks, refuses or replaces what a name holds', async () => {
    const ecr = await registry()
    await chain(ecr)
    await desk.runOk(['run'], { env })
    await pushFixture(near.url, other, { repository: 'app/api', tags: ['v1'] })
    try {
      const kept = await desk.runOk(['run'], { env })
      expect(kept.stderr).toContain('mirror/deep/app/api:v1')
      expect(await digest(ecr, 'app/api:v1')).toBe(second.root.digest)
      for (const policy of ['verify', 'fail']) {
        expect((await desk.fails(['run', '--existing', policy], { env })).error.side).toBe('sink')
      }
      await desk.runOk(['run', '--existing', 'overwrite'], { env })
      expect(await digest(ecr, 'app/api:v1')).toBe(other.root.digest)
      expect(ecr.requests).not.toContain('BatchDeleteImage')
    } finally {
      await pushFixture(near.url, second, { repository: 'app/api', tags: ['v1'] })
    }
  })

  it('replaces a tag that cannot be moved by removing it, when its new content is there', async () => {
    const ecr = await registry()
    await chain(ecr, { immutability: 'immutable' })
    await desk.runOk(['run'], { env })
    await pushFixture(near.url, other, { repository: 'app/api', tags: ['v1'] })
    try {
      ecr.requests.length = 0
      await desk.runOk(['run', '--existing', 'overwrite'], { env })
      expect(await digest(ecr, 'app/api:v1')).toBe(other.root.digest)
      const removed = ecr.requests.indexOf('BatchDeleteImage')
      const put = ecr.requests.indexOf(`PUT /v2/mirror/deep/app/api/manifests/${other.root.digest}`)
      expect(put).toBeGreaterThanOrEqual(0)
      expect(removed).toBeGreaterThan(put)
    } finally {
      await pushFixture(near.url, second, { repository: 'app/api', tags: ['v1'] })
    }
  })

  it('carries one platform, and finds it there again', async () => {
    const ecr = await registry()
    await chain(ecr, {}, [`${near.host}/app/web:v1`])
    await desk.runOk(['run', '--platform', 'linux/arm64'], { env })
    ecr.requests.length = 0
    await desk.runOk(['run', '--platform', 'linux/arm64', '--existing', 'verify'], { env })
    expect(writes(ecr)).toEqual([])
  })

  it('goes on, more slowly, when ECR throttles', async () => {
    const ecr = await registry()
    ecr.throttled.set('CreateRepository', 3).set('DescribeRepositories', 2).set('PutImage', 2)
    await chain(ecr)
    await desk.runOk(['run'], { env })
    expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)
    expect([...ecr.throttled.values()]).toEqual([0, 0, 0])
  })

  it('renews a token that ends on the way', async () => {
    const ecr = await registry()
    ecr.expireAfter(6)
    await chain(ecr)
    await desk.runOk(['run'], { env })
    expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)
    expect(ecr.requests.filter((request) => request === 'GetAuthorizationToken').length).toBeGreaterThan(1)
  })

  it('leaves repositories to a template that creates them on push', async () => {
    const ecr = await registry('123456789012')
    ecr.templates.push({ prefix: 'mirror', appliedFor: ['CREATE_ON_PUSH'] })
    await chain(ecr)
    await desk.runOk(['run'], { env })
    expect(ecr.requests).not.toContain('CreateRepository')
    expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)
  })

  it('goes to two accounts at once', async () => {
    const [one, two] = [await registry(), await registry()]
    const sink = (ecr: FakeEcr) => ({
      ecr: { ...optionsOf(ecr), transforms: [{ rewrite: { registry: `${ecr.host}/mirror/deep` } }] },
    })
    await desk.chain({ name: 'kit', sources: [{ oci: { references: references() } }], sinks: [sink(one), sink(two)] })
    await desk.runOk(['run'], { env })
    for (const ecr of [one, two]) expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)
  })

  it('may come from a bundle', async () => {
    const ecr = await registry()
    await chain(ecr)
    await desk.runOk(['export', '-o', 'kit.tar'], { env })
    const options = JSON.stringify(optionsOf(ecr))
    await desk.runOk(['import', 'kit.tar', '--registry', `${ecr.host}/mirror/deep`, '--sink', `ecr=${options}`], {
      env,
    })
    expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)
  })
})

describe('what goes wrong', () => {
  it('is told with action, resource and both accounts when IAM denies it', async () => {
    const ecr = await registry('999988887777')
    ecr.denied.add('CreateRepository')
    await chain(ecr)
    const { error } = await desk.fails(['run'], { env })
    const [leaf = error] = error.errors ?? []
    expect(leaf).toMatchObject({ code: 'ECR_ACCESS_DENIED', side: 'sink' })
    expect(leaf.message).toContain('ecr:CreateRepository')
    expect(leaf.message).toContain(`arn:aws:ecr:${region}:999988887777:repository/mirror/deep/`)
    expect(leaf.message).toContain('account 123456789012')
    expect(await repositoriesOf(ecr)).toEqual([])
  })

  it('is found by plan --check before anything moves', async () => {
    const ecr = await registry()
    ecr.denied.add('CompleteLayerUpload')
    await chain(ecr)
    const { error } = await desk.fails(['plan', '--check'], { env })
    expect(error).toMatchObject({ code: 'ECR_ACCESS_DENIED' })
    expect(writes(ecr)).toEqual([])
  })

  it('does not keep the others from being delivered', async () => {
    const ecr = await registry()
    await chain(ecr)
    const mapped = JSON.stringify(optionsOf(ecr))
    await desk.chain(`name: kit
sources: [{oci: {references: ${JSON.stringify(references())}}}]
transforms:
  - rewrite:
      registry: ${ecr.host}/mirror/deep
      map: {"${near.host}/app/api:v1": "${ecr.host}/cache/api:v1"}
sinks: [{ecr: ${mapped}}]
`)
    const { error } = await desk.fails(['run'], { env })
    const [leaf = error] = error.errors ?? []
    expect(leaf.code).toBe('ECR_PULL_THROUGH')
    expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)
  })
})

describe('prune', () => {
  it('shows what would go, and removes it with --yes, but for what stays', async () => {
    const ecr = await registry()
    await chain(ecr)
    await desk.runOk(['run'], { env })
    const sink = `ecr=${JSON.stringify(optionsOf(ecr))}`
    const shown = await desk.runOk(['prune', sink, '--pattern', 'mirror/deep/app/*', '--json'], { env })
    expect(shown.json()).toMatchObject({ removed: false, repositories: [{ repository: 'mirror/deep/app/api' }, {}] })
    expect(await digest(ecr, 'app/web:v1')).toBe(first.root.digest)

    await desk.runOk(['lock'], { env })
    const locked = await desk.runOk(['prune', sink, '--not-in', 'ropeway.lock', '--json'], { env })
    expect(locked.json()).toMatchObject({ repositories: [] })
    expect((await desk.runOk(['prune', sink, '--older-than', '1d', '--json'], { env })).json()).toMatchObject({
      repositories: [],
    })

    const gone = await desk.runOk(['prune', sink, '--pattern', 'mirror/deep/app/web:v*', '--yes'], { env })
    expect(gone.stdout).toContain('removed 3 manifests')
    await expect(digest(ecr, 'app/web:v1')).rejects.toThrow()
    expect(await digest(ecr, 'app/api:v1')).toBe(second.root.digest)
  })

  it('wants to be told what may go, and works where a sink can list', async () => {
    const ecr = await registry()
    expect((await desk.fails(['prune', `ecr=${JSON.stringify(optionsOf(ecr))}`], { env })).error.code).toBe(
      'PRUNE_UNBOUNDED',
    )
    expect((await desk.fails(['prune', 'registry', '--keep', '1'], { env })).error.code).toBe('PRUNE_UNSUPPORTED')
  })
})
