import {
  RopewayError,
  type DeliveryPlan,
  type Reference,
  type Registry,
  type Slot,
  type StoreDelivery,
} from '@ropeway/core'
import { memoryRegistry, sampleFor, type FakeContext, type Sample } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { account, answer, env, fakeEcr, fault, host, region } from './ecr.fixture.js'
import { ecrSink } from './index.js'
import { EcrOptions } from './options.js'

const arn = (repository: string) => `arn:aws:ecr:${region}:${account}:repository/${repository}`
const at = (repository: string, tag = '1'): Reference => ({ registry: host, repository, tag })
const optionsOf = (written: object = {}) => EcrOptions.parse(written)

function planOf(...samples: readonly Sample[]): DeliveryPlan {
  return { chain: { name: 'kit', version: '1.0.0' }, artifacts: samples.map(({ planned }) => planned) }
}

/** A registry in memory with its API. */
function world() {
  const registry = memoryRegistry(host)
  const ecr = fakeEcr(registry)
  return { registry, ecr, context: ecr.context() }
}

/** The context with parts of the registry's client replaced. */
function withClient(context: FakeContext, change: (client: Registry) => Partial<Registry>): FakeContext {
  return {
    ...context,
    registry(name, role) {
      const client = context.registry(name, role)
      return { ...client, ...change(client) }
    },
  }
}

async function open(plan: DeliveryPlan, context: FakeContext, options = optionsOf()): Promise<StoreDelivery> {
  const delivery = await ecrSink.open(plan, await ecrSink.survey(plan, options, context), options, context)
  if (delivery.type !== 'store') throw new TypeError('not a store')
  await delivery.prepare(plan.artifacts.flatMap(({ destinations }) => destinations))
  return delivery
}

function slotsOf({ planned: { destinations, blobs, manifests } }: Sample): { blobs: Slot[]; manifests: Slot[] } {
  const { registry, repository } = destinations[0] ?? at('none')
  const slot = (descriptor: Slot['descriptor']): Slot => ({ registry, repository, descriptor })
  return { blobs: blobs.map(slot), manifests: manifests.map(slot) }
}

async function deliver(delivery: StoreDelivery, sample: Sample): Promise<void> {
  const { blobs, manifests } = slotsOf(sample)
  for (const slot of await delivery.missing(blobs)) await delivery.blob(slot, sample.content, {})
  for (const slot of manifests) {
    const manifest = sample.tree.manifests.find(({ descriptor }) => descriptor.digest === slot.descriptor.digest)
    if (manifest === undefined) continue
    await delivery.manifest(slot, manifest)
    if (slot.descriptor.digest !== sample.planned.root.digest) continue
    await delivery.tag(
      slot,
      manifest,
      sample.planned.destinations.flatMap(({ tag }) => tag ?? []),
    )
  }
}

const web = sampleFor('image', 1, at('team/deep/app/web'))
const next = sampleFor('image', 2, at('team/deep/app/web'))
const chart = sampleFor('chart', 3, at('charts/podinfo', '6.7.1'))

describe('ecr sink: requests', () => {
  it('are few for what is there: one for each repository, and one for a hundred of them', async () => {
    const { ecr, context } = world()
    const plan = planOf(web, chart)
    const delivery = await open(plan, context)
    for (const sample of [web, chart]) await deliver(delivery, sample)
    ecr.actions.length = 0
    const survey = await ecrSink.survey(plan, optionsOf(), context)
    expect(survey.names).toHaveLength(2)
    expect(survey.missing).toEqual(new Set())
    expect(ecr.actions.sort()).toEqual(['BatchGetImage', 'BatchGetImage', 'DescribeRepositories'])
  })

  it('read the list of repositories where many are missing', async () => {
    const { ecr, context } = world()
    const samples = Array.from({ length: 20 }, (_, index) => sampleFor('image', index, at(`app/${index}`)))
    await ecrSink.survey(planOf(...samples), optionsOf(), context)
    expect(ecr.actions).toEqual(['DescribeRepositories', 'DescribeRepositories'])
  })

  it('are made again, more slowly, when ECR throttles them', async () => {
    const { ecr, context } = world()
    let refusals = 2
    ecr.answers['DescribeRepositories'] = () =>
      refusals-- > 0 ? fault('ThrottlingException', 'Rate exceeded') : undefined
    await expect(ecrSink.survey(planOf(web), optionsOf(), context)).resolves.toMatchObject({ names: [] })
    expect(ecr.actions.filter((action) => action === 'DescribeRepositories').length).toBeGreaterThan(2)
  })
})

