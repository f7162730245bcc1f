import { compareViews } from './changes.js'
import { decodedText, likeChecksums } from './encodings.js'
import type { Turns } from './knobs.js'
import { withNames } from './names.js'
import { spotPlaces } from './places.js'
import { currentText, regionsOf, type Spot } from './spots.js'
import { spelledAs } from './tokens.js'
import type { View } from './view.js'
import type { Attempt, Setup, Workspace } from './workspace.js'

/** One setup of a chart: how it renders as published, and what has to move in it. */
export interface Task {
  readonly setup: Setup
  readonly base: View
  readonly spots: readonly Spot[]
  /** Where each reference goes. */
  readonly moves: ReadonlyMap<string, string>
  /** Where the names of moved images may go along, without their tags. */
  readonly names: ReadonlyMap<string, string>
}

export interface Assessment extends Attempt {
  readonly wrong: readonly { readonly spot: Spot; readonly token: number }[]
  /** Wrong tokens, and changes that nothing explains, which count more. */
  readonly cost: number
}

/** What stands at a token in the end. */
export function wantedAt(spot: Spot, token: number, { moves }: Task): string {
  const reference = spot.tokens[token]?.reference ?? ''
  return spelledAs(writtenAt(spot, token), moves.get(reference) ?? reference)
}

/** What stands at a token as published. */
export function writtenAt({ before, tokens }: Spot, token: number): string {
  const { start = 0, end = 0 } = tokens[token] ?? {}
  return before.slice(start, end)
}

/** Renders with some turns and counts what is not as it should be; undefined when it does not render, or renders other objects. */
export function assess(workspace: Workspace, task: Task, turns: Turns): Assessment | undefined {
  const attempt = workspace.attempt(turns, task.setup)
  if (attempt === undefined) return undefined
  const { view } = attempt
  const { changes, reshaped } = compareViews(task.base, view)
  if (reshaped !== undefined) return undefined
  const ofSpots = spotPlaces(task.spots)
  const strange = changes.filter((change) => {
    const { before, after, text } = change
    if (ofSpots(change) || (text && withNames(before, task.names).text === after)) return false
    return !text || !(likeChecksums(before, after) || bothEncoded(before, after))
  })
  const wrong: { spot: Spot; token: number }[] = []
  for (const spot of task.spots) {
    const text = currentText(spot, view)
    if (text === spot.wanted || text === withNames(spot.wanted, task.names).text) continue
    const regions = text === undefined ? undefined : regionsOf(spot, text)
    for (const token of spot.tokens.keys()) {
      if (regions?.[token] !== wantedAt(spot, token, task)) wrong.push({ spot, token })
    }
  }
  return { ...attempt, wrong, cost: wrong.length + 5 * strange.length }
}

function bothEncoded(before: string, after: string): boolean {
  return decodedText(before) !== undefined && decodedText(after) !== undefined
}

/** What is left undone with some turns; infinite when the chart does not render with them. */
export function costOf(workspace: Workspace, task: Task, turns: Turns): number {
  return assess(workspace, task, turns)?.cost ?? Infinity
}
