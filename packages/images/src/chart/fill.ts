import { formatValuesPath, type ChartReferences, type HelmError } from '@ropeway/helm'
import { isValueList, isValueMap, type Value } from '../construct.js'
import type { Path } from '../path.js'
import { pathsIn, placesOf, type Complaint } from './complaint.js'
import { plausible } from './plausible.js'

/** A value that a chart may be waiting for. */
export interface Proposal {
  readonly keys: Path
  readonly value: Value
}

/** How often a chart may ask for something more, and how many answers are tried each time. */
export interface FillLimits {
  readonly rounds: number
  readonly answers: number
}

const defaultLimits: FillLimits = { rounds: 30, answers: 24 }

export interface Filling {
  /** What was given so far; later ones win. */
  readonly given: readonly Proposal[]
  /** The failure that stays; `undefined` when the chart renders. */
  readonly failure: HelmError | undefined
  /** Values that the last failure seems to be about. */
  readonly wanted: readonly string[]
}

export interface FillContext {
  /** Renders with what is given; returns the failure. */
  attempt(given: readonly Proposal[]): HelmError | undefined
  /** The values that the chart sees, as far as they are known without rendering. */
  readonly values: Value
  /** What the user set, which is never replaced. */
  isUsers(keys: Path): boolean
  readonly references: ChartReferences
  /** The text of a template. */
  textOf(template: string): string | undefined
  readonly texts: ReadonlyMap<string, string>
}

/**
 * Gives a chart that does not render the values that it complains about, plausible ones, one after the other, as long as its
 * complaints change.
 */
export function fillIn(context: FillContext, first: HelmError, limits = defaultLimits): Filling {
  let failure: HelmError | undefined = first
  let given: readonly Proposal[] = []
  const complaints = new Set([first.message])
  let wanted: readonly string[] = []
  for (let round = 0; round < limits.rounds && failure !== undefined; round += 1) {
    const proposals = proposalsFor(context, failure, given)
    wanted = [...new Set(proposals.map(({ keys }) => formatValuesPath(keys)))]
    const next = firstThatHelps(context, given, proposals.slice(0, limits.answers), complaints)
    if (next === undefined) break
    given = next.given
    failure = next.failure
    if (failure !== undefined) complaints.add(failure.message)
  }
  return { given, failure, wanted }
}

function firstThatHelps(
  context: FillContext,
  given: readonly Proposal[],
  proposals: readonly Proposal[],
  complaints: ReadonlySet<string>,
): Pick<Filling, 'given' | 'failure'> | undefined {
  let better: Pick<Filling, 'given' | 'failure'> | undefined
  for (const proposal of proposals) {
    const tried = [...given, proposal]
    const failure = context.attempt(tried)
    if (failure === undefined) return { given: tried, failure }
    // a new complaint is a step ahead, unless it is about what was just given
    if (better === undefined && !complaints.has(failure.message) && !blames(failure, proposal)) {
      better = { given: tried, failure }
    }
  }
  return better
}

function blames({ message }: HelmError, { keys }: Proposal): boolean {
  return (
    /wrong type|incompatible types|cannot unmarshal|got (?:string|boolean|object|array|number), want/.test(message) &&
    message.includes(String(keys.at(-1)))
  )
}

/** Answers to a complaint, the likeliest first. */
function proposalsFor(context: FillContext, failure: HelmError, given: readonly Proposal[]): readonly Proposal[] {
  const complaint: Complaint = {
    message: failure.message,
    template: failure.template,
    line: failure.line,
    text: failure.template === undefined ? undefined : context.textOf(failure.template),
    texts: context.texts,
  }
  const proposals = new Map<string, Proposal>()
  for (const { keys, expected, choices } of placesOf(complaint, known(context))) {
    if (keys.length === 0 || context.isUsers(keys)) continue
    const now = given.findLast((each) => sameKeys(each.keys, keys))?.value ?? valueAt(context.values, keys)
    const compared = comparedWith(context, keys)
    for (const value of plausible(keys, now, {
      expected,
      choices: [...choices, ...compared],
      message: failure.message,
    })) {
      const proposal = { keys, value }
      proposals.set(JSON.stringify(proposal), proposal)
    }
  }
  return [...proposals.values()]
}

/** Paths that messages may mean. */
function known({ references, values }: FillContext): readonly string[] {
  return pathsIn([...references.paths, ...leaves(values, [])])
}

function leaves(value: Value, keys: Path): string[] {
  if (!isValueMap(value) || Object.keys(value).length === 0) return keys.length === 0 ? [] : [formatValuesPath(keys)]
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...keys, key]))
}

function comparedWith({ references }: FillContext, keys: Path): readonly string[] {
  const path = formatValuesPath(keys)
  const texts = references.conditions.flatMap(({ literals }) =>
    literals.flatMap(({ path: own, value }) =>
      own === path && typeof value === 'string' && value !== '' ? [value] : [],
    ),
  )
  return [...new Set(texts)]
}

function valueAt(values: Value, keys: Path): Value | undefined {
  let at: Value | undefined = values
  for (const key of keys) {
    if (isValueMap(at)) at = Object.hasOwn(at, key) ? at[key] : undefined
    else if (isValueList(at)) at = at[Number(key)]
    else return undefined
  }
  return at
}

function sameKeys(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((key, at) => key === other[at])
}

/** What was given as an object of paths and values, as a discovery tells it. */
export function asFilled(given: readonly Proposal[]): Record<string, unknown> {
  return Object.fromEntries(given.map(({ keys, value }) => [formatValuesPath(keys), value]))
}
