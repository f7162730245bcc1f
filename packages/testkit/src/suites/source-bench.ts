import {
  isFailure,
  messageOf,
  type Artifact,
  type Content,
  type Failure,
  type LockedArtifact,
  type Source,
} from '@ropeway/core'
import { must, type ContractCase } from './case.js'
import { lockedOf, referrersOf } from './facts.js'
import { inWorld, parseOptions } from './setup.js'
import type { SourceSetup, SourceWorld } from './source.js'
import { elsewhere, watchContext, type Watch } from './watch.js'

/** A source in the surroundings of one case. */
export interface SourceBench {
  readonly source: Source<unknown>
  readonly world: SourceWorld
  readonly patience: number | undefined
  readonly capabilities: NonNullable<SourceSetup['capabilities']>
  /** Options of the world, or `broken`, as the schema returns them; a value of its own at each call. */
  options(which?: 'options' | 'broken'): Promise<unknown>
  /** A context as another run would have it. */
  watch(signal?: AbortSignal): Promise<Watch>
  /** Everything that a resolve yields. */
  items(which?: 'options' | 'broken', watch?: Watch): Promise<readonly (Artifact | Failure)[]>
  /** The failures of a resolve; an error that it throws counts as one. */
  failures(which?: 'options' | 'broken', watch?: Watch): Promise<readonly Failure[]>
  /** What the options resolve to; a failure fails the case. */
  artifacts(watch?: Watch): Promise<readonly Artifact[]>
  /** Locks the artifact and opens it as another run would, or one on another machine. */
  reopen(
    artifact: Artifact,
    where?: 'here' | 'elsewhere',
  ): Promise<{ readonly content: Content; readonly locked: LockedArtifact; readonly watch: Watch }>
}

/** Makes a case out of a body that works on a bench. */
export function sourceCase(
  id: string,
  title: string,
  body: (bench: SourceBench) => Promise<void>,
  needs?: keyof NonNullable<SourceSetup['capabilities']>,
): ContractCase<SourceSetup> {
  return { id: `source/${id}`, title, needs, run: (setup) => inWorld(setup, (world) => body(benchOf(setup, world))) }
}

function benchOf(setup: SourceSetup, world: SourceWorld): SourceBench {
  const source = setup.adapter
  const bench: SourceBench = {
    source,
    world,
    patience: setup.patience,
    capabilities: setup.capabilities ?? {},
    options: (which = 'options') => parseOptions(source.options, world[which]),
    watch: async (signal) => watchContext(await world.context(signal)),
    async items(which, watch) {
      const { context } = watch ?? (await bench.watch())
      const items: (Artifact | Failure)[] = []
      for await (const item of source.resolve(await bench.options(which), context)) items.push(item)
      return items
    },
    async failures(which, watch) {
      try {
        return (await bench.items(which, watch)).filter(isFailure)
      } catch (error) {
        return [{ about: 'the whole resolve', error }]
      }
    },
    async artifacts(watch) {
      const artifacts = (await bench.items('options', watch)).map((item) => {
        must(
          !isFailure(item),
          `the options of the setup do not resolve: ${isFailure(item) ? messageOf(item.error) : ''}`,
        )
        return item
      })
      must(artifacts.length > 0, 'the options of the setup resolve to nothing')
      return artifacts
    },
    async reopen(artifact, where = 'here') {
      const referrers = artifact.content.referrers ? await referrersOf(artifact.content, artifact.root) : []
      const locked = lockedOf(artifact, source.name, referrers)
      const context = await world.context()
      const watch = watchContext(where === 'here' ? context : elsewhere(context))
      return { content: await source.reopen(locked, await bench.options(), watch.context), locked, watch }
    },
  }
  return bench
}