describe('ecr sink: repositories', () => {
  it('are created in any depth with the settings of the chain', async () => {
    const { ecr, context } = world()
    const options = optionsOf({
      immutability: 'immutable',
      immutabilityExclusions: ['sha256-*'],
      scanOnPush: true,
      kms: 'alias/kit',
      tags: { team: 'platform' },
      lifecyclePolicy: { rules: [] },
      repositoryPolicy: { Version: '2012-10-17' },
    })
    await open(planOf(web), context, options)
    expect(ecr.repositories.get('team/deep/app/web')).toMatchObject({
      settings: {
        registryId: account,
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'sha256-*' }],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'alias/kit' },
        tags: [{ Key: 'team', Value: 'platform' }],
      },
      lifecyclePolicy: '{"rules":[]}',
      policy: '{"Version":"2012-10-17"}',
    })
  })

  it('are left to a template that creates them on push, and not to one of another kind or prefix', async () => {
    const { ecr, context } = world()
    ecr.answers['DescribeRepositoryCreationTemplates'] = () =>
      answer({
        repositoryCreationTemplates: [
          { prefix: 'team', appliedFor: ['CREATE_ON_PUSH'] },
          { prefix: 'charts', appliedFor: ['REPLICATION'] },
          { prefix: 'ROOT', appliedFor: ['CREATE_ON_PUSH'] },
        ],
      })
    await open(planOf(web, chart, sampleFor('image', 4, at('other/app'))), context)
    expect([...ecr.repositories.keys()]).toEqual(['charts/podinfo'])
  })

  it('are never created when the chain says so', async () => {
    const { ecr, context } = world()
    await open(planOf(web), context, optionsOf({ createRepositories: 'never' }))
    expect(ecr.actions).not.toContain('CreateRepository')
  })

  it('that cannot be created do not keep others from being delivered', async () => {
    const { ecr, context, registry } = world()
    ecr.answers['CreateRepository'] = ({ repositoryName }) =>
      repositoryName === 'charts/podinfo'
        ? fault('LimitExceededException', 'The maximum number of repositories is reached')
        : undefined
    const delivery = await open(planOf(web, chart), context)
    await deliver(delivery, web)
    await expect(deliver(delivery, chart)).rejects.toMatchObject({ code: 'ECR_LIMIT_EXCEEDED', side: 'sink' })
    expect(registry.repository('team/deep/app/web').tags.get('1')).toBe(web.planned.root.digest)
    expect(registry.repositories.has('charts/podinfo')).toBe(false)
  })

  it('of a pull through cache are refused', async () => {
    const { ecr, context } = world()
    ecr.answers['DescribePullThroughCacheRules'] = () =>
      answer({ pullThroughCacheRules: [{ ecrRepositoryPrefix: 'team', upstreamRegistryUrl: 'quay.io' }] })
    const delivery = await open(planOf(web, chart), context)
    await expect(deliver(delivery, web)).rejects.toMatchObject({ code: 'ECR_PULL_THROUGH' })
    await deliver(delivery, chart)
  })

  it('whose creation IAM denies are told with action, resource and both accounts', async () => {
    const { ecr } = world()
    ecr.answers['CreateRepository'] = () => fault('AccessDeniedException', 'not authorized')
    await expect(open(planOf(web), ecr.context())).rejects.toMatchObject({
      code: 'ECR_ACCESS_DENIED',
      message: expect.stringMatching(
        new RegExp(
          `user/kit \\(account ${account}\\) may not ecr:CreateRepository on ${arn('team/deep/app/web')} .*${account}`,
        ),
      ) as string,
      hint: expect.stringContaining('"Action": "ecr:CreateRepository"') as string,
    })
  })
})

