import type { Knob, Turn, Turns } from './knobs.js'
import { textOfKnob, type Probe, type Region } from './probe.js'

/** Turns that would bring tokens where they belong, and how well. */
export interface Move {
  readonly turns: readonly Turn[]
  /** Tokens that are wrong now and would be right. */
  readonly mends: readonly Region[]
  readonly score: number
}

/** What a region has to become. */
export type Wanted = (region: Region) => string

interface Search {
  readonly probe: Probe
  readonly turns: Turns
  readonly wanted: Wanted
  readonly banned: ReadonlySet<string>
  readonly byKnob: ReadonlyMap<string, readonly Region[]>
}

/** A move's name, to remember which did not work. */
export function moveKey(turns: readonly Turn[]): string {
  return turns.map(({ knob, text }) => `${knob.id}=${text}`).join('\n')
}

/** Moves one after the other, the best first, each counted on top of those before it. */
export function chooseMoves(probe: Probe, turns: Turns, wanted: Wanted, banned: ReadonlySet<string>): Move[] {
  const byKnob = new Map<string, Region[]>()
  for (const region of probe.regions) {
    for (const knob of knobsOf(region)) byKnob.set(knob.id, [...(byKnob.get(knob.id) ?? []), region])
  }
  const chosen: Move[] = []
  const state = new Map(turns)
  for (;;) {
    const search: Search = { probe, turns: state, wanted, banned, byKnob }
    const best = bestMove(search)
    if (best === undefined) return chosen
    chosen.push(best)
    for (const turn of best.turns) state.set(turn.knob.id, turn)
  }
}

function knobsOf({ segments }: Region): Knob[] {
  return [...new Set(segments.filter((part) => typeof part !== 'string'))]
}

function textOfRegion({ segments }: Region, ...turns: readonly Turns[]): string {
  return segments.map((part) => (typeof part === 'string' ? part : textOfKnob(part, ...turns))).join('')
}

function bestMove(search: Search): Move | undefined {
  let best: Move | undefined
  const seen = new Set<string>()
  for (const region of search.probe.regions) {
    if (textOfRegion(region, search.turns) === search.wanted(region)) continue
    for (const turns of candidatesFor(region, search)) {
      const key = moveKey(turns)
      if (seen.has(key) || search.banned.has(key)) continue
      seen.add(key)
      const move = judge(turns, search)
      if (move.mends.length > 0 && move.score > 0 && (best === undefined || move.score > best.score)) best = move
    }
  }
  return best
}

/** What one knob, else two, of a region would have to say. */
function* candidatesFor(region: Region, search: Search): Generator<readonly Turn[]> {
  const knobs = knobsOf(region)
  const wanted = search.wanted(region)
  for (const knob of knobs) for (const text of solutions(region, [knob], wanted, search.turns)) yield [turn(knob, text)]
  for (const [at, first] of knobs.entries()) {
    for (const second of knobs.slice(at + 1)) {
      for (const [a, b] of pairs(region, first, second, wanted, search.turns)) yield [turn(first, a), turn(second, b)]
    }
  }
  if (knobs.length > 2) yield* allKnobs(region, wanted)
}

const turn = (knob: Knob, text: string): Turn => ({ knob, text })

/** Literal texts around and between the places of some knobs, everything else being as it is. */
function literals(region: Region, knobs: readonly Knob[], turns: Turns): { texts: string[]; order: Knob[] } {
  const texts = ['']
  const order: Knob[] = []
  for (const part of region.segments) {
    if (typeof part !== 'string' && knobs.includes(part)) {
      order.push(part)
      texts.push('')
    } else {
      texts[texts.length - 1] += typeof part === 'string' ? part : textOfKnob(part, turns)
    }
  }
  return { texts, order }
}

function solutions(region: Region, knobs: readonly Knob[], wanted: string, turns: Turns): string[] {
  const { texts, order } = literals(region, knobs, turns)
  const [before = '', after = ''] = texts
  if (order.length !== 1) return []
  if (!wanted.startsWith(before) || !wanted.endsWith(after)) return []
  const text = wanted.slice(before.length, wanted.length - after.length)
  return before.length + after.length >= wanted.length || text === '' ? [] : [text]
}

function pairs(region: Region, first: Knob, second: Knob, wanted: string, turns: Turns): [string, string][] {
  const { texts, order } = literals(region, [first, second], turns)
  const [before = '', between = '', after = ''] = texts
  if (order.length !== 2 || between === '') return []
  if (!wanted.startsWith(before) || !wanted.endsWith(after)) return []
  const rest = wanted.slice(before.length, wanted.length - after.length)
  const found: [string, string][] = []
  for (let at = rest.indexOf(between, 1); at !== -1; at = rest.indexOf(between, at + 1)) {
    const [a, b] = [rest.slice(0, at), rest.slice(at + between.length)]
    if (a !== '' && b !== '') found.push(order[0] === first ? [a, b] : [b, a])
  }
  return found
}

/** All knobs of a region that is parted by single characters, as `registry/repository:tag` is: cut from the right. */
function* allKnobs({ segments }: Region, wanted: string): Generator<readonly Turn[]> {
  const turns: Turn[] = []
  let rest = wanted
  for (const [at, part] of [...segments.entries()].reverse()) {
    if (typeof part === 'string') {
      if (!rest.endsWith(part)) return
      rest = rest.slice(0, rest.length - part.length)
      continue
    }
    const before = segments[at - 1]
    if (before !== undefined && typeof before !== 'string') return
    // the first separator parts a registry from the path, the last one the tag
    const cut =
      before === undefined ? 0 : (/[:@]/.test(before) ? rest.lastIndexOf(before) : rest.indexOf(before)) + before.length
    if (before !== undefined && cut < before.length) return
    turns.push(turn(part, rest.slice(cut)))
    rest = rest.slice(0, cut)
  }
  if (rest === '' && turns.every(({ text }) => text !== '')) yield turns.reverse()
}

function judge(turns: readonly Turn[], { probe, turns: state, wanted, byKnob }: Search): Move {
  const changed = new Map(turns.map((each) => [each.knob.id, each]))
  const mends: Region[] = []
  let score = 0
  for (const region of new Set(turns.flatMap(({ knob }) => byKnob.get(knob.id) ?? []))) {
    const [was, is, right] = [textOfRegion(region, state), textOfRegion(region, changed, state), wanted(region)]
    if (was !== right && is === right) {
      mends.push(region)
      score += 1
    } else if (was === right && is !== right) score -= 2
    else if (was !== is) score -= 0.05
  }
  for (const { knob } of turns) score -= 3 * (probe.side.get(knob.id) ?? 0)
  return { turns, mends, score: score - 0.3 * (turns.length - 1) }
}
