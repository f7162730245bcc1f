import { slotKey, type DeliveryPlan, type Reference, type Slot, type StoreDelivery } from '@ropeway/core'
import { parseReference } from '@ropeway/oci'
import {
  countedContent,
  fakeContext,
  memoryRegistry,
  sampleFile,
  sampleFor,
  sampleOf,
  type FakeContext,
  type MemoryRegistry,
  type Sample,
} from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { registrySink } from './index.js'

const host = 'harbor.corp:5000'
const options = { existing: 'skip' } as const
const at = (name: string): Reference => parseReference(`${host}/${name}`)

function planOf(...samples: readonly Sample[]): DeliveryPlan {
  return { chain: { name: 'kit', version: '1.0.0' }, artifacts: samples.map(({ planned }) => planned) }
}

function slotsOf({ planned }: Sample): { blobs: Slot[]; manifests: Slot[] } {
  const [destination = at('none')] = planned.destinations
  const slot = (descriptor: Slot['descriptor']): Slot => ({
    registry: destination.registry,
    repository: destination.repository,
    descriptor,
  })
  return { blobs: planned.blobs.map(slot), manifests: planned.manifests.map(slot) }
}

function seed(registry: MemoryRegistry, { planned, tree }: Sample, parts: { referrers?: boolean } = {}): void {
  const left = new Set(parts.referrers === false ? planned.referrers.map(({ descriptor }) => descriptor.digest) : [])
  for (const { repository, tag } of planned.destinations) {
    registry.seed(repository, {
      blobs: tree.blobs.map(({ bytes }) => bytes),
      manifests: tree.manifests.filter(({ descriptor }) => !left.has(descriptor.digest)),
      tags: tag === undefined ? {} : { [tag]: planned.root.digest },
    })
  }
}

async function open(plan: DeliveryPlan, context: FakeContext): Promise<StoreDelivery> {
  const delivery = await registrySink.open(plan, await registrySink.survey(plan, options, context), options, context)
  if (delivery.type !== 'store') throw new TypeError('not a store')
  return delivery
}

