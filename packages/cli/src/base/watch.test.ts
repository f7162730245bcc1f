import {
  defineCredentials,
  defineSink,
  defineSource,
  type Adapter,
  type Artifact,
  type Content,
  type Context,
  type DeliveryPlan,
  type Failure,
  type LockedArtifact,
  type StoreDelivery,
} from '@ropeway/core'
import { adapterTable } from '@ropeway/engine'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { watchAdapters } from './watch.js'

const options = z.strictObject({})
const never = new Promise<never>(() => undefined)
// The adapters below use nothing of it.
const context = {} as Context
const plan: DeliveryPlan = { chain: { name: 'a', version: '1' }, artifacts: [] }

function watch(...adapters: Adapter[]) {
  return watchAdapters(adapterTable(adapters))
}

describe('the watch on adapters', () => {
  it('names a source that never yields', async () => {
    const source = defineSource({
      name: 'slow',
      summary: 'never yields',
      options,
      async *resolve() {
        yield await never
      },
      reopen: () => never,
    })
    const { table, unanswered } = watch(source)
    const loaded = await table.load('source', 'slow')
    expect(unanswered()).toBeUndefined()
    void loaded.resolve({}, context)[Symbol.asyncIterator]().next()
    expect(unanswered()).toEqual({ adapter: 'source "slow"', operation: 'resolving' })
  })

  it('blames the call that began last: content that stops, not the sink that waits for it', async () => {
    const root = { mediaType: 'x', digest: 'sha256:0', size: 1 }
    const source = defineSource({
      name: 'stops',
      summary: 'gives content that never comes',
      options,
      async *resolve() {
        const content = {
          async *open() {
            yield await never
          },
        }
        yield { kind: 'file', name: 'a', source: { location: 'a' }, root, content, naming: { path: 'a', tags: [] } }
      },
      reopen: () => never,
    })
    const delivery: StoreDelivery = {
      type: 'store',
      prepare: async () => undefined,
      missing: async (slots) => slots,
      async blob(_slot, content) {
        for await (const chunk of content.open(root)) void chunk
        return 'sent'
      },
      manifest: async () => undefined,
      tag: async () => undefined,
      close: async () => ({ location: 'here' }),
      abort: async () => undefined,
    }
    const sink = defineSink({
      name: 'waits',
      summary: 'reads what it is given',
      options,
      accepts: ['file'],
      takes: 'store',
      survey: async () => ({ location: 'here' }),
      open: async () => delivery,
    })
    const { table, unanswered } = watch(source, sink)
    const items: (Artifact | Failure)[] = []
    for await (const each of (await table.load('source', 'stops')).resolve({}, context)) items.push(each)
    const [item] = items
    const opened = await (await table.load('sink', 'waits')).open(plan, { location: 'here' }, {}, context)
    if (item === undefined || 'error' in item || opened.type !== 'store') throw new TypeError('fixture')
    const slot = { registry: 'r', repository: 'r', descriptor: root }
    void opened.blob(slot, item.content, {})
    await Promise.resolve()
    expect(unanswered()).toEqual({ adapter: 'source "stops"', operation: 'reading a' })
    expect('mount' in opened).toBe(false)
  })

  it('forgets calls that come back, with a value or an error', async () => {
    const provider = defineCredentials({
      name: 'fails',
      summary: 'fails',
      get: async () => {
        throw new TypeError('no')
      },
    })
    const { table, unanswered } = watch(provider)
    const loaded = await table.load('credentials', 'fails')
    await expect(loaded.get('host', 'source', context)).rejects.toThrow('no')
    expect(unanswered()).toBeUndefined()
    expect(await table.load('credentials', 'fails')).toBe(loaded)
  })

  it('passes on what is not what it should be, for the engine to refuse', async () => {
    const lies: readonly unknown[] = [
      undefined,
      'text',
      { kind: 'file', name: 'a', content: undefined },
      { about: 'x', error: 1 },
    ]
    const source = defineSource({
      name: 'lies',
      summary: 'yields anything',
      options,
      async *resolve() {
        yield* lies as readonly Artifact[]
      },
      reopen: async () => undefined as unknown as Content,
    })
    const sink = defineSink({
      name: 'lies',
      summary: 'opens anything',
      options,
      accepts: ['file'],
      takes: 'store',
      survey: async () => ({ location: 'here' }),
      open: async () => undefined as unknown as StoreDelivery,
    })
    const { table } = watch(source, sink)
    const loaded = await table.load('source', 'lies')
    const items: unknown[] = []
    for await (const item of loaded.resolve({}, context)) items.push(item)
    expect(items).toEqual(lies)
    // The lie needs no lock to be told.
    expect(await loaded.reopen({ id: 'a' } as LockedArtifact, {}, context)).toBeUndefined()
    expect(await (await table.load('sink', 'lies')).open(plan, { location: 'here' }, {}, context)).toBeUndefined()
  })
})
