import { isDeepStrictEqual } from 'node:util'
import type { RenderOptions } from '@ropeway/helm'
import fc from 'fast-check'
import { helm, ours, oursInFolder, type Outcome } from './batch.ts'

/** A chart with what is said to its rendering, for the library and for helm. */
export interface Trial {
  readonly files: Readonly<Record<string, string>>
  readonly options?: RenderOptions
  readonly args?: readonly string[]
  /** Whether the chart is a folder, with its `.helmignore`. */
  readonly folder?: boolean
}

export interface Disagreement extends Trial {
  readonly ours: Outcome
  readonly helm: Outcome
}

/** A run is the same again with its seed, which is a fixed one in CI; `ROPEWAY_RENDER_CASES` is how many cases are tried. */
const { ROPEWAY_RENDER_SEED: wanted, CI: automatic, ROPEWAY_RENDER_CASES: many } = process.env
export const seed = Number(wanted ?? (automatic === undefined ? Date.now() % 1_000_000_000 : 1))
export const casesOf = (usual: number): number => Number(many ?? usual)

/** Renders a chart with both; nothing when they agree, messages and warnings included. */
export async function disagreement(trial: Trial): Promise<Disagreement | undefined> {
  const own = await (trial.folder === true ? oursInFolder : ours)(trial.files, trial.options)
  const theirs = await helm(trial.files, trial.args)
  return isDeepStrictEqual(decided(own), decided(theirs)) ? undefined : { ...trial, ours: own, helm: theirs }
}

/** Helm takes the charts below one in no order, so which of several it refuses, and what it warned of before, is chance. */
function decided(outcome: Outcome): Outcome {
  const [, refused] = /^(.*type mismatch on )/.exec(outcome.error ?? '') ?? []
  return refused === undefined ? outcome : { error: refused }
}

/** Tries `usual` cases; gives those on which helm disagrees. */
export async function disagreements(trials: fc.Arbitrary<Trial>, usual: number): Promise<Disagreement[]> {
  const found: Disagreement[] = []
  const left = fc.sample(trials, { seed, numRuns: casesOf(usual) })
  const work = async (): Promise<void> => {
    for (let trial = left.pop(); trial !== undefined; trial = left.pop()) {
      const different = await disagreement(trial)
      if (different !== undefined) found.push(different)
    }
  }
  await Promise.all([work(), work()])
  return found
}
