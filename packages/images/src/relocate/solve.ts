import { compareViews } from './changes.js'
import { decodedText, likeChecksums } from './encodings.js'
import {
  emptyKnobs,
  fileKnob,
  filledKnobs,
  piecesOf,
  pieceOf,
  stretches,
  type Knob,
  type Turn,
  type Turns,
} from './knobs.js'
import { chooseMoves, moveKey, type Move } from './moves.js'
import { probeKnobs, type Probe, type Region, type Scene } from './probe.js'
import { currentText, regionsOf, spotPlaces, type Spot } from './spots.js'
import { cutReference } from './tokens.js'
import { renderedFiles } from './tree.js'
import type { View } from './view.js'
import type { Attempt, Setup, Workspace } from './workspace.js'

/** One setup of a chart: how it renders as published, and what has to move in it. */
export interface Task {
  readonly setup: Setup
  readonly base: View
  readonly spots: readonly Spot[]
  /** Where each reference goes. */
  readonly moves: ReadonlyMap<string, string>
}

interface Assessment extends Attempt {
  readonly wrong: readonly { readonly spot: Spot; readonly token: number }[]
  /** Wrong tokens, and changes that nothing explains, which count more. */
  readonly cost: number
}

const rounds = 30
/** Renderings that may be spent on one setup. */
const mostRenders = 300

/** Turns that bring every spot of a task to its destination, as far as any do, on top of the turns that are given. */
export function solveTask(workspace: Workspace, task: Task, given: Turns): Turns {
  const budget = { left: mostRenders }
  const banned = new Set<string>()
  let turns = given
  let state = assess(workspace, task, turns)
  if (state === undefined) return given
  const step = (knobs: KnobSource): boolean => {
    for (let round = 0; round < rounds && state !== undefined && state.wrong.length > 0; round++) {
      const better = improve(workspace, task, turns, state, knobs, banned, budget)
      if (better === undefined) return round > 0
      turns = better.turns
      state = better.state
    }
    return true
  }
  step(valueSources(workspace, task))
  if (workspace.mode === 'embed') step(fileSources(workspace))
  return turns
}

/** Knobs for references that are not where they belong: those that have a text, and those that have none yet. */
interface KnobSource {
  filled(references: readonly string[]): readonly Knob[]
  empty(): readonly Knob[]
}

function valueSources(workspace: Workspace, { base }: Task): KnobSource {
  const empty = emptyKnobs(base.values, workspace.named)
  return { filled: (references) => filledKnobs(base.values, references), empty: () => empty }
}

function fileSources(workspace: Workspace): KnobSource {
  const files = renderedFiles(workspace.tree)
  return {
    filled(references) {
      const pieces = piecesOf(references)
      return files.flatMap(({ path, text }) =>
        stretches(text, pieces)
          .filter(([start, end]) => isTelling(text, start, end))
          .map(([start, end]) => fileKnob(path, text, start, end)),
      )
    },
    empty: () => [],
  }
}

/** Whether a piece in a file may be one of a reference: a single word is one only where images are spoken of. */
function isTelling(text: string, start: number, end: number): boolean {
  if (/[./:]/.test(text.slice(start, end))) return true
  const line = text.slice(text.lastIndexOf('\n', start) + 1, (text.indexOf('\n', end) + 1 || text.length + 1) - 1)
  return /image|repo|registr/i.test(line)
}

interface Better {
  readonly turns: Turns
  readonly state: Assessment
}

function improve(
  workspace: Workspace,
  task: Task,
  turns: Turns,
  state: Assessment,
  knobs: KnobSource,
  banned: Set<string>,
  budget: { left: number },
): Better | undefined {
  const scene: Scene = { workspace, setup: task.setup, spots: task.spots, turns, view: state.view }
  const wrong = new Set(state.wrong.map(({ spot, token }) => spot.tokens[token]?.reference ?? ''))
  const wanted = ({ spot, token }: Region): string => wantedAt(spot, token, task)
  const filled = probeKnobs(scene, knobs.filled([...wrong]), budget)
  const choose = (probe: Probe): Move[] => chooseMoves(probe, turns, wanted, banned)
  const batch = choose(filled)
  const mended = new Set(batch.flatMap(({ mends }) => mends.map(tokenKey)))
  const enough = mended.size === state.wrong.length
  const empty = knobs.empty().filter((knob) => !enough || (mended.size > 1 && isWide(knob)))
  const choices = probeEmpty(scene, empty, budget).map((probe) => choose(probe))
  const wide = bestWide(choices, batch)
  const accept = (moves: readonly Move[]): Better | undefined => {
    const next = new Map(turns)
    for (const turn of moves.flatMap((move) => move.turns)) next.set(turn.knob.id, turn)
    const after = assess(workspace, task, next)
    budget.left -= 1
    return after !== undefined && after.cost < state.cost ? { turns: after.turns, state: after } : undefined
  }
  for (const moves of [wide === undefined ? [] : [wide], batch, batch.length === 0 ? apart(choices) : []]) {
    const better = moves.length === 0 ? undefined : accept(moves)
    if (better !== undefined) return better
    if (moves.length === 1) banned.add(moveKey(moves[0]?.turns ?? []))
  }
  for (const move of batch.length > 1 ? batch : []) {
    const better = accept([move])
    if (better !== undefined) return better
    banned.add(moveKey(move.turns))
  }
  for (const turn of guesses(filled.broken, state, task)) {
    const move: Move = { turns: [turn], mends: [], score: 0 }
    if (budget.left <= 0 || banned.has(moveKey([turn]))) continue
    const better = accept([move])
    if (better !== undefined) return better
    banned.add(moveKey([turn]))
  }
  return batch.length > 0 && budget.left > 0 ? { turns, state } : undefined
}

