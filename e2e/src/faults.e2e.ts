import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultProxy, type Fault, type FaultProxy } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishSet, type Published } from './harness/fixtures.ts'
import { differences, judgeOf } from './harness/judge.ts'
import { ropeway, ropewayOk } from './harness/process.ts'
import { realRegistry, type RealRegistry } from './harness/registry.ts'

const MB = 1_000_000
const closing: (() => Promise<unknown>)[] = []
let home = ''
let source: RealRegistry
let published: Published[] = []

async function opened<T extends { close(): Promise<unknown> }>(thing: Promise<T>): Promise<T> {
  const made = await thing
  closing.push(() => made.close())
  return made
}

/** A chain of the whole set through a proxy, mirrored through another one. */
async function chain(from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(home, 'chain-'))
  const references = published.map(({ repository, tag }) => `      - "${from}/${repository}:${tag}"`).join('\n')
  const text = `name: faults\nsources:\n  - oci:\n     references:\n${references}\ntransforms:\n  - rewrite: { registry: "${to}", prefix: mirror }\nsinks:\n  - registry: {}\n`
  await writeFile(join(folder, 'ropeway.yaml'), text)
  return folder
}

async function mirrored(from: FaultProxy, to: FaultProxy, target: RealRegistry): Promise<void> {
  const folder = await chain(from.host, to.host)
  await ropewayOk(['run'], { home, cwd: folder })
  const judge = await judgeOf(join(home, 'judge'), [target])
  const name = ({ kind, repository, tag }: Published) =>
    `${target.host}/mirror/${kind === 'chart' ? (repository.split('/').at(-1) ?? '') : repository}:${tag}`
  expect(await differences(judge, published, name)).toEqual([])
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'e2e-faults-'))
  source = await opened(realRegistry())
  published = await publishSet(source.url, {}, { base: 3 * MB, layer: 2 * MB, largest: 8 * MB })
})

afterAll(async () => {
  await Promise.allSettled(closing.map((close) => close()))
  await rm(home, { recursive: true, force: true })
})

describe('a source on a bad day', () => {
  it.each<[string, Fault, RegExp]>([
    ['breaks connections in the middle of layers', { type: 'drop', after: 1_500_000 }, /blobs\//],
    ['answers 429 with Retry-After', { type: 'answer', status: 429, retryAfter: 1 }, /./],
    ['answers 503', { type: 'answer', status: 503 }, /./],
    ['answers 500', { type: 'answer', status: 500 }, /manifests\//],
  ])('%s, and everything arrives whole', async (_what, fault, path) => {
    const target = await opened(realRegistry())
    const from = await opened(faultProxy(source.url, { rules: [{ fault, path, times: 3, nth: 2 }] }))
    const to = await opened(faultProxy(target.url))
    await mirrored(from, to, target)
    expect(from.count(fault.type)).toBeGreaterThan(0)
  })

  it.each<[string, Fault]>([
    ['truncates a layer', { type: 'truncate', after: 1_000_000 }],
    ['changes a byte of a layer', { type: 'corrupt', at: 700_000 }],
  ])('%s: nothing wrong becomes visible, and the next run is whole', async (_what, fault) => {
    const from = await opened(
      faultProxy(source.url, { rules: [{ fault, path: /blobs\//, method: 'GET', nth: 3, times: 2 }] }),
    )
    const file = join(home, `${fault.type}.tar`)
    const args = [
      'export',
      ...published.flatMap(({ repository, tag }) => ['--source', `oci=${from.host}/${repository}:${tag}`]),
      '-o',
      file,
    ]
    const ended = await ropeway(args, { home })
    expect(from.count(fault.type)).toBeGreaterThan(0)
    if (ended.code !== 0) {
      expect((await readdir(home)).includes(`${fault.type}.tar`)).toBe(false)
      expect([3, 5, 6]).toContain(ended.code)
      await ropewayOk(args, { home })
    }
    await ropewayOk(['verify', file], { home })
  })
})

describe('a destination on a bad day', () => {
  it.each<[string, Fault, string]>([
    ['resets uploads', { type: 'reset' }, 'PUT'],
    ['answers 503 to manifests', { type: 'answer', status: 503 }, 'PUT'],
    ['answers 429 to uploads', { type: 'answer', status: 429, retryAfter: 1 }, 'POST'],
  ])('%s, and everything arrives whole', async (_what, fault, method) => {
    const target = await opened(realRegistry())
    const from = await opened(faultProxy(source.url))
    const to = await opened(faultProxy(target.url, { rules: [{ fault, method, times: 3, nth: 2 }] }))
    await mirrored(from, to, target)
    expect(to.count(fault.type)).toBeGreaterThan(0)
  })

  it('fails at random, and everything arrives whole', async () => {
    const target = await opened(realRegistry())
    const faults: Fault[] = [
      { type: 'drop' },
      { type: 'answer', status: 503 },
      { type: 'answer', status: 429, retryAfter: 0 },
      { type: 'reset' },
    ]
    const from = await opened(faultProxy(source.url, { random: { faults, probability: 0.1, times: 25 }, seed: 7 }))
    const to = await opened(faultProxy(target.url, { random: { faults, probability: 0.05, times: 10 }, seed: 8 }))
    await mirrored(from, to, target)
    expect(from.faults.length + to.faults.length).toBeGreaterThan(5)
  })
})
