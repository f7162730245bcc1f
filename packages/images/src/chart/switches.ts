import type { HelmError } from '@ropeway/helm'
import type { FoundSite } from '../find/types.js'
import { plainValue } from '../find/documents.js'
import { candidatesOf, marker, subchartSwitches, type Candidate } from './candidates.js'
import type { Flip } from './flips.js'
import type { Outcome, Session } from './session.js'
import type { TemplateFile } from './templates.js'

/** A reference that appears when something is switched, with the least that does it. */
export interface Appearing {
  readonly flips: readonly Flip[]
  readonly sites: readonly FoundSite[]
}

export interface Search {
  /** By reference. */
  readonly appearing: ReadonlyMap<string, Appearing>
  /** How many candidates were not tried because the budget was used up. */
  readonly untried: number
}

/** Templates that are rendered in search of hidden images, at most; each rendering costs some besides. */
const defaultBudget = 6000

interface Hunt {
  readonly session: Session
  readonly base: Outcome
  readonly known: ReadonlySet<string>
  readonly appearing: Map<string, Appearing>
  readonly limit: number
  /** What switches on the subcharts that are off, by their place in the values. */
  readonly needs: ReadonlyMap<string, readonly Flip[]>
}

/**
 * Looks for references that are rendered only when something is switched: each candidate alone, then those that a template
 * depends on together, of which the least that is needed is kept. Templates that fail on the way are no errors.
 */
export function findHidden(session: Session, base: Outcome, budget = defaultBudget): Search {
  const all = subchartSwitches(session.chart.loaded)
  const baseFiles = rendering(session.files([]))
  const present = new Set(baseFiles.map(({ prefix }) => prefix.join('.')))
  const needs = new Map([...all].filter(([prefix, flips]) => flips.length > 0 && !present.has(prefix)))
  const context = [...needs.values()].flat()
  const files = context.length === 0 ? baseFiles : rendering(session.files(context))
  const hidden = files.filter(({ prefix }) => !present.has(prefix.join('.')))
  const known = new Set(base.sites.map(({ reference }) => reference))
  const hunt = { session, base, known, needs, appearing: new Map<string, Appearing>(), limit: session.spent + budget }
  subcharts(hunt, hidden)
  const values = plainValue(base.rendered.values)
  let untried = 0
  for (const [own, flips] of [
    [baseFiles, [] as readonly Flip[]],
    [hidden, context],
  ] as const) {
    if (own.length === 0) continue
    const seen = flips.length === 0 ? values : plainValue(session.render(flips, { only: () => false }).rendered.values)
    const candidates = candidatesOf(seen, own)
    round(hunt, own, flips, candidates.filter(({ effect }) => effect === 'on'))
    untried += singles(hunt, candidates, flips)
    groups(hunt, candidates, own, flips)
  }
  return { appearing: hunt.appearing, untried }
}

function rendering(files: readonly TemplateFile[]): readonly TemplateFile[] {
  return files.filter(({ name }) => !name.endsWith('NOTES.txt'))
}

function spentUp({ session, limit }: Hunt): boolean {
  return session.spent >= limit
}

/** References in an outcome that are new. */
function fresh(hunt: Hunt, outcome: Outcome): Map<string, FoundSite[]> {
  const found = new Map<string, FoundSite[]>()
  for (const site of outcome.sites) {
    const { reference } = site
    if (hunt.known.has(reference) || hunt.appearing.has(reference) || reference.includes(marker)) continue
    found.set(reference, [...(found.get(reference) ?? []), site])
  }
  return found
}

function keep(hunt: Hunt, flips: readonly Flip[], found: ReadonlyMap<string, readonly FoundSite[]>): void {
  for (const [reference, sites] of found) hunt.appearing.set(reference, { flips, sites })
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
    if (!isHelmError(error)) throw error
    return { ...hunt.base, sites: [], unresolved: [], failures: new Map([['', error]]) }
  }
}

export function isHelmError(error: unknown): error is HelmError {
  return error instanceof Error && error.name === 'HelmError'
}

/** What a file needs to take part at all. */
function needsOf({ needs }: Hunt, { prefix }: TemplateFile): readonly Flip[] {
  return needs.get(prefix.join('.')) ?? []
}

/** Each candidate alone; those that touch different files share a rendering. Returns how many were left. */
function singles(hunt: Hunt, candidates: readonly Candidate[], context: readonly Flip[]): number {
  const order = ['on', 'choice', 'fill', 'off']
  const sorted = candidates.toSorted((one, other) => order.indexOf(one.effect) - order.indexOf(other.effect))
  let left = sorted.flatMap(ofImages).length
  for (const batch of batches(sorted.flatMap(ofImages))) {
    if (spentUp(hunt)) return left
    left -= batch.length
    const owners = new Map(batch.flatMap((each) => each.files.map((file) => [file.name, each])))
    const flips = batch.map(({ flip }) => flip)
    const outcome = probe(hunt, [...context, ...flips], ({ name }) => owners.has(name))
    if (outcome.failures.has('')) {
      // together they do not even start: one after the other
      if (batch.length > 1) for (const each of batch) tryAlone(hunt, each)
      continue
    }
    const hits = new Set([...fresh(hunt, outcome).values()].flat().map(({ template }) => owners.get(template)))
    for (const hit of hits) if (hit !== undefined) tryAlone(hunt, hit)
  }
  return left
}

/** A candidate with those of its files that speak of images; files that do not are rendered in groups alone. */
function ofImages(candidate: Candidate): readonly Candidate[] {
  const files = candidate.files.filter(({ images }) => images)
  return files.length === 0 ? [] : [{ ...candidate, files }]
}