/** Empty values are marked one by one, those that show up when all are: one that is set may hide others. */
function probeEmpty(scene: Scene, knobs: readonly Knob[], budget: { left: number }): Probe[] {
  if (knobs.length === 0) return []
  const all = probeKnobs(scene, knobs, budget)
  const shown = new Set(all.regions.flatMap(({ segments }) => segments.filter((part) => typeof part !== 'string')))
  const broken = new Set(all.broken)
  const hidden = knobs.filter((knob) => !shown.has(knob) && !broken.has(knob))
  const found = [...shown].map((knob) => (shown.size === 1 ? all : probeKnobs(scene, [knob], budget)))
  if (shown.size > 0 || hidden.length === 0) return found
  return found
}

/** Whether a value may speak for all images of a chart. */
function isWide({ at }: Knob): boolean {
  return 'path' in at && (at.path.length <= 2 || at.path[0] === 'global')
}

/** The empty value that saves more turns of others than it costs. */
function bestWide(choices: readonly Move[][], batch: readonly Move[]): Move | undefined {
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
function apart(choices: readonly Move[][]): Move[] {
  const taken = new Set<string>()
  return choices.flatMap(([move]) => {
    if (move === undefined || move.mends.some((region) => taken.has(tokenKey(region)))) return []
    for (const region of move.mends) taken.add(tokenKey(region))
    return [move]
  })
}

function tokenKey({ spot, token }: Region): string {
  return `${spot.document} ${JSON.stringify(spot.path)} ${token}`
}

function wantedAt(spot: Spot, token: number, { moves }: Task): string {
  const reference = spot.tokens[token]?.reference ?? ''
  return moves.get(reference) ?? reference
}

/** What a knob that bears no mark would have to say, if its text stands in the reference as it is. */
function* guesses(knobs: readonly Knob[], state: Assessment, task: Task): Generator<Turn> {
  const seen = new Set<string>()
  for (const knob of knobs) {
    const piece = pieceOf(knob)
    for (const { spot, token } of state.wrong) {
      const reference = spot.tokens[token]?.reference ?? ''
      const wanted = wantedAt(spot, token, task)
      for (const text of piece === '' ? prefixes(reference, wanted) : replaced(piece, reference, wanted)) {
        const key = `${knob.id}=${text}`
        if (!seen.has(key)) yield { knob, text }
        seen.add(key)
      }
    }
  }
}

function replaced(piece: string, reference: string, wanted: string): string[] {
  const found: string[] = []
  for (let at = reference.indexOf(piece); at !== -1; at = reference.indexOf(piece, at + 1)) {
    const [before, after] = [reference.slice(0, at), reference.slice(at + piece.length)]
    const fits = wanted.startsWith(before) && wanted.endsWith(after) && wanted.length > before.length + after.length
    if (fits) found.push(wanted.slice(before.length, wanted.length - after.length))
  }
  return found
}

function prefixes(reference: string, wanted: string): string[] {
  const { repository, suffix } = cutReference(reference)
  return [reference, repository + suffix]
    .filter((tail) => wanted.endsWith(`/${tail}`))
    .map((tail) => wanted.slice(0, -tail.length - 1))
}

/** Renders with some turns and counts what is not as it should be; undefined when it does not render, or renders other objects. */
function assess(workspace: Workspace, task: Task, turns: Turns): Assessment | undefined {
  const attempt = workspace.attempt(turns, task.setup)
  if (attempt === undefined) return undefined
  const { view } = attempt
  const { changes, reshaped } = compareViews(task.base, view)
  if (reshaped !== undefined) return undefined
  const ofSpots = spotPlaces(task.spots)
  const strange = changes.filter((change) => {
    const { before, after, text } = change
    if (ofSpots(change)) return false
    return !text || !(likeChecksums(before, after) || bothEncoded(before, after))
  })
  const wrong: { spot: Spot; token: number }[] = []
  for (const spot of task.spots) {
    const text = currentText(spot, view)
    if (text === spot.wanted) continue
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

/** By reference: ids of the turned knobs that its text is made of, as far as marking them tells. */
export function usedKnobs(workspace: Workspace, tasks: readonly Task[], turns: Turns): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>()
  const knobs = [...turns.values()].filter(({ knob }) => knob.flag !== true).map(({ knob }) => knob)
  for (const { setup, spots } of turns.size === 0 ? [] : tasks) {
    const view = workspace.attempt(turns, setup)?.view
    if (view === undefined) continue
    const { regions } = probeKnobs({ workspace, setup, spots, turns, view }, knobs, { left: mostRenders })
    for (const { spot, token, segments } of regions) {
      const reference = spot.tokens[token]?.reference ?? ''
      const ids = segments.flatMap((part) => (typeof part === 'string' ? [] : [part.id]))
      used.set(reference, new Set([...(used.get(reference) ?? []), ...ids]))
    }
  }
  return used
}
