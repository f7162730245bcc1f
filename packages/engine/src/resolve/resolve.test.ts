import { RopewayError, defineSource, defineTransform, type Adapter, type Artifact, type Source } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadChain } from '../chain/load.js'
import { createWorld, imagesSource, seedImage } from '../world.fixture.js'
import { replay } from './replay.js'
import { idOf } from './found.js'
import { resolve } from './resolve.js'

const other = defineSource({ ...imagesSource, name: 'other' }) as Source<unknown>
const two = [{ images: { references: ['from.test/app/web:1'] } }, { other: { references: ['from.test/app/db:2'] } }]

async function prepare(adapters: readonly Adapter[], value: object) {
  const world = createWorld([other, ...adapters])
  seedImage(world.from, 'app/db', '2', 2)
  const chain = await loadChain({ value: { name: 'resolves', ...value }, directory: '/' }, world.runtime.adapters)
  return { world, chain }
}

function edit(apply: (artifacts: readonly Artifact[]) => readonly Artifact[]): Adapter {
  return defineTransform({
    name: 'edit',
    summary: 'edits',
    stage: 'edit',
    options: z.strictObject({}),
    apply: async (artifacts) => ({ artifacts: apply(artifacts), findings: [] }),
  })
}

describe('an edit', () => {
  const edits: readonly [string, (artifacts: readonly Artifact[]) => readonly Artifact[]][] = [
    ['drops an artifact', (artifacts) => artifacts.slice(1)],
    ['turns them round', (artifacts) => artifacts.toReversed()],
    [
      'makes new ones of them',
      (artifacts) => artifacts.toReversed().map((each) => ({ ...each, annotations: { a: 'b' } })),
    ],
    [
      'replaces their content',
      (artifacts) => artifacts.slice(1).map((each) => ({ ...each, content: { ...each.content } })),
    ],
  ]
  it.each(edits)('that %s leaves each with the step that found it', async (_, apply) => {
    const { world, chain } = await prepare([edit(apply)], { sources: two, transforms: [{ edit: {} }] })
    const { lock } = await resolve(chain, world.runtime)
    const steps = lock.artifacts.map(({ name, source }) => `${name} ${source.step} ${source.adapter}`)
    expect(steps[0]).toBe('from.test/app/db:2 sources[1] other')
    if (steps.length > 1) expect(steps[1]).toBe('from.test/app/web:1 sources[0] images')
    expect((await replay(chain, lock, world.runtime)).lock).toEqual(lock)
  })
})

describe('one image that two steps name', () => {
  const twice = (first?: string[], second?: string[]) => [
    { images: { references: ['from.test/app/web:1'], ...(first && { platforms: first }) } },
    { other: { references: ['from.test/app/web:1'], ...(second && { platforms: second }) } },
  ]
  it('is one artifact where both want the same platforms, in whatever words', async () => {
    for (const sources of [
      twice(),
      twice(['linux/amd64'], ['linux/amd64']),
      twice(undefined, ['linux/amd64']),
      twice(['linux/amd64', 'linux/arm64'], ['linux/arm64', 'linux/amd64']),
    ]) {
      const { world, chain } = await prepare([], { sources, platforms: ['linux/amd64'] })
      expect((await resolve(chain, world.runtime)).artifacts).toHaveLength(1)
    }
  })
  it('is refused where they want different ones', async () => {
    const { world, chain } = await prepare([], { sources: twice(['linux/arm64']), platforms: ['linux/amd64'] })
    await expect(resolve(chain, world.runtime)).rejects.toMatchObject({ code: 'PLATFORMS_DISAGREE' })
  })
})

describe('several failures', () => {
  const failing = (sides: readonly ('source' | 'verification')[]) =>
    defineSource<unknown>({
      ...(imagesSource as Source<unknown>),
      name: 'failing',
      options: z.strictObject({}),
      async *resolve() {
        for (const [index, side] of sides.entries())
          yield { about: `thing ${index}`, error: new RopewayError({ code: 'BAD', side, message: `bad ${index}` }) }
      },
    })

  it('are on the side that they share, else on the source’s', async () => {
    for (const [sides, exitCode] of [
      [['verification', 'verification'], 6],
      [['verification', 'source'], 3],
    ] as const) {
      const { world, chain } = await prepare([failing(sides)], { sources: [{ failing: {} }] })
      await expect(resolve(chain, world.runtime)).rejects.toMatchObject({ code: 'RESOLVE_FAILED', exitCode })
    }
  })
})

describe('an id', () => {
  it('holds the version once', () => {
    expect(idOf({ kind: 'image', name: 'a.test/b:1', version: '1' })).toBe('image:a.test/b:1')
    expect(idOf({ kind: 'chart', name: 'web', version: '1' })).toBe('chart:web:1')
    expect(idOf({ kind: 'file', name: 'web' })).toBe('file:web')
  })
})
