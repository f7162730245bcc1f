import { isDeepStrictEqual } from 'node:util'
import { must } from './case.js'
import { closureOf, factsOf, readVerified } from './facts.js'
import { sourceCase } from './source-bench.js'

/** Clauses on what a lock brings back. */
export const reopenCases = [
  sourceCase(
    'reopen-same-bytes',
    'reopen MUST open everything of an artifact from its lock entry alone, in a run that has resolved nothing.',
    async (bench) => {
      for (const artifact of await bench.artifacts()) {
        // What the source made itself is the matter of `derived-remade`.
        if ((artifact.derived ?? []).length > 0) continue
        const { content, locked } = await bench.reopen(artifact)
        for (const descriptor of await closureOf(content, locked.root)) await readVerified(content, descriptor)
      }
    },
  ),
  sourceCase(
    'reopen-elsewhere',
    'reopen MUST NOT need the cache or the state of the run that resolved: a lock is replayed on other machines.',
    async (bench) => {
      for (const artifact of await bench.artifacts()) {
        const { content, locked } = await bench.reopen(artifact, 'elsewhere')
        await readVerified(content, locked.root)
      }
    },
  ),
  sourceCase(
    'reopen-after-drift',
    'reopen MUST give the locked bytes when resolving anew would give something else.',
    async (bench) => {
      const { drift } = bench.world
      must(drift !== undefined, 'the setup has no `drift`; give it, or declare the capability `drift: false`')
      const before = await bench.artifacts()
      await drift()
      const after = await bench.items()
      const moved = !isDeepStrictEqual(
        after.map((item) => 'error' in item || factsOf(item)),
        before.map(factsOf),
      )
      must(moved, 'after `drift` the options resolve to the same; let it move a tag or add a newer version')
      for (const artifact of before) {
        const { content, locked } = await bench.reopen(artifact)
        await readVerified(content, locked.root)
      }
    },
    'drift',
  ),
]
