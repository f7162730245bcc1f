import { isRopewayError } from '@ropeway/core'
import { formatValuesPath, type ChartReferences, type HelmError } from '@ropeway/helm'
import type { FoundSite } from '../find/types.js'
import { plainValue } from '../find/documents.js'
import { candidatesOf, marker, type Candidate, type Chain } from './candidates.js'
import { fillSwitch } from './filled.js'
import { distinct, type Flip } from './flips.js'
import { subchartNeeds } from './needs.js'
import { isHelmError, type Outcome, type Session } from './session.js'
import type { TemplateFile } from './templates.js'

/** A reference that appears when something is switched, with the least that does it. */
export interface Appearing {
  readonly flips: readonly Flip[]
  readonly sites: readonly FoundSite[]
}

export interface Search {
  /** By reference. */
  readonly appearing: ReadonlyMap<string, Appearing>
  /** False when the search ended early: the budget was used up. */
  readonly complete: boolean
}

/** Templates that are rendered in search of hidden images, at most; each rendering costs some besides. */
const defaultBudget = 6000
/** Files in which the least that shows a reference is sought. */
const mostFiles = 4

interface Hunt {
  readonly session: Session
  readonly references: ChartReferences
  readonly base: Outcome
  readonly known: ReadonlySet<string>
  readonly appearing: Map<string, Appearing>
  readonly limit: number
  /** Paths that decide about whole subcharts. */
  readonly switches: ReadonlySet<string>
  /** What switches on the subcharts that are off, by their place in the values. */
  readonly needs: ReadonlyMap<string, readonly Flip[]>
  /** By complaint: what answers it; `undefined` for what nothing that was tried does. */
  readonly answers: Map<string, readonly Flip[] | undefined>
}

/**
 * Looks for references that are rendered only when something is switched: each candidate alone, then those that a template
 * depends on together, of which the least that is needed is kept. Templates that fail on the way are no errors.
 */
export function findHidden(
  session: Session,
  base: Outcome,
  references: ChartReferences,
  budget = defaultBudget,
): Search {
  const baseFiles = rendering(session.files([]))
  const present = new Set(baseFiles.map(({ prefix }) => prefix.join('.')))
  const needs = subchartNeeds(references.subcharts, present)
  const context = distinct([...needs.values()].flat())
  const files = context.length === 0 ? baseFiles : rendering(session.files(context))
  const hidden = files.filter(({ prefix }) => !present.has(prefix.join('.')))
  const known = new Set(base.sites.map(({ reference }) => reference))
  const switches = new Set(references.subcharts.flatMap(({ conditions, tags }) => [...conditions, ...tags]))
  const hunt = {
    session,
    references,
    base,
    known,
    needs,
    switches,
    answers: new Map<string, readonly Flip[] | undefined>(),
    appearing: new Map<string, Appearing>(),
    limit: session.spent + budget,
  }
  subcharts(hunt, hidden)
  for (const [own, flips] of [
    [baseFiles, [] as readonly Flip[]],
    [hidden, context],
  ] as const) {
    if (own.length === 0) continue
    const values =
      flips.length === 0 ? base.rendered.values : session.render(flips, { only: () => false }).rendered.values
    const { all, chains, wide } = candidatesOf(references, session.templates, plainValue(values), own)
    const on = all.filter(({ effect }) => effect === 'on')
    const gating = all.filter(({ gated }) => gated.length > 0)
    const done = round(hunt, own, flips, on)
    singles(hunt, gating, flips)
    round(
      hunt,
      own.filter(({ images }) => images),
      flips,
      [...on, ...gating.filter(({ effect }) => effect === 'fill')],
    )
    for (const chain of chains) together(hunt, chain, done)
    round(
      hunt,
      own.filter(({ images, indirect }) => images && indirect),
      flips,
      wide,
    )
  }
  return { appearing: hunt.appearing, complete: references.complete && !spentUp(hunt) }
}

function rendering(files: readonly TemplateFile[]): readonly TemplateFile[] {
  return files.filter(({ name }) => !name.endsWith('NOTES.txt'))
}

function spentUp({ session, limit }: Hunt): boolean {
  return session.spent >= limit
}

