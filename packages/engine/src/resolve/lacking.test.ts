import { defineTransform } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chartWorld, seedImages } from '../charts.fixture.js'
import { deliver } from '../deliver/deliver.js'
import { plan } from '../plan/plan.js'

/** Gives all images below `app/` one name; `told`: says itself that they are different. */
const flatten = defineTransform({
  name: 'flatten',
  summary: 'one name for all',
  stage: 'name',
  options: z.strictObject({ told: z.boolean(), vague: z.boolean().default(false) }),
  async apply(artifacts, { told, vague }) {
    const named = artifacts.map((artifact) => {
      const { path, tags } = artifact.naming
      const repository = path.startsWith('app/') ? 'flat' : path
      return { ...artifact, destinations: tags.map((tag) => ({ registry: 'to.test', repository, tag })) }
    })
    const same = named.filter(({ naming }) => naming.path.startsWith('app/'))
    const finding = { severity: 'error' as const, code: 'SAME_NAME', message: 'all are one', about: 'to.test/flat:1' }
    if (!told || same.length < 2) return { artifacts: named, findings: [] }
    return { artifacts: named, findings: [vague ? finding : { ...finding, concerns: same }] }
  },
})

const charts = {
  web: 'image: from.test/app/web:1',
  db: 'image: from.test/app/db:1',
  other: 'image: from.test/else/tool:1',
  plain: 'a: 1',
}

async function run(transforms: unknown, extra: Readonly<Record<string, unknown>> = {}) {
  const world = await chartWorld(charts, { ...(transforms === undefined ? {} : { transforms }), ...extra }, {}, [
    flatten,
  ])
  seedImages(world, 'else/tool')
  const resolution = await world.resolve()
  const report = await deliver(await plan(resolution, world.runtime), resolution, world.runtime)
  const tags = (name: string) => [...world.to.repository(name).tags.keys()].filter((tag) => !tag.endsWith('.sig'))
  return { world, resolution, report, tags }
}

describe('different images with one destination', () => {
  it.each([
    ['a transform', true, 'SAME_NAME'],
    ['the plan', false, 'DESTINATION_COLLISION'],
  ])('do not travel, nor what needs them, when %s sees it; the others do', async (_who, told, code) => {
    const { report, tags } = await run([{ flatten: { told } }])
    const said = report.failures.map((error) => [error.code, error.about, error.exitCode])
    expect(said).toEqual([
      [code, 'to.test/flat:1', 4],
      ['IMAGE_NAMELESS', 'chart:db:1.0.0', 4],
      ['IMAGE_NAMELESS', 'chart:web:1.0.0', 4],
    ])
    expect([tags('flat'), tags('charts/web'), tags('charts/db')]).toEqual([[], [], []])
    expect([tags('else/tool'), tags('charts/other'), tags('charts/plain')]).toEqual([['1'], ['1.0.0'], ['1.0.0']])
  })

  it('are kept from one sink alone when its own names collide', async () => {
    const sinks = [{ store: {} }, { store: { transforms: [{ flatten: { told: true } }] } }]
    const { report, tags } = await run(undefined, { sinks })
    expect(report.failures.map(({ code }) => code)).toEqual(['SAME_NAME', 'IMAGE_NAMELESS', 'IMAGE_NAMELESS'])
    expect([tags('flat'), tags('app/web'), tags('charts/web')]).toEqual([[], ['1'], ['1.0.0']])
  })

  it('end the run when the chain says so, and when the transform does not say what it concerns', async () => {
    for (const [step, extra] of [
      [{ told: true }, { onError: 'stop' }],
      [{ told: true, vague: true }, {}],
    ] as const) {
      await expect(run([{ flatten: step }], extra)).rejects.toMatchObject({ code: 'SAME_NAME' })
    }
  })

  it('leave charts that may travel unproved', async () => {
    const { report, tags } = await run([{ flatten: { told: true } }], { allowUnproved: true })
    expect(report.failures.map(({ code }) => code)).toEqual(['SAME_NAME'])
    expect([tags('flat'), tags('charts/web')]).toEqual([[], ['1.0.0']])
  })

  it('are told once by transforms that name one after the other', async () => {
    const { report } = await run([{ flatten: { told: true } }, { flatten: { told: true } }])
    expect(report.failures.filter(({ code }) => code === 'SAME_NAME')).toHaveLength(1)
  })
})
