import type { BytesDelivery, Delivery, DeliveryPlan, Json, Sink } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { fakeContext } from '../context/fake-context.js'
import { sampleBytes, sampleFor } from '../suites/samples.js'
import { paperBucket, paperMultipart, paperPart } from './multipart.js'
import { paperPage, paperReleasePage } from './release-page.js'
import { paperRegistry, paperStore } from './store.js'

const password = { username: 'paper', password: 'paper-secret', origin: 'the test' }
const credentials = {
  'paper-store.test': password,
  'paper-bucket.test': password,
  'paper-page.test': password,
}

const size = 2 * paperPart + 10
const archive: DeliveryPlan = {
  chain: { name: 'kit', version: '1' },
  artifacts: [],
  archive: { size, identity: 'sha256:a' },
}

async function opened<Type extends Delivery['type']>(
  sink: Sink<unknown>,
  type: Type,
  options: unknown,
  plan: DeliveryPlan,
  state?: Map<string, Json>,
): Promise<Extract<Delivery, { type: Type }>> {
  const context = fakeContext({ credentials, state })
  const delivery = await sink.open(plan, await sink.survey(plan, options, context), options, context)
  if (delivery.type !== type) throw new Error(`a delivery of type ${delivery.type}`)
  return delivery as Extract<Delivery, { type: Type }>
}

describe('paperStore', () => {
  const slot = { registry: 'paper-store.test', repository: 'kit/app' }
  const options = { service: 'paper-store.test', existing: 'skip' }

  it('asks for a hundred digests of one repository at most', async () => {
    const registry = paperRegistry()
    const delivery = await opened(
      paperStore(() => registry),
      'store',
      options,
      { ...archive, archive: undefined },
    )
    const slots = Array.from({ length: 250 }, (_, index) => ({
      ...slot,
      repository: index < 230 ? 'kit/app' : 'kit/other',
      descriptor: { mediaType: 'text/plain', digest: `sha256:${index}`, size: 1 },
    }))
    expect(await delivery.missing(slots)).toHaveLength(250)
    expect(registry.checks).toEqual([100, 100, 30, 20])
  })
  it('takes nothing into a repository that was not created, and keeps blobs apart', async () => {
    const registry = paperRegistry()
    const { content, planned } = sampleFor('file', 1, { ...slot, tag: '1' })
    const [descriptor] = planned.blobs
    if (descriptor === undefined) throw new Error('the sample has no blob')
    const delivery = await opened(
      paperStore(() => registry),
      'store',
      options,
      { ...archive, archive: undefined },
    )
    await expect(delivery.blob({ ...slot, descriptor }, content, {})).rejects.toMatchObject({
      code: 'REFERRED_MISSING',
    })
    await delivery.prepare([slot, { ...slot, repository: 'kit/other' }])
    expect(await delivery.blob({ ...slot, descriptor }, content, {})).toBe('sent')
    const other = { ...slot, repository: 'kit/other', descriptor }
    expect(await delivery.missing([{ ...slot, descriptor }, other])).toEqual([other])
    expect(await delivery.blob(other, content, { mount: 'kit/app' })).toBe('sent')
  })
})

describe('paperMultipart', () => {
  const options = { key: 'kit.tar', service: 'paper-bucket.test' }
  const bytes = sampleBytes(1, size)

  async function write(delivery: BytesDelivery, part: number): Promise<void> {
    const start = part * paperPart
    const end = Math.min(start + paperPart, size)
    await delivery.write({ start, end }, bytes.subarray(start, end))
  }

  it('takes equal parts and a shorter last one, and nothing else', async () => {
    const delivery = await opened(paperMultipart(paperBucket), 'bytes', options, archive)
    await expect(delivery.write({ start: 0, end: 10 }, bytes.subarray(0, 10))).rejects.toMatchObject({
      code: 'PART_MISALIGNED',
    })
    await expect(
      delivery.write({ start: 10, end: 10 + paperPart }, bytes.subarray(0, paperPart)),
    ).rejects.toMatchObject({
      code: 'PART_MISALIGNED',
    })
    await write(delivery, 2)
    expect(await delivery.stored()).toEqual([{ start: 2 * paperPart, end: size, sealed: false }])
  })
  it('takes a part for sealed when all of it is', async () => {
    const bucket = paperBucket()
    const state = new Map<string, Json>()
    const first = await opened(
      paperMultipart(() => bucket),
      'bytes',
      options,
      archive,
      state,
    )
    await write(first, 0)
    await write(first, 1)
    await first.seal({ start: 0, end: paperPart + 100 })
    const second = await opened(
      paperMultipart(() => bucket),
      'bytes',
      options,
      archive,
      state,
    )
    expect((await second.stored()).map(({ sealed }) => sealed)).toEqual([true, false])
  })
  it('lists parts as unsealed when the state was lost', async () => {
    const bucket = paperBucket()
    const first = await opened(
      paperMultipart(() => bucket),
      'bytes',
      options,
      archive,
    )
    await write(first, 0)
    await first.seal({ start: 0, end: paperPart })
    const second = await opened(
      paperMultipart(() => bucket),
      'bytes',
      options,
      archive,
    )
    expect(await second.stored()).toEqual([{ start: 0, end: paperPart, sealed: false }])
  })
  it('shows the object when all parts are there', async () => {
    const bucket = paperBucket()
    const delivery = await opened(
      paperMultipart(() => bucket),
      'bytes',
      options,
      archive,
    )
    await write(delivery, 1)
    await write(delivery, 0)
    await expect(delivery.close()).rejects.toMatchObject({
      code: 'ARCHIVE_INCOMPLETE',
      about: 'paper-bucket.test/kit.tar',
    })
    expect(bucket.objects.size).toBe(0)
    await write(delivery, 2)
    await delivery.close()
    expect(Buffer.compare(bucket.objects.get('kit.tar')?.bytes ?? new Uint8Array(), bytes)).toBe(0)
    expect(bucket.uploads.size).toBe(0)
  })
})

describe('paperReleasePage', () => {
  it('publishes files under their titles and charts under their names', async () => {
    const page = paperPage()
    const samples = [
      sampleFor('file', 1, { registry: 'kit.test', repository: 'kit/install', tag: '1' }),
      sampleFor('chart', 2, { registry: 'kit.test', repository: 'kit/app', tag: '1.0.0' }),
    ]
    const plan = { ...archive, archive: undefined, artifacts: samples.map(({ planned }) => planned) }
    const delivery = await opened(
      paperReleasePage(() => page),
      'artifacts',
      { service: 'paper-page.test' },
      plan,
    )
    for (const { planned, content } of samples) await delivery.put(planned, content)
    expect(page.assets.size).toBe(0)
    expect(await delivery.close()).toMatchObject({ facts: { assets: '2' } })
    expect([...page.assets.keys()].sort()).toEqual(['app', 'install.bin'])
  })
})
