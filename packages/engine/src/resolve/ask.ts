import { isFailure, type Artifact, type RopewayError } from '@ropeway/core'
import type { Chain, SourceStep } from '../chain/chain.js'
import * as errors from '../errors.js'
import type { Runtime } from '../runtime/runtime.js'
import { checkItem } from './answers.js'
import { idOf, type Found } from './found.js'
import { adapterError } from './guard.js'
import { applyTransforms } from './names.js'

/**
 * Asks every source of a chain and applies its edits. What cannot be resolved goes to `failures`, in the chain's order; what
 * sources throw in place of yielding it goes to `unasked` too: nothing of them can be known.
 */
export async function askAll(
  chain: Chain,
  runtime: Runtime,
  failures: RopewayError[],
  unasked: RopewayError[] = [],
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
  const edited = await applyTransforms(
    all.map(({ artifact }) => artifact),
    chain.transforms,
    'edit',
    chain,
    runtime,
  )
  const stepOf = stepsByArtifact(all)
  return edited.map((artifact): Found => ({ artifact, step: stepOf(artifact) ?? onlyStep(chain) }))
}

/** The step that found an artifact, also after an edit made another one of it: edits may drop artifacts and change their order. */
function stepsByArtifact(found: readonly Found[]): (artifact: Artifact) => SourceStep | undefined {
  const steps = new Map<unknown, SourceStep>()
  const marksOf = (artifact: Artifact) => [artifact, artifact.source, idOf(artifact), artifact.content]
  for (const { artifact, step } of found.toReversed()) for (const mark of marksOf(artifact)) steps.set(mark, step)
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
