import { RopewayError, withPlace, type Artifact, type Reference } from '@ropeway/core'
import type { Step } from '../chain/chain.js'
import * as errors from '../errors.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Chain } from '../chain/chain.js'
import { checkTransformed } from './answers.js'
import { idOf } from './found.js'
import { guarded } from './guard.js'

/** Artifacts with their names, and what is wrong with single ones. */
export interface Named {
  /** One for each that was given, in their order, refused ones too. */
  readonly artifacts: readonly Artifact[]
  /** Positions of those that get no name. */
  readonly refused: ReadonlySet<number>
  readonly failures: readonly RopewayError[]
}

/**
 * Applies name transforms in their order. Their warnings go to the log. Errors that concern single artifacts are failures of these,
 * unless the chain says `onError: stop`; all others are thrown together. One that changes anything but names is refused
 * (`TRANSFORM_CHANGED`).
 */
export async function applyNames(
  artifacts: readonly Artifact[],
  steps: readonly Step[],
  chain: Chain,
  runtime: Runtime,
): Promise<Named> {
  const applied = await applyTransforms(artifacts, steps, 'name', chain, runtime)
  const stopping = applied.refused.filter(({ concerns }) => chain.onError === 'stop' || concerns === undefined)
  const [only] = stopping
  if (only !== undefined) throw stopping.length === 1 ? only.error : errors.transformsRefused(errorsOf(stopping))
  const keys = new Set(applied.refused.flatMap(({ concerns = [] }) => concerns))
  const refused = applied.artifacts.flatMap((artifact, index) => (keys.has(keyOf(artifact)) ? [index] : []))
  return { artifacts: applied.artifacts, refused: new Set(refused), failures: errorsOf(applied.refused) }
}

/** Applies the edits of a chain. What an error of theirs is about does not travel; the others do. */
export async function applyEdits(
  artifacts: readonly Artifact[],
  chain: Chain,
  runtime: Runtime,
): Promise<{ readonly artifacts: readonly Artifact[]; readonly failures: readonly RopewayError[] }> {
  const { artifacts: edited, refused } = await applyTransforms(artifacts, chain.transforms, 'edit', chain, runtime)
  const gone = new Set(refused.map(({ error }) => error.about))
  const kept = edited.filter((artifact) => !gone.has(artifact.name) && !gone.has(idOf(artifact)))
  return { artifacts: kept, failures: errorsOf(refused) }
}

interface Refused {
  readonly error: RopewayError
  /** Keys of the artifacts that it concerns; absent: all. */
  readonly concerns: readonly string[] | undefined
}

function errorsOf(refused: readonly Refused[]): RopewayError[] {
  return refused.map(({ error }) => error)
}

function keyOf({ kind, name, root }: Pick<Artifact, 'kind' | 'name' | 'root'>): string {
  return `${kind} ${name} ${root.digest}`
}

async function applyTransforms(
  artifacts: readonly Artifact[],
  steps: readonly Step[],
  stage: 'edit' | 'name',
  chain: Chain,
  runtime: Runtime,
): Promise<{ readonly artifacts: readonly Artifact[]; readonly refused: readonly Refused[] }> {
  let current = artifacts
  const refused: Refused[] = []
  const gone = new Set<string>()
  for (const step of steps) {
    const transform = await runtime.adapters.load('transform', step.adapter)
    if (transform.stage !== stage) continue
    const context = runtime.context(chain, step.directory)
    const asked = {
      kind: 'transform' as const,
      adapter: step.adapter,
      operation: `applying ${step.adapter}`,
      place: step.place,
    }
    const result = await guarded(asked, runtime.signal, async () =>
      checkTransformed(asked, await transform.apply(current, step.options, context)),
    )
    for (const finding of result.findings) {
      if (finding.severity === 'warning') {
        context.log.warn(finding)
        continue
      }
      const concerns = finding.concerns?.map(keyOf)
      // Two transforms that name by one rule see one fault; the first has told it.
      if (concerns?.every((key) => gone.has(key)) === true) continue
      for (const key of concerns ?? []) gone.add(key)
      refused.push({ error: withPlace(transformFinding(step, finding), { at: step.place }), concerns })
    }
    if (stage === 'name') refuseChanges(current, result.artifacts, step.adapter)
    current = result.artifacts
  }
  return { artifacts: current, refused }
}

function transformFinding(
  step: Step,
  finding: { code: string; message: string; about?: string | undefined; hint?: string | undefined },
): RopewayError {
  const { code, message, about, hint } = finding
  return new RopewayError({ code, side: 'transform', message, operation: `applying ${step.adapter}`, about, hint })
}

function refuseChanges(before: readonly Artifact[], after: readonly Artifact[], transform: string): void {
  if (before.length !== after.length) throw errors.transformChanged(transform, 'the number of artifacts')
  for (const [index, artifact] of before.entries()) {
    const now = after[index]
    const same =
      now !== undefined &&
      now.kind === artifact.kind &&
      now.name === artifact.name &&
      now.version === artifact.version &&
      now.root.digest === artifact.root.digest &&
      now.content === artifact.content
    if (!same) throw errors.transformChanged(transform, artifact.name)
  }
}

/** Where an artifact goes: what name transforms said, else its own name. */
export function destinationsOf(artifact: Artifact): readonly Reference[] {
  if (artifact.destinations !== undefined) return artifact.destinations
  return artifact.source.reference === undefined ? [] : [artifact.source.reference]
}
