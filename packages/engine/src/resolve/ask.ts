import { isFailure, type Artifact, type RopewayError } from '@ropeway/core'
import type { Chain, SourceStep } from '../chain/chain.js'
import * as errors from '../errors.js'
import type { Runtime } from '../runtime/runtime.js'
import { checkItem } from './answers.js'
import { idOf, type Found } from './found.js'
import { adapterError } from './guard.js'
import { applyEdits } from './names.js'

/**
 * Asks every source of a chain and applies its edits. What cannot be resolved goes to `failures`, in the chain's order; what
 * sources throw in place of yielding it goes to `unasked` too: nothing of them can be known. What cannot be edited goes to
 * `unedited`, and does not travel.
 */
export async function askAll(
  chain: Chain,
  runtime: Runtime,
  failures: RopewayError[],
  unasked: RopewayError[],
  unedited: RopewayError[],
): Promise<Found[]> {
  const perStep = await Promise.all(
    chain.sources.map(async (step) => {
      const own: RopewayError[] = []
      return { found: await askSource(chain, step, runtime, own, unasked), own }
    }),
  )
  // In the chain's order, whichever source was the first to fail.
  failures.push(...perStep.flatMap(({ own }) => own))
  const all = perStep.flatMap(({ found }) => found)
  const artifacts = all.map(({ artifact }) => artifact)
  const edited = await applyEdits(artifacts, chain, runtime)
  unedited.push(...edited.failures)
  const originalOf = originals(all)
  return edited.artifacts.map((artifact): Found => {
    const original = originalOf(artifact)
    if (original?.artifact.root.digest === artifact.root.digest) return { artifact, step: original.step }
    return { artifact, step: original?.step ?? onlyStep(chain), original: original?.artifact }
  })
}

/** What the sources gave for an artifact, also after an edit made another one of it: edits may drop artifacts and change their order. */
export function originals<T extends Pick<Found, 'artifact'>>(
  found: readonly T[],
): (artifact: Artifact) => T | undefined {
  const steps = new Map<unknown, T>()
  const marksOf = (artifact: Artifact) => [artifact, artifact.source, idOf(artifact), artifact.content]
  for (const item of found.toReversed()) for (const mark of marksOf(item.artifact)) steps.set(mark, item)
  return (artifact) => {
    const mark = marksOf(artifact).find((each) => steps.has(each))
    return mark === undefined ? undefined : steps.get(mark)
  }
}

/** The step that an artifact is ascribed to which an edit added. */
function onlyStep(chain: Chain): SourceStep {
  const [step] = chain.sources
  if (step === undefined) throw errors.chainNotAMap(chain.file)
  return step
}

async function askSource(
  chain: Chain,
  step: SourceStep,
  runtime: Runtime,
  failures: RopewayError[],
  unasked: RopewayError[],
): Promise<Found[]> {
  const source = await runtime.adapters.load('source', step.adapter)
  const asked = { kind: 'source' as const, adapter: step.adapter, operation: 'resolving', place: step.place }
  const found: Found[] = []
  try {
    for await (const answer of source.resolve(step.options, runtime.context(chain, step.directory))) {
      const item = checkItem(asked, answer)
      if (!isFailure(item)) found.push({ artifact: item, step })
      else failures.push(adapterError(item.error, { ...asked, operation: `resolving ${item.about}` }))
    }
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    const error = adapterError(thrown, asked)
    failures.push(error)
    unasked.push(error)
  }
  return found
}
