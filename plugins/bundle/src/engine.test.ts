import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  adapterTable,
  createRuntime,
  loadChain,
  plan,
  resolve,
  deliver,
  verifyBundle,
  type Runtime,
} from '@ropeway/engine'
import { defineSource, type Artifact, type Sink, type Source } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { fakeContext, sampleImage, sampleOf, signed, sampleIndex, type Sample } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { samples } from './bundles.fixture.js'
import { tarballSink } from './sink.js'
import { bundleSource } from './source.js'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-engine-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const many: readonly Sample[] = [
  ...samples(),
  ...Array.from({ length: 8 }, (_, seed) => {
    const tree = signed(seed % 2 === 0 ? sampleIndex(seed + 20) : sampleImage(seed + 20), seed + 20)
    return sampleOf('image', `kit.test/more/i${seed}:1`, tree, [
      { registry: 'kit.test', repository: `more/i${seed}`, tag: '1' },
    ])
  }),
]

interface World {
  readonly runtime: Runtime
  /** Digests whose content was opened. */
  readonly opened: string[]
}

/** A runtime with a source of samples in memory; `onOpen` is called before content is opened. */
function world(options: { concurrency?: number; signal?: AbortSignal; onOpen?: (count: number) => void } = {}): World {
  const opened: string[] = []
  const artifactOf = ({ planned, content }: Sample): Artifact => {
    const [reference] = planned.destinations
    return {
      kind: planned.kind,
      name: planned.name,
      version: planned.kind === 'chart' ? '6.7.1' : undefined,
      source: { reference, location: planned.name },
      root: planned.root,
      naming: { path: reference?.repository ?? '', tags: reference?.tag === undefined ? [] : [reference.tag] },
      content: {
        ...content,
        open(descriptor, open) {
          opened.push(descriptor.digest)
          options.onOpen?.(opened.length)
          return content.open(descriptor, open)
        },
      },
    }
  }
  const source = defineSource({
    name: 'samples',
    summary: 'samples of the kit',
    options: z.strictObject({}),
    async *resolve() {
      yield* many.map(artifactOf)
    },
    async reopen({ published }) {
      const sample = many.find(({ planned }) => planned.root.digest === published.digest)
      if (sample === undefined) throw new Error('no sample')
      return artifactOf(sample).content
    },
  })
  const adapters = [source, bundleSource as Source<unknown>, tarballSink as Sink<unknown>]
  const runtime = createRuntime({
    adapters: adapterTable(adapters),
    network: { ...fakeContext(), close: async () => undefined },
    concurrency: options.concurrency,
    signal: options.signal,
  })
  return { runtime, opened }
}

async function run({ runtime }: World, source: object, file: string) {
  const value = { name: 'kit', version: '1.0.0', sources: [source], sinks: [{ tarball: { path: file } }] }
  const chain = await loadChain({ value, directory }, runtime.adapters)
  const resolution = await resolve(chain, runtime)
  const planned = await plan(resolution, runtime)
  const report = await deliver(planned, resolution, runtime)
  expect(report.failures).toEqual([])
  return { planned, report, digest: sha256(await readFile(join(directory, file))) }
}

describe('a chain to a tarball', () => {
  it('gives one file, whatever the concurrency, and one that verifies against its own lock', async () => {
    const digests = []
    for (const concurrency of [1, 4, 16]) {
      digests.push((await run(world({ concurrency }), { samples: {} }, `out-${concurrency}.tar`)).digest)
    }
    expect(new Set(digests).size).toBe(1)
    expect((await verifyBundle(join(directory, 'out-1.tar'))).problems).toEqual([])
    expect((await readdir(directory)).sort()).toEqual(['out-1.tar', 'out-16.tar', 'out-4.tar'])
  })

  it('has nothing to do when the file is there', async () => {
    await run(world(), { samples: {} }, 'out.tar')
    const again = world()
    const { planned } = await run(again, { samples: {} }, 'out.tar')
    expect(planned.sinks[0]?.nothingToDo).toBe(true)
  })

  it.each([3, 20, 45, 60])('goes on where it was stopped, after %d openings', async (count) => {
    const whole = await run(world(), { samples: {} }, 'whole.tar')
    const stop = new AbortController()
    let manifests = 0
    const stopped = world({ signal: stop.signal, onOpen: (opened) => opened === manifests + count && stop.abort() })
    manifests = new Set(many.flatMap(({ planned }) => planned.manifests).map(({ digest }) => digest)).size
    await expect(run(stopped, { samples: {} }, 'out.tar')).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(directory)).not.toContain('out.tar')
    const resumed = world()
    expect((await run(resumed, { samples: {} }, 'out.tar')).digest).toBe(whole.digest)
    expect((await readdir(directory)).sort()).toEqual(['out.tar', 'whole.tar'])
  })

  it('makes a bundle out of a bundle, which holds the same content', async () => {
    await run(world(), { samples: {} }, 'first.tar')
    const second = await run(world(), { bundle: { path: 'first.tar' } }, 'second.tar')
    const { problems, entries } = await verifyBundle(join(directory, 'second.tar'))
    expect(problems).toEqual([])
    expect(entries).toBe((await verifyBundle(join(directory, 'first.tar'))).entries)
    expect(second.planned.artifacts.length).toBe(many.length)
  })
})
