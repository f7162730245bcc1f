import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences, type Difference } from './render/batch.ts'
import { samples } from './render/grammar.ts'

/**
 * A run is the same again with its seed, which is a fixed one in CI; `ROPEWAY_RENDER_CASES` is how many templates are tried, some of each 60 that
 * fail among them.
 */
const { ROPEWAY_RENDER_SEED: wanted, CI: automatic } = process.env
const seed = Number(wanted ?? (automatic === undefined ? Date.now() % 1_000_000_000 : 1))
const cases = Number(process.env['ROPEWAY_RENDER_CASES'] ?? 1200)
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
