import { likeChecksums } from './encodings.js'
import { compareViews } from './changes.js'
import { pieceOf, type Knob, type Turn, type Turns } from './knobs.js'
import { withNames } from './names.js'
import { spotPlaces } from './places.js'
import { currentText, regionsOf, type Spot } from './spots.js'
import type { View } from './view.js'
import type { Setup, Workspace } from './workspace.js'

/** How the text at one token is made: literal text, and knobs whose text stands in it as it is. */
export interface Region {
  readonly spot: Spot
  readonly token: number
  readonly segments: readonly (string | Knob)[]
}

/** What marking knobs showed. */
export interface Probe {
  readonly regions: readonly Region[]
  /** By knob: how many places change that are no spots. */
  readonly side: ReadonlyMap<string, number>
  /** Knobs whose mark the chart does not render with, or renders other objects with. */
  readonly broken: readonly Knob[]
}

/** A rendering to be probed: the turns made so far, and what comes of them. */
export interface Scene {
  readonly workspace: Workspace
  readonly setup: Setup
  readonly spots: readonly Spot[]
  /** Where the names of moved images may go along. */
  readonly names: ReadonlyMap<string, string>
  readonly turns: Turns
  /** The rendering with these turns. */
  readonly view: View
}

const letters = 'abcdefghijklmnopqrstuvwxyz'
const markPattern = /zq[a-z]{3}z/

/** A text that no chart holds, and that most checks of names, hosts and tags let pass. */
function markOf(index: number): string {
  const digit = (power: number): string => letters.charAt(Math.floor(index / power) % letters.length)
  return `zq${digit(676)}${digit(26)}${digit(1)}z`
}

/** Renderings that finding broken knobs may take. */
const mostHalvings = 60

/** Most knobs that one rendering can mark. */
const mostMarks = 17_576

/**
 * Marks knobs and renders: a mark that shows up tells which text the knob makes. All at once where that works; knobs that
 * it does not work with are found by halving, once for each setup.
 */
export function probeKnobs(scene: Scene, knobs: readonly Knob[], budget: { left: number }): Probe {
  const empty: Probe = { regions: [], side: new Map(), broken: [] }
  const { here, anywhere } = scene.workspace.brokenIn(scene.setup)
  const known = knobs.filter(({ id }) => here.has(id))
  const some = knobs.filter(({ id }) => !here.has(id)).slice(0, mostMarks)
  if (some.length === 0) return { ...empty, broken: known }
  const atOnce = markTogether(scene, some, budget)
  if (atOnce !== undefined) return { ...atOnce, broken: known }
  const share = { left: Math.min(budget.left, mostHalvings) }
  const suspects = some.filter(({ id }) => anywhere.has(id))
  const rest = some.filter(({ id }) => !anywhere.has(id))
  const broken =
    suspects.length === 0 || rest.length === 0
      ? findBroken(scene, some, share)
      : [
          // what breaks the chart with other switches mostly does so here, so it is not taken apart again
          ...(markTogether(scene, suspects, share) === undefined ? suspects : []),
          ...(markTogether(scene, rest, share) === undefined ? findBroken(scene, rest, share) : []),
        ]
  budget.left -= mostHalvings - share.left
  const sound = some.filter((knob) => !broken.includes(knob))
  const together = sound.length === 0 ? undefined : markTogether(scene, sound, budget)
  const all = together === undefined ? some : broken
  if (together !== undefined || sound.length === 0) for (const { id } of all) here.add(id)
  for (const id of here) anywhere.add(id)
  return { ...(together ?? empty), broken: [...known, ...all] }
}

function findBroken(scene: Scene, knobs: readonly Knob[], budget: { left: number }): Knob[] {
  if (knobs.length === 1 || budget.left <= 0) return [...knobs]
  const half = Math.ceil(knobs.length / 2)
  return [knobs.slice(0, half), knobs.slice(half)].flatMap((part) =>
    markTogether(scene, part, budget) === undefined ? findBroken(scene, part, budget) : [],
  )
}

function markTogether(scene: Scene, knobs: readonly Knob[], budget: { left: number }): Probe | undefined {
  if (budget.left <= 0) return undefined
  budget.left -= 1
  const marks = new Map(knobs.map((knob, index) => [markOf(index), knob]))
  const turns = new Map<string, Turn>(scene.turns)
  for (const [mark, knob] of marks) turns.set(knob.id, { knob, text: mark })
  const view = scene.workspace.attempt(turns, scene.setup)?.view
  if (view === undefined) return undefined
  const { changes, reshaped } = compareViews(scene.view, view)
  if (reshaped !== undefined) return undefined
  const ofSpots = spotPlaces(scene.spots)
  const side = new Map<string, number>()
  for (const change of changes) {
    if (ofSpots(change)) continue
    const marked = change.text ? knobsIn(change.after, marks) : []
    if (marked.length === 0 && !(change.text && likeChecksums(change.before, change.after))) return undefined
    if (change.text && withNames(change.before, scene.names).moved.length > 0) continue
    for (const { id } of marked) side.set(id, (side.get(id) ?? 0) + 1)
  }
  const regions: Region[] = []
  for (const spot of scene.spots) {
    const text = currentText(spot, view)
    if (text === undefined || !markPattern.test(text)) continue
    const stretches = regionsOf(spot, text)
    if (stretches === undefined) for (const { id } of knobsIn(text, marks)) side.set(id, (side.get(id) ?? 0) + 1)
    else {
      for (const [token, stretch] of stretches.entries()) {
        if (markPattern.test(stretch)) regions.push({ spot, token, segments: segmentsOf(stretch, marks) })
      }
    }
  }
  return { regions, side, broken: [] }
}

function knobsIn(text: string, marks: ReadonlyMap<string, Knob>): Knob[] {
  const found = text.toLowerCase().match(/zq[a-z]{3}z/g) ?? []
  return [...new Set(found)].flatMap((mark) => marks.get(mark) ?? [])
}

function segmentsOf(text: string, marks: ReadonlyMap<string, Knob>): (string | Knob)[] {
  return text
    .split(/(zq[a-z]{3}z)/)
    .map((part) => marks.get(part) ?? part)
    .filter((part) => part !== '')
}

/** The text of a knob under some turns. */
export function textOfKnob(knob: Knob, ...turns: readonly Turns[]): string {
  for (const each of turns) {
    const turn = each.get(knob.id)
    if (turn !== undefined) return turn.text
  }
  return pieceOf(knob)
}
