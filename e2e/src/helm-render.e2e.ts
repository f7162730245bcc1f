import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences, type Difference } from './render/batch.ts'
import { samples } from './render/grammar.ts'
import { casesOf, seed } from './render/trial.ts'

/** Some of each batch that fail are tried among them. */
const cases = casesOf(1200)
const batch = 60
const failures = 4

/** What no renderer survives is no difference: helm ends with its stack used up. */
function counts({ helm }: Difference): boolean {
  return !/goroutine stack exceeds|helm took too long/.test(helm.error ?? '')
}

describe('random templates', () => {
  it(`are rendered as helm does (ROPEWAY_RENDER_SEED=${String(seed)})`, { timeout: 1_800_000 }, async () => {
    const found: Difference[] = []
    for (let at = 0; at * batch < cases; at++) {
      const numRuns = Math.min(batch, cases - at * batch)
      found.push(...(await differences(fc.sample(samples, { seed: seed + at, numRuns }), failures)))
    }
    expect(found.filter(counts)).toEqual([])
  })
})