describe('ecr sink: what ECR has no room for', () => {
  it('is told by survey, and refused alone', async () => {
    const { context } = world()
    const odd = sampleFor('image', 5, at('team/a__b'))
    const large = sampleFor('image', 6, at('team/large'))
    const [first, ...others] = large.planned.blobs
    const planned = { ...large.planned, blobs: [{ ...first!, size: 53_000 * 1024 * 1024 }, ...others] }
    const plan = planOf(web, odd, { ...large, planned })
    const delivery = await open(plan, context)
    expect(context.warnings.map(({ code }) => code).sort()).toEqual(['ECR_LAYER_TOO_LARGE', 'ECR_NAME_INVALID'])
    await deliver(delivery, web)
    await expect(deliver(delivery, odd)).rejects.toMatchObject({ code: 'ECR_NAME_INVALID' })
    await expect(deliver(delivery, { ...large, planned })).rejects.toMatchObject({ code: 'ECR_LAYER_TOO_LARGE' })
  })

  it('is any registry of somebody else', async () => {
    const { context } = world()
    const elsewhere = sampleFor('image', 1, { registry: 'ghcr.io', repository: 'a', tag: '1' })
    await expect(ecrSink.survey(planOf(elsewhere), optionsOf(), context)).rejects.toMatchObject({
      code: 'ECR_HOST_UNKNOWN',
    })
  })
})

describe('ecr sink: tags that are taken', () => {
  const refusal = () =>
    new RopewayError({
      code: 'SINK_REFUSED',
      side: 'sink',
      message: 'refused (400): ImageTagAlreadyExistsException immutable',
    })

  /** A registry that does not let a tag be moved. */
  function immutable(context: FakeContext, held: (tag: string) => string | undefined): FakeContext {
    return withClient(context, (client) => ({
      async pushManifest(repository, reference, manifest, more) {
        const now = held(reference)
        if (now !== undefined && now !== manifest.descriptor.digest) throw refusal()
        await client.pushManifest(repository, reference, manifest, more)
      },
    }))
  }

  it('are removed when the new content is there, where they cannot be moved', async () => {
    const { ecr, registry, context } = world()
    await deliver(await open(planOf(web), context, optionsOf({ immutability: 'immutable' })), web)
    const strict = immutable(context, (tag) => registry.repository('team/deep/app/web').tags.get(tag))
    ecr.actions.length = 0
    await deliver(await open(planOf(next), strict, optionsOf({ existing: 'overwrite' })), next)
    expect(registry.repository('team/deep/app/web').tags.get('1')).toBe(next.planned.root.digest)
    expect(ecr.actions.filter((action) => action === 'BatchDeleteImage')).toHaveLength(1)
  })

  it('are moved without being removed where they can be', async () => {
    const { ecr, registry, context } = world()
    await deliver(await open(planOf(web), context), web)
    await deliver(await open(planOf(next), context, optionsOf({ existing: 'overwrite' })), next)
    expect(registry.repository('team/deep/app/web').tags.get('1')).toBe(next.planned.root.digest)
    expect(ecr.actions).not.toContain('BatchDeleteImage')
  })

  it('are an error when somebody took them since, and none when with the same content', async () => {
    for (const other of [web, next]) {
      const { registry, context } = world()
      const strict = withClient(context, (client) => ({
        async pushManifest(repository, reference, manifest, more) {
          if (reference === '1') {
            registry.seed(repository, { manifests: other.tree.manifests, tags: { 1: other.planned.root.digest } })
            throw refusal()
          }
          await client.pushManifest(repository, reference, manifest, more)
        },
      }))
      const outcome = deliver(await open(planOf(web), strict), web)
      if (other === web) await expect(outcome).resolves.toBeUndefined()
      else await expect(outcome).rejects.toMatchObject({ code: 'ECR_TAG_IMMUTABLE' })
    }
  })
})

