import { defineSource, type Adapter, type Artifact } from '@ropeway/core'
import { chartArtifact, readChartArchive } from '@ropeway/helm'
import { makeChart, type Chart as Packed } from '@ropeway/testkit'
import { z } from 'zod'
import { lineAnalysis } from './analysis/analysis.fixture.js'
import type { Chain } from './chain/chain.js'
import { loadChain } from './chain/load.js'
import type { Lock } from './lock/lock.js'
import { resolve, type ResolveOptions } from './resolve/resolve.js'
import type { Resolution } from './resolve/resolved.js'
import { createWorld, seedImage, type World, type WorldOptions } from './world.fixture.js'

/** Charts by name, each with the text of its one template. */
export type Charts = Readonly<Record<string, string>>

/** A world whose charts are read line by line. */
export interface ChartWorld extends World {
  readonly chain: Chain
  resolve(options?: ResolveOptions): Promise<Resolution>
}

export const packed = (name: string, text: string, prov = false): Packed =>
  makeChart({ name, version: '1.0.0', templates: { 'web.yaml': `${text}\n` }, prov })

/** A source of charts that live in no registry. */
export function chartsSource(charts: Charts, settings?: Artifact['settings'], prov = false) {
  async function artifactOf(name: string, text: string): Promise<Artifact> {
    const { tgz, prov: provenance } = packed(name, text, prov)
    const { metadata } = await readChartArchive(tgz, name)
    const made = chartArtifact({ metadata, archive: tgz, provenance })
    const parts = [made.manifest, made.config, ...made.layers]
    const bytes = new Map(parts.map((part) => [part.descriptor.digest, part.bytes]))
    return {
      ...{ kind: 'chart', name, version: '1.0.0', source: { location: name, locator: name }, settings },
      root: made.manifest.descriptor,
      content: {
        async *open({ digest }, { offset, end } = {}) {
          yield (bytes.get(digest) ?? new Uint8Array()).subarray(offset, end)
        },
      },
      naming: { path: `charts/${name}`, tags: ['1.0.0'] },
    }
  }
  return defineSource({
    name: 'charts',
    summary: 'charts in memory',
    options: z.strictObject({}),
    async *resolve() {
      for (const [name, text] of Object.entries(charts)) yield await artifactOf(name, text)
    },
    async reopen({ name }) {
      return (await artifactOf(name, charts[name] ?? '')).content
    },
  })
}

/** A world of these charts, moved to `to.test`. `from.test` has `app/web:1` and `app/db:1`. */
export async function chartWorld(
  charts: Charts,
  extra: Readonly<Record<string, unknown>> = {},
  options: WorldOptions & { readonly settings?: Artifact['settings']; readonly prov?: boolean } = {},
  adapters: readonly Adapter[] = [],
): Promise<ChartWorld> {
  const { settings, prov, ...rest } = options
  const world = createWorld([chartsSource(charts, settings, prov), ...adapters], { analysis: lineAnalysis, ...rest })
  seedImages(world, 'app/db')
  const value = {
    ...{
      name: 'flow',
      sources: [{ charts: {} }],
      transforms: [{ move: { registry: 'to.test' } }],
      sinks: [{ store: {} }],
    },
    ...extra,
  }
  const chain = await loadChain({ value, directory: '/chains' }, world.runtime.adapters)
  return { ...world, chain, resolve: (given) => resolve(chain, world.runtime, given) }
}

/** Puts images `NAME:1` into `from.test`. */
export function seedImages({ from }: Pick<World, 'from'>, ...names: readonly string[]): void {
  for (const [index, name] of names.entries()) seedImage(from, name, '1', index + 2)
}

/** Names of the images of a lock. */
export function images({ artifacts }: Lock): string[] {
  return artifacts.filter(({ kind }) => kind === 'image').map(({ name }) => name)
}
