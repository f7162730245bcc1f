import { assess, type Assessment, costOf, type Task, wantedAt, writtenAt } from './assess.js'
import { guesses } from './guesses.js'
import type { Turns } from './knobs.js'
import { chooseMoves, moveKey, type Move } from './moves.js'
import { probeKnobs, type Probe, type Region, type Scene } from './probe.js'
import { fileSources, valueSources, type KnobSource } from './sources.js'
import { apart, bestWide, isWide, probeEmpty, tokenKey } from './wide.js'
import type { Workspace } from './workspace.js'

const rounds = 30
/** Renderings that may be spent on one setup. */
const mostRenders = 300

/**
 * Turns that bring every spot of all tasks to its destination, as far as any do. Of two ways the one that leaves less behind:
 * what moves the spots of one setup by a value may stand in the way of another, whose texts can be patched then.
 */
export function solveTasks(tasks: readonly Task[], workspace: Workspace): Turns {
  const first = solveInTurn(tasks, workspace, new Set())
  const blocked = tasks.slice(1).flatMap((task) => knobsInTheWay(workspace, task, first))
  const costs = (turns: Turns): number => tasks.reduce((sum, task) => sum + costOf(workspace, task, turns), 0)
  if (blocked.length === 0) return first
  const second = solveInTurn(tasks, workspace, new Set(blocked))
  return costs(second) < costs(first) ? second : first
}

function solveInTurn(tasks: readonly Task[], workspace: Workspace, forbidden: ReadonlySet<string>): Turns {
  let turns: Turns = new Map()
  for (const [at, task] of tasks.entries()) {
    const given = turns
    let before: readonly { readonly task: Task; readonly cost: number }[] | undefined
    const keeps = (next: Turns): boolean => {
      before ??= tasks.slice(0, at).map((each) => ({ task: each, cost: costOf(workspace, each, given) }))
      return before.every(({ task: each, cost }) => costOf(workspace, each, next) <= cost)
    }
    turns = solveTask(workspace, task, turns, { forbidden, keeps })
  }
  // what one setup moved may need a permission in another
  return tasks.reduce((given, { setup }) => workspace.attempt(given, setup)?.turns ?? given, turns)
}

/** Turned values that make the text of tokens which are wrong all the same. */
function knobsInTheWay(workspace: Workspace, task: Task, turns: Turns): string[] {
  const state = assess(workspace, task, turns)
  if (state === undefined || state.wrong.length === 0 || workspace.mode === 'overlay') return []
  const scene: Scene = { workspace, setup: task.setup, spots: task.spots, names: task.names, turns, view: state.view }
  const values = [...turns.values()].map(({ knob }) => knob).filter(({ at }) => 'path' in at)
  const { regions } = probeKnobs(scene, values, { left: mostRenders })
  const wrong = new Set(state.wrong.map(({ spot, token }) => tokenKey({ spot, token, segments: [] })))
  const inTheWay = regions.filter((region) => wrong.has(tokenKey(region)))
  return inTheWay.flatMap(({ segments }) => segments.flatMap((part) => (typeof part === 'string' ? [] : [part.id])))
}

/** Turns that bring every spot of a task to its destination, as far as any do, on top of the turns that are given. */
function solveTask(
  workspace: Workspace,
  task: Task,
  given: Turns,
  { forbidden, keeps }: { readonly forbidden: ReadonlySet<string>; readonly keeps: (turns: Turns) => boolean },
): Turns {
  const budget = { left: mostRenders }
  const banned = new Set<string>()
  let turns = given
  let state = assess(workspace, task, turns)
  if (state === undefined) return given
  const step = (knobs: KnobSource): boolean => {
    for (let round = 0; round < rounds && state !== undefined && state.wrong.length > 0; round++) {
      const better = improve({ workspace, task, turns, state, knobs, banned, budget, keeps })
      if (better === undefined) return round > 0
      turns = better.turns
      state = better.state
    }
    return true
  }
  step(valueSources(workspace, task, forbidden))
  if (workspace.mode === 'embed') step(fileSources(workspace))
  return turns
}

interface Better {
  readonly turns: Turns
  readonly state: Assessment
}

interface Improvement {
  readonly workspace: Workspace
  readonly task: Task
  readonly turns: Turns
  readonly state: Assessment
  readonly knobs: KnobSource
  /** Moves that did not work. */
  readonly banned: Set<string>
  readonly budget: { left: number }
  /** Whether turns spoil nothing that was reached before. */
  readonly keeps: (turns: Turns) => boolean
}

function improve({ workspace, task, turns, state, knobs, banned, budget, keeps }: Improvement): Better | undefined {
  const scene: Scene = { workspace, setup: task.setup, spots: task.spots, names: task.names, turns, view: state.view }
  const wrong = new Set(
    state.wrong.flatMap(({ spot, token }) => [spot.tokens[token]?.reference ?? '', writtenAt(spot, token)]),
  )
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
    const better = after !== undefined && after.cost < state.cost && keeps(after.turns)
    return better ? { turns: after.turns, state: after } : undefined
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

/** By reference: ids of the turned knobs that its text is made of, as far as marking them tells. */
export function usedKnobs(workspace: Workspace, tasks: readonly Task[], turns: Turns): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>()
  const knobs = [...turns.values()].filter(({ knob }) => knob.flag !== true).map(({ knob }) => knob)
  for (const { setup, spots, names } of turns.size === 0 ? [] : tasks) {
    const view = workspace.attempt(turns, setup)?.view
    if (view === undefined) continue
    const { regions } = probeKnobs({ workspace, setup, spots, names, turns, view }, knobs, { left: mostRenders })
    for (const { spot, token, segments } of regions) {
      const reference = spot.tokens[token]?.reference ?? ''
      const ids = segments.flatMap((part) => (typeof part === 'string' ? [] : [part.id]))
      used.set(reference, new Set([...(used.get(reference) ?? []), ...ids]))
    }
  }
  return used
}
