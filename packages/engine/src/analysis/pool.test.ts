import { EventEmitter } from 'node:events'
import { RopewayError } from '@ropeway/core'
import { HelmError } from '@ropeway/helm'
import { describe, expect, it } from 'vitest'
import { lineAnalysis } from './analysis.fixture.js'
import type { Analysis } from './analysis.js'
import { packError, perform, unpackError, type Job } from './jobs.js'
import { pooledAnalysis, type Thread } from './pool.js'

const chart = (text: string) => [{ path: 'templates/a.yaml', bytes: Buffer.from(text) }]
const input = { settings: {} }

/** A thread that works here, on what structured clones make of its jobs. */
class Here extends EventEmitter implements Thread {
  jobs = 0
  ended = false
  postMessage(job: Job): void {
    this.jobs += 1
    const copy = structuredClone(job)
    void perform(copy, lineAnalysis).then(
      (value) => this.emit('message', structuredClone({ value })),
      (error: unknown) => {
        if (error instanceof Error && error.message === 'dies') this.emit('error', new Error('out of memory'))
        else this.emit('message', structuredClone({ error: packError(error) }))
      },
    )
  }
  ref(): void {
    // keeps nothing alive
  }
  unref(): void {
    // keeps nothing alive
  }
  async terminate(): Promise<void> {
    this.ended = true
  }
}

function pool(threads = 2, here: Analysis = lineAnalysis) {
  const started: Here[] = []
  const controller = new AbortController()
  const start = (): Here => {
    const thread = new Here()
    started.push(thread)
    return thread
  }
  return { started, controller, pooled: pooledAnalysis({ here, threads, start, signal: controller.signal }) }
}

describe('an analysis in several threads', () => {
  it('works here while there is little to do', async () => {
    const { pooled, started } = pool()
    const { images } = await pooled.discoverChart(chart('image: a/b:1'), input)
    expect(images.map(({ reference }) => reference)).toEqual(['a/b:1'])
    expect(started).toEqual([])
  })

  it('says the same as one, in as many threads as it may have', async () => {
    const { pooled, started } = pool()
    const texts = Array.from({ length: 9 }, (_, at) => `image: a/b:${String(at)}\nkept: true`)
    const files = texts.map(chart)
    const found = await Promise.all(files.map((each) => pooled.discoverChart(each, input)))
    expect(found).toEqual(await Promise.all(files.map((each) => lineAnalysis.discoverChart(each, input))))
    const options = found.map((discovery) => ({
      ...{ discovery, settings: {}, mode: 'embed' as const },
      destination: (reference: string) => (reference === 'a/b:3' ? undefined : `h.example/${reference}`),
      excluded: (reference: string) => reference === 'a/b:3',
    }))
    const moved = await Promise.all(options.map((each, at) => pooled.relocateChart(files[at] ?? [], each)))
    const alone = await Promise.all(options.map((each, at) => lineAnalysis.relocateChart(files[at] ?? [], each)))
    expect(JSON.parse(JSON.stringify(moved))).toEqual(JSON.parse(JSON.stringify(alone)))
    expect(started).toHaveLength(2)
    expect(started.every(({ jobs }) => jobs > 1)).toBe(true)
    await pooled.rest()
    expect(started.every(({ ended }) => ended)).toBe(true)
  })

  it('fails alone what a thread dies of', async () => {
    const { pooled } = pool()
    const texts = ['image: a/b:1', '# fail dies', 'image: a/b:2', '# fail no', 'image: a/b:3']
    const done = await Promise.allSettled(texts.map((text) => pooled.discoverChart(chart(text), input)))
    expect(done.map((each) => (each.status === 'rejected' ? String(each.reason) : 'found'))).toEqual([
      'found',
      'Error: out of memory',
      'found',
      'Error: no',
      'found',
    ])
  })

  it('stops with the run', async () => {
    const { pooled, controller } = pool()
    const waiting = Promise.allSettled(
      Array.from({ length: 5 }, () => pooled.discoverChart(chart('image: a/b:1'), input)),
    )
    controller.abort(new Error('enough'))
    for (const each of await waiting) expect(each).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
    await expect(pooled.discoverChart(chart(''), input)).rejects.toThrow('enough')
  })
})

describe('errors between threads', () => {
  it.each([
    new RopewayError({
      ...{ code: 'A_CODE', side: 'discovery', message: 'm', hint: 'h', about: 'a', tried: ['t'], temporary: true },
      errors: [new RopewayError({ code: 'INNER', side: 'proof', message: 'i' })],
      cause: new Error('c'),
    }),
    new HelmError('helm says', { template: 'a/templates/b.yaml', line: 3, column: 1 }),
    new TypeError('wrong'),
  ])('stay what they are: %s', (error) => {
    const back = unpackError(structuredClone(packError(error))) as Error
    expect(back.name).toBe(error.name)
    expect(back.message).toBe(error.message)
    if (error instanceof RopewayError) expect((back as RopewayError).toJSON()).toEqual(error.toJSON())
    if (error instanceof HelmError) expect(back).toMatchObject({ template: 'a/templates/b.yaml', line: 3, column: 1 })
  })
})