/** References in an outcome that are new; with `better`, those too that one switch alone may show, where more were needed so far. */
function fresh(hunt: Hunt, outcome: Outcome, better = false): Map<string, FoundSite[]> {
  const found = new Map<string, FoundSite[]>()
  for (const site of outcome.sites) {
    const { reference } = site
    if (hunt.known.has(reference) || reference.includes(marker)) continue
    const now = hunt.appearing.get(reference)
    if (now !== undefined && (!better || now.flips.length < 2)) continue
    found.set(reference, [...(found.get(reference) ?? []), site])
  }
  return found
}

/** Fewer flips win over more. */
function keep(hunt: Hunt, flips: readonly Flip[], found: ReadonlyMap<string, readonly FoundSite[]>): void {
  for (const [reference, sites] of found) {
    const now = hunt.appearing.get(reference)
    if (now === undefined || flips.length < now.flips.length) hunt.appearing.set(reference, { flips, sites })
  }
}

/** Charts that are switched off as a whole. */
function subcharts(hunt: Hunt, hidden: readonly TemplateFile[]): void {
  const byPrefix = Map.groupBy(hidden, ({ prefix }) => prefix.join('.'))
  for (const prefix of [...byPrefix.keys()].sort((one, other) => one.split('.').length - other.split('.').length)) {
    const flips = hunt.needs.get(prefix) ?? []
    const inside = ({ prefix: own }: TemplateFile): boolean => own.join('.') === prefix
    keep(hunt, flips, fresh(hunt, probe(hunt, flips, inside)))
  }
}

function probe(hunt: Hunt, flips: readonly Flip[], only: (file: TemplateFile) => boolean): Outcome {
  try {
    return hunt.session.render(flips, { only, tolerant: true })
  } catch (error) {
    if (!isHelmError(error) && !isRopewayError(error)) throw error
    return { ...hunt.base, sites: [], unresolved: [], failures: new Map([['', error]]) }
  }
}

/** What a file needs to take part at all. */
function needsOf({ needs }: Hunt, { prefix }: TemplateFile): readonly Flip[] {
  return needs.get(prefix.join('.')) ?? []
}

/** Each candidate alone; those that touch different files share a rendering. */
function singles(hunt: Hunt, candidates: readonly Candidate[], context: readonly Flip[]): void {
  // what switches something off may hide what others show, above all a whole subchart
  const alone = candidates.filter(({ effect, flip }) => effect === 'off' && hunt.switches.has(placeOf(flip)))
  const others = candidates.filter((each) => !alone.includes(each))
  const byEffect = (['on', 'choice', 'fill', 'off'] as const).flatMap((effect) =>
    batches(others.filter((each) => each.effect === effect)),
  )
  for (const batch of [...byEffect, ...alone.map((each) => [each])]) {
    if (spentUp(hunt)) return
    const owners = new Map(batch.flatMap((each) => each.gated.map((file) => [file.name, each])))
    const flips = batch.map(({ flip }) => flip)
    const outcome = probe(hunt, distinct([...context, ...flips]), ({ name }) => owners.has(name))
    if (outcome.failures.has('')) {
      // together they do not even start: one after the other
      if (batch.length > 1) for (const each of batch) tryAlone(hunt, each)
      continue
    }
    const shown = [...fresh(hunt, outcome, true).values()].flat().map(({ template }) => template)
    // what failed may have failed because of another one's flip
    const hits = new Set([...shown, ...outcome.failures.keys()].map((name) => owners.get(name)))
    for (const hit of hits) if (hit !== undefined) tryAlone(hunt, hit)
  }
}

function tryAlone(hunt: Hunt, { flip, gated }: Candidate): void {
  for (const [, its] of Map.groupBy(gated, ({ prefix }) => prefix.join('.'))) {
    const [first] = its
    if (first === undefined) continue
    const names = new Set(its.map(({ name }) => name))
    const flips = distinct([...needsOf(hunt, first), flip])
    const outcome = probe(hunt, flips, ({ name }) => names.has(name))
    keep(hunt, flips, fresh(hunt, outcome))
    for (const [name, failure] of outcome.failures) if (isHelmError(failure)) answer(hunt, flips, name, failure)
  }
}