function tryAlone(hunt: Hunt, { flip, files }: Candidate): void {
  for (const [, its] of Map.groupBy(files, ({ prefix }) => prefix.join('.'))) {
    const [first] = its
    if (first === undefined) continue
    const names = new Set(its.map(({ name }) => name))
    const flips = distinct([...needsOf(hunt, first), flip])
    keep(hunt, flips, fresh(hunt, probe(hunt, flips, ({ name }) => names.has(name))))
  }
}

/** Candidates in lists of which no two touch the same file. */
function batches(candidates: readonly Candidate[]): Candidate[][] {
  const made: { readonly files: Set<string>; readonly members: Candidate[] }[] = []
  for (const candidate of candidates) {
    const free = made.find(({ files }) => candidate.files.every(({ name }) => !files.has(name)))
    const batch = free ?? { files: new Set<string>(), members: [] }
    if (free === undefined) made.push(batch)
    for (const { name } of candidate.files) batch.files.add(name)
    batch.members.push(candidate)
  }
  return made.map(({ members }) => members)
}

/** What templates test together: everything on, then with each choice. */
function groups(
  hunt: Hunt,
  candidates: readonly Candidate[],
  files: readonly TemplateFile[],
  context: readonly Flip[],
): void {
  const on = candidates.filter(({ effect }) => effect === 'on')
  const filled = candidates.filter(({ effect }) => effect === 'fill')
  round(hunt, files, context, [...on, ...filled])
  for (const choices of batches(candidates.filter(({ effect }) => effect === 'choice'))) {
    if (spentUp(hunt)) return
    const touched = new Set(choices.flatMap((each) => each.files))
    round(hunt, [...touched], context, [...choices, ...on])
  }
}

/** Flips many at once, looks what appears, and seeks for each new reference the least that shows it. */
function round(
  hunt: Hunt,
  files: readonly TemplateFile[],
  context: readonly Flip[],
  group: readonly Candidate[],
): void {
  if (spentUp(hunt)) return
  const touching = new Map(files.map((file) => [file.name, group.filter((each) => each.files.includes(file))]))
  const names = new Set(files.filter(({ name }) => (touching.get(name)?.length ?? 0) > 0).map(({ name }) => name))
  if (names.size === 0) return
  const outcome = probe(hunt, distinct([...context, ...group.map(({ flip }) => flip)]), ({ name }) => names.has(name))
  for (const [reference, sites] of fresh(hunt, outcome)) {
    const file = files.find(({ name }) => name === sites[0]?.template)
    if (file !== undefined) reduce(hunt, reference, file, touching.get(file.name) ?? [])
  }
  for (const file of files) {
    if (spentUp(hunt)) return
    const failed = outcome.failures.has('') ? names.has(file.name) : outcome.failures.has(file.name)
    if (failed) climb(hunt, file, touching.get(file.name) ?? [])
  }
}

/** Everything on fails: takes up what does not, in ever smaller portions. */
function climb(hunt: Hunt, file: TemplateFile, group: readonly Candidate[]): void {
  let accepted: readonly Candidate[] = []
  const open: (readonly Candidate[])[] = halves(group)
  let tries = 40
  for (let part = open.shift(); part !== undefined && tries > 0 && !spentUp(hunt); part = open.shift()) {
    tries -= 1
    const wanted = [...accepted, ...part]
    const outcome = probeFile(hunt, file, wanted)
    if (outcome.failures.size > 0) open.unshift(...halves(part))
    else accepted = wanted
    for (const reference of fresh(hunt, outcome).keys()) reduce(hunt, reference, file, wanted)
  }
}

function halves(group: readonly Candidate[]): (readonly Candidate[])[] {
  if (group.length < 2) return []
  const middle = group.length >> 1
  return [group.slice(0, middle), group.slice(middle)]
}

function probeFile(hunt: Hunt, file: TemplateFile, group: readonly Candidate[]): Outcome {
  const flips = distinct([...needsOf(hunt, file), ...group.map(({ flip }) => flip)])
  return probe(hunt, flips, ({ name }) => name === file.name)
}

/** The least of a group that shows a reference in a file: leaves out ever smaller portions as long as it stays. */
function reduce(hunt: Hunt, reference: string, file: TemplateFile, group: readonly Candidate[]): void {
  if (hunt.appearing.has(reference)) return
  const shows = (some: readonly Candidate[]): Map<string, FoundSite[]> | undefined => {
    const found = fresh(hunt, probeFile(hunt, file, some))
    return found.has(reference) ? found : undefined
  }
  let least = group
  let found = shows(least)
  if (found === undefined) return
  for (let portion = Math.ceil(least.length / 2); portion >= 1; portion = portion === 1 ? 0 : Math.ceil(portion / 2)) {
    for (let at = 0; at < least.length && !spentUp(hunt); ) {
      const rest = [...least.slice(0, at), ...least.slice(at + portion)]
      const without = shows(rest)
      if (without === undefined) at += portion
      else [least, found] = [rest, without]
    }
  }
  const flips = distinct([...needsOf(hunt, file), ...least.map(({ flip }) => flip)])
  keep(hunt, flips, found)
}

/** Of several flips of one value the last counts. */
function distinct(flips: readonly Flip[]): readonly Flip[] {
  const byPlace = new Map(flips.map((flip) => [flip.kind === 'value' ? JSON.stringify(flip.keys) : JSON.stringify(flip), flip]))
  return [...byPlace.values()]
}