describe('ecr sink: the registry’s own refusals', () => {
  it('of a referrer’s form leave it out with a warning, of an image’s are an error', async () => {
    const unsupported = new RopewayError({ code: 'SINK_REFUSED', side: 'sink', message: 'refused (405): UNSUPPORTED' })
    const { context } = world()
    const referrers = new Set(web.planned.referrers.map(({ descriptor }) => descriptor.digest))
    expect(referrers.size).toBeGreaterThan(0)
    const picky = (refuses: (digest: string) => boolean) =>
      withClient(context, (client) => ({
        async pushManifest(repository, reference, manifest, more) {
          if (refuses(manifest.descriptor.digest)) throw unsupported
          await client.pushManifest(repository, reference, manifest, more)
        },
      }))
    await deliver(
      await open(
        planOf(web),
        picky((digest) => referrers.has(digest)),
      ),
      web,
    )
    expect(context.warnings).toMatchObject([...referrers].map(() => ({ code: 'ECR_MANIFEST_SKIPPED' })))
    const all = picky(() => true)
    await expect(deliver(await open(planOf(chart), all), chart)).rejects.toMatchObject({
      code: 'ECR_MANIFEST_UNSUPPORTED',
    })
  })

  it('by IAM are told with the action and resource that they name', async () => {
    const { context } = world()
    const words = `User: arn:aws:iam::${account}:user/kit is not authorized to perform: ecr:PutImage on resource: ${arn('charts/podinfo')} because`
    const denying = withClient(context, () => ({
      pushManifest: async () => {
        throw new RopewayError({ code: 'SINK_FORBIDDEN', side: 'sink', message: words })
      },
    }))
    await expect(deliver(await open(planOf(chart), denying), chart)).rejects.toMatchObject({
      code: 'ECR_ACCESS_DENIED',
      hint: expect.stringContaining(`"Action": "ecr:PutImage", "Resource": "${arn('charts/podinfo')}"`) as string,
    })
  })

  it('to mount are not asked for where the account does not allow it', async () => {
    for (const value of ['ENABLED', 'DISABLED']) {
      const { ecr, registry, context } = world()
      ecr.answers['GetAccountSetting'] = () => answer({ name: 'BLOB_MOUNTING', value })
      const [blob] = slotsOf(web).blobs
      if (blob === undefined) throw new TypeError('no blob')
      const delivery = await open(planOf(web), context)
      registry.seed('other', { blobs: web.tree.blobs.map(({ bytes }) => bytes) })
      expect(await delivery.mount?.(blob, 'other')).toBe(value === 'ENABLED')
    }
  })
})

describe('ecr sink: surroundings', () => {
  it('name the registry when the chain does not', async () => {
    const { ecr } = world()
    const context = ecr.context({ env: { ...env, AWS_REGION: region } })
    expect(await ecrSink.registry?.(optionsOf(), context)).toBe(host)
    expect(await ecrSink.registry?.(optionsOf({ registry: 'own.example' }), context)).toBe('own.example')
    await expect(ecrSink.registry?.(optionsOf(), ecr.context())).rejects.toMatchObject({ code: 'ECR_REGION_UNKNOWN' })
  })

  it('may give a registry another name', async () => {
    const registry = memoryRegistry('own.example')
    const ecr = fakeEcr(registry)
    const options = optionsOf({ registry: 'own.example', account, region })
    const sample = sampleFor('image', 1, { registry: 'own.example', repository: 'app', tag: '1' })
    await deliver(await open(planOf(sample), ecr.context(), options), sample)
    expect(registry.repository('app').tags.get('1')).toBe(sample.planned.root.digest)
  })

  it('that AWS does not know are told so', async () => {
    const { ecr, context } = world()
    ecr.answers['DescribeRepositories'] = () => fault('UnrecognizedClientException', 'The security token is invalid.')
    await expect(ecrSink.survey(planOf(web), optionsOf(), context)).rejects.toMatchObject({
      code: 'ECR_CREDENTIALS_REFUSED',
      side: 'sink',
    })
  })
})