/** Renders a template that complains about what it lacks when something is switched, with what it asks for. */
function answer(hunt: Hunt, flips: readonly Flip[], name: string, failure: HelmError): void {
  const { session, references, answers } = hunt
  if (name === '' || spentUp(hunt)) return
  const known = answers.has(failure.message)
  const given = known
    ? answers.get(failure.message)
    : fillSwitch(session, references, { flips, files: new Set([name]) }, failure)
  if (!known) answers.set(failure.message, given)
  if (given === undefined) return
  const all = distinct([...flips, ...given])
  keep(
    hunt,
    all,
    fresh(
      hunt,
      probe(hunt, all, (file) => file.name === name),
    ),
  )
}

/** Candidates in lists of which no two touch the same file. */
function batches(candidates: readonly Candidate[]): Candidate[][] {
  const made: { readonly files: Set<string>; readonly members: Candidate[] }[] = []
  for (const candidate of candidates) {
    const free = made.find(({ files }) => candidate.gated.every(({ name }) => !files.has(name)))
    const batch = free ?? { files: new Set<string>(), members: [] }
    if (free === undefined) made.push(batch)
    for (const { name } of candidate.gated) batch.files.add(name)
    batch.members.push(candidate)
  }
  return made.map(({ members }) => members)
}

/** What conditions around each other ask for, all at once. `done`: files that were rendered with everything switched on. */
function together(hunt: Hunt, { members, files }: Chain, done: ReadonlySet<string>): void {
  for (const file of files) {
    if (spentUp(hunt) || (done.has(file.name) && members.every(({ effect }) => effect === 'on'))) continue
    for (const reference of fresh(hunt, probeFile(hunt, file, members)).keys()) reduce(hunt, reference, file, members)
  }
}

/**
 * Flips many at once, looks what appears, and seeks for each new reference the least that shows it. Returns the files that
 * could be rendered so.
 */
function round(
  hunt: Hunt,
  files: readonly TemplateFile[],
  context: readonly Flip[],
  group: readonly Candidate[],
): ReadonlySet<string> {
  if (spentUp(hunt)) return new Set()
  const touching = new Map(files.map((file) => [file.name, group.filter((each) => each.files.includes(file))]))
  const names = new Set(files.filter(({ name }) => (touching.get(name)?.length ?? 0) > 0).map(({ name }) => name))
  if (names.size === 0) return names
  const outcome = probe(hunt, distinct([...context, ...group.map(({ flip }) => flip)]), ({ name }) => names.has(name))
  for (const [reference, sites] of fresh(hunt, outcome)) {
    // another file may need less
    for (const name of [...new Set(sites.map(({ template }) => template))].slice(0, mostFiles)) {
      const file = files.find((each) => each.name === name)
      if (file !== undefined) reduce(hunt, reference, file, touching.get(name) ?? [])
    }
  }
  return outcome.failures.has('') ? new Set() : names.difference(new Set(outcome.failures.keys()))
}

function probeFile(hunt: Hunt, file: TemplateFile, group: readonly Candidate[]): Outcome {
  const flips = distinct([...needsOf(hunt, file), ...group.map(({ flip }) => flip)])
  return probe(hunt, flips, ({ name }) => name === file.name)
}

/** The least of a group that shows a reference in a file: leaves out ever smaller portions as long as it stays. */
function reduce(hunt: Hunt, reference: string, file: TemplateFile, group: readonly Candidate[]): void {
  if ((hunt.appearing.get(reference)?.flips.length ?? Infinity) < 2) return
  const shows = (some: readonly Candidate[]): Map<string, FoundSite[]> | undefined => {
    const found = fresh(hunt, probeFile(hunt, file, some), true)
    return found.has(reference) ? found : undefined
  }
  let least = group
  let found = shows(least)
  if (found === undefined) return
  for (let portion = Math.ceil(least.length / 2); portion >= 1; portion = portion === 1 ? 0 : Math.ceil(portion / 2)) {
    for (let at = 0; at < least.length && !spentUp(hunt);) {
      const rest = [...least.slice(0, at), ...least.slice(at + portion)]
      const without = shows(rest)
      if (without === undefined) at += portion
      else [least, found] = [rest, without]
    }
  }
  const flips = distinct([...needsOf(hunt, file), ...least.map(({ flip }) => flip)])
  keep(hunt, flips, found)
}

function placeOf(flip: Flip): string {
  return flip.kind === 'value' ? formatValuesPath(flip.keys) : flip.kind
}