async function deliver(delivery: StoreDelivery, sample: Sample): Promise<void> {
  const { blobs, manifests } = slotsOf(sample)
  await delivery.prepare([])
  for (const slot of await delivery.missing(blobs)) await delivery.blob(slot, sample.content, {})
  const contents = new Map(sample.tree.manifests.map((manifest) => [manifest.descriptor.digest, manifest]))
  for (const slot of manifests) {
    const manifest = contents.get(slot.descriptor.digest)
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

describe('registry sink: survey', () => {
  const web = sampleFor('image', 1, at('mirror/app/web:1.2.3'))
  const chart = sampleFor('chart', 2, at('mirror/charts/podinfo:6.7.1'))
  const plan = planOf(web, chart)

  it('finds nothing in an empty registry, with few requests', async () => {
    const registry = memoryRegistry(host)
    const context = fakeContext({ registries: [registry] })
    const survey = await registrySink.survey(plan, options, context)
    expect(survey).toMatchObject({ location: `${host}/mirror`, existing: 'skip', names: [] })
    expect(survey.present).toEqual(new Set())
    const wanted = [web, chart].flatMap((sample) => Object.values(slotsOf(sample)).flat())
    expect(survey.missing).toEqual(new Set(wanted.map(slotKey)))
    expect(registry.repositories.size).toBe(0)
  })

  it('leaves large content of an unknown repository open, for an interrupted upload may have left it', async () => {
    const big = sampleOf('file', 'big', sampleFile(5, 'big', 1024 * 1024), [at('mirror/big:1')])
    const survey = await registrySink.survey(planOf(big), options, fakeContext({ registries: [memoryRegistry(host)] }))
    const large = slotsOf(big)
      .blobs.filter(({ descriptor }) => descriptor.size >= 1024 * 1024)
      .map(slotKey)
    expect(large).toHaveLength(1)
    expect(large.some((key) => survey.missing?.has(key) === true)).toBe(false)
  })

  it('tells what a name holds and takes all below an equal root for present', async () => {
    const registry = memoryRegistry(host)
    seed(registry, web)
    const survey = await registrySink.survey(plan, options, fakeContext({ registries: [registry] }))
    expect(survey.names).toEqual([
      { id: web.planned.id, destination: web.planned.destinations[0], digest: web.planned.root.digest },
    ])
    expect(survey.present).toEqual(new Set(Object.values(slotsOf(web)).flat().map(slotKey)))
  })

  it('sees that a signature is missing below a root that is there', async () => {
    const registry = memoryRegistry(host)
    seed(registry, web, { referrers: false })
    const survey = await registrySink.survey(plan, options, fakeContext({ registries: [registry] }))
    const signatures = slotsOf(web).manifests.filter(({ descriptor }) =>
      web.planned.referrers.some((referrer) => referrer.descriptor.digest === descriptor.digest),
    )
    expect(signatures.length).toBeGreaterThan(0)
    for (const slot of signatures) expect(survey.missing).toContain(slotKey(slot))
  })

  it('asks for each piece where the repository has another version', async () => {
    const registry = memoryRegistry(host)
    const older = sampleFor('image', 3, at('mirror/app/web:1.2.2'))
    seed(registry, older)
    const [shared] = web.tree.blobs
    if (shared !== undefined) registry.seed('mirror/app/web', { blobs: [shared.bytes] })
    const survey = await registrySink.survey(planOf(web), options, fakeContext({ registries: [registry] }))
    const held = registry.repository('mirror/app/web').blobs
    for (const slot of slotsOf(web).blobs) {
      const there = held.has(slot.descriptor.digest)
      expect(survey.present?.has(slotKey(slot))).toBe(there)
      expect(survey.missing?.has(slotKey(slot))).toBe(!there)
    }
    expect(survey.present?.size).toBeGreaterThan(0)
    expect(survey.missing?.size).toBeGreaterThan(0)
  })

  it('looks for the digest of what has no tag', async () => {
    const registry = memoryRegistry(host)
    const untagged = sampleFor('image', 1, { ...at('mirror/app/web'), digest: web.planned.root.digest })
    seed(registry, untagged)
    const survey = await registrySink.survey(planOf(untagged), options, fakeContext({ registries: [registry] }))
    expect(survey.names).toMatchObject([{ digest: web.planned.root.digest }])
  })

  it('names every host, with what all its repositories begin with', async () => {
    const spread = sampleOf('file', 'x', web.tree, [
      at('mirror/a/b/x:1'),
      at('mirror/a/y:1'),
      parseReference('other.example/z:1'),
    ])
    const survey = await registrySink.survey(
      planOf(spread),
      options,
      fakeContext({ registries: [memoryRegistry(host), memoryRegistry('other.example')] }),
    )
    expect(survey.location).toBe(`${host}/mirror/a, other.example`)
    const none = await registrySink.survey(planOf(), options, fakeContext())
    expect(none.location).toBe('no registry')
  })

  it('ends with the error of a registry that lets nobody in', async () => {
    const registries = [memoryRegistry(host, { unauthorized: true })]
    await expect(registrySink.survey(plan, options, fakeContext({ registries }))).rejects.toMatchObject({
      code: 'SINK_UNAUTHORIZED',
    })
    await expect(registrySink.check?.(plan, options, fakeContext({ registries }))).rejects.toMatchObject({
      code: 'SINK_UNAUTHORIZED',
    })
  })
})

describe('registry sink: check', () => {
  it('asks for permission to write once for each host and project', async () => {
    const asked: string[] = []
    const context = fakeContext()
    const samples = ['mirror/a:1', 'mirror/b:1', 'team/c:1'].map((name, index) => sampleFor('file', index, at(name)))
    await registrySink.check?.(planOf(...samples), options, {
      ...context,
      registry: (registry, role) => ({
        ...context.registry(registry, role),
        check: async (repository, actions) =>
          void asked.push(`${role} ${actions} ${registry}/${repository.split('/')[0]}`),
      }),
    })
    expect(asked).toEqual([`sink push ${host}/mirror`, `sink push ${host}/team`])
  })
})

describe('registry sink: delivery', () => {
  it('delivers what is missing, and finds all of it present afterwards', async () => {
    const registry = memoryRegistry(host)
    const context = fakeContext({ registries: [registry] })
    const web = sampleFor('image', 1, at('mirror/app/web:1.2.3'))
    const delivery = await open(planOf(web), context)
    await deliver(delivery, web)
    expect(registry.repository('mirror/app/web').tags.get('1.2.3')).toBe(web.planned.root.digest)
    expect(await delivery.missing(slotsOf(web).blobs)).toEqual([])
    const again = await registrySink.survey(planOf(web), options, context)
    expect(again.missing?.size).toBe(0)
    expect(again.names).toHaveLength(1)
  })

  it('mounts from another repository without opening the content', async () => {
    const registry = memoryRegistry(host)
    const first = sampleFor('image', 1, at('mirror/a:1'))
    const second = sampleFor('image', 1, at('mirror/b:1'))
    seed(registry, first)
    const content = countedContent(second.content)
    const delivery = await open(planOf(second), fakeContext({ registries: [registry] }))
    const [one, two] = slotsOf(second).blobs
    if (one === undefined || two === undefined) expect.unreachable()
    expect(await delivery.blob(one, content, { mount: 'mirror/a' })).toBe('mounted')
    expect(await delivery.mount?.(two, 'mirror/a')).toBe(true)
    expect(await delivery.mount?.(two, 'mirror/nowhere')).toBe(false)
    expect(content.opened.size).toBe(0)
    expect(await delivery.blob(two, content, { mount: 'mirror/nowhere' })).toBe('sent')
    expect(content.opened.size).toBe(1)
  })

  it('gives every tag, last', async () => {
    const registry = memoryRegistry(host)
    const web = sampleFor('image', 1, at('mirror/web:1'))
    const delivery = await open(planOf(web), fakeContext({ registries: [registry] }))
    await deliver(delivery, web)
    const root = web.tree.manifests.find(({ descriptor }) => descriptor.digest === web.planned.root.digest)
    const slot = slotsOf(web).manifests[0]
    if (root === undefined || slot === undefined) expect.unreachable()
    await delivery.tag({ ...slot, descriptor: root.descriptor }, root, ['1.2', 'latest'])
    expect([...registry.repository('mirror/web').tags.keys()]).toEqual(expect.arrayContaining(['1', '1.2', 'latest']))
  })

  it('says at the end where things are and how charts are installed', async () => {
    const chart = sampleFor('chart', 2, at('mirror/podinfo:6.7.1_build'))
    const web = sampleFor('image', 1, at('mirror/app/web:1.2.3'))
    const delivery = await open(planOf(web, chart), fakeContext({ registries: [memoryRegistry(host)] }))
    expect(await delivery.close()).toEqual({
      location: `${host}/mirror`,
      next: [`helm install podinfo oci://${host}/mirror/podinfo --version 6.7.1+build`],
    })
    await expect(delivery.abort(new TypeError('stop'))).resolves.toBeUndefined()
  })
})

describe('registry sink: options', () => {
  it('default to leaving other content alone, and refuse what is unknown', async () => {
    const { validate } = registrySink.options['~standard']
    expect(await validate({})).toEqual({ value: { existing: 'skip' } })
    expect((await validate({ existing: 'replace' })).issues).toHaveLength(1)
    expect((await validate({ registry: host })).issues).toHaveLength(1)
  })
})
