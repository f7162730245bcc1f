import type { Knob } from './knobs.js'
import type { Move } from './moves.js'
import { probeKnobs, type Probe, type Region, type Scene } from './probe.js'

/** Empty values are marked one by one, those that show up when all are: one that is set may hide others. */
export function probeEmpty(scene: Scene, knobs: readonly Knob[], budget: { left: number }): Probe[] {
  if (knobs.length === 0) return []
  const all = probeKnobs(scene, knobs, budget)
  const shown = new Set(all.regions.flatMap(({ segments }) => segments.filter((part) => typeof part !== 'string')))
  return [...shown].map((knob) => (shown.size === 1 ? all : probeKnobs(scene, [knob], budget)))
}

/** Whether a value may speak for all images of a chart. */
export function isWide({ at }: Knob): boolean {
  return 'path' in at && (at.path.length <= 2 || at.path[0] === 'global')
}

/** The empty value that saves more turns of others than it costs. */
export function bestWide(choices: readonly Move[][], batch: readonly Move[]): Move | undefined {
  let best: { readonly move: Move; readonly saved: number } | undefined
  const mended = new Set(batch.flatMap(({ mends }) => mends.map(tokenKey)))
  for (const [move] of choices) {
    if (move === undefined) continue
    const covered = new Set(move.mends.map(tokenKey))
    const rest = batch.filter(({ mends }) => mends.some((region) => !covered.has(tokenKey(region))))
    const more = [...covered].filter((key) => !mended.has(key)).length
    const saved = batch.length - rest.length - 1 + 2 * more
    if (saved > (best?.saved ?? 0)) best = { move, saved }
  }
  return best?.move
}

/** First moves that have no token in common. */
export function apart(choices: readonly Move[][]): Move[] {
  const taken = new Set<string>()
  return choices.flatMap(([move]) => {
    if (move === undefined || move.mends.some((region) => taken.has(tokenKey(region)))) return []
    for (const region of move.mends) taken.add(tokenKey(region))
    return [move]
  })
}

/** A token's name. */
export function tokenKey({ spot, token }: Region): string {
  return `${spot.document} ${JSON.stringify(spot.path)} ${token}`
}
