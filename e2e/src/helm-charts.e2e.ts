import { describe, expect, it } from 'vitest'
import { globbing, ignoring } from './render/chart-files.ts'
import { flags, trialOf } from './render/flags.ts'
import { trees } from './render/trees.ts'
import { disagreements, seed } from './render/trial.ts'

describe(`what helm does too (ROPEWAY_RENDER_SEED=${String(seed)})`, () => {
  it('random flags set values', { timeout: 1_800_000 }, async () => {
    const found = await disagreements(flags.map(trialOf), 150)
    expect(found.map(({ args, ours, helm }) => ({ args, ours, helm }))).toEqual([])
  })

  it('random trees of charts hand values down and up', { timeout: 1_800_000 }, async () => {
    expect(await disagreements(trees, 120)).toEqual([])
  })

  it('random patterns find files, and a .helmignore leaves them out', { timeout: 1_800_000 }, async () => {
    expect(await disagreements(globbing, 60)).toEqual([])
    expect(await disagreements(ignoring, 60)).toEqual([])
  })
})
