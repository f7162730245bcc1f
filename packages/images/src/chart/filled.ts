import { isRopewayError } from '@ropeway/core'
import { GoMap, type Value as GoValue } from '@ropeway/gotemplate'
import {
  applySet,
  deepCopy,
  formatValuesPath,
  type ChartReferences,
  type HelmError,
  type LoadedChart,
} from '@ropeway/helm'
import { isValueMap, type Value } from '../construct.js'
import { chartNotRendered } from '../errors.js'
import { plainValue } from '../find/documents.js'
import type { Path } from '../path.js'
import { asFilled, fillIn, type FillContext, type Proposal } from './fill.js'
import { userValues, type Flip } from './flips.js'
import { isHelmError, type Outcome, type Session } from './session.js'
import type { RenderSettings } from './types.js'

export interface FilledRender {
  readonly base: Outcome
  /** Dotted path → value. */
  readonly filled: Readonly<Record<string, unknown>>
}

/**
 * Renders a chart; when it asks for values that it was not given, with plausible ones, which the session then keeps. Throws
 * `CHART_NOT_RENDERED`.
 */
export function renderFilled(session: Session, settings: RenderSettings, references: ChartReferences): FilledRender {
  const first = attempt(session)
  if (!isHelmError(first)) return { base: first, filled: {} }
  const user = session.values
  const context = {
    ...contextOf(session, userValues(settings), references),
    attempt(given: readonly Proposal[]) {
      session.values = withGiven(user, given)
      const outcome = attempt(session)
      session.values = user
      return isHelmError(outcome) ? outcome : undefined
    },
  }
  const { given, failure, wanted } = fillIn(context, first)
  if (failure === undefined) {
    session.values = withGiven(user, given)
    const base = attempt(session)
    if (!isHelmError(base)) return { base, filled: asFilled(given) }
  }
  session.values = user
  throw chartNotRendered(session.chart.metadata.name, first, {
    wanted,
    filled: Object.keys(asFilled(given)),
    last: failure,
  })
}

/** What a chart is asked to render so that it says what it lacks. */
export interface Asked {
  readonly flips: readonly Flip[]
  /** Names of the templates that are rendered. */
  readonly files: ReadonlySet<string>
}

/** Fewer than a chart gets that renders nothing at all: there are many switches. */
const forSwitch = { rounds: 4, answers: 6 }

/**
 * What templates ask for besides, with something switched: flips with plausible values; `undefined` when none of them helps, or
 * the chart asks for what no switch can say.
 */
export function fillSwitch(
  session: Session,
  references: ChartReferences,
  { flips, files }: Asked,
  first: HelmError,
): readonly Flip[] | undefined {
  const attempt = (given: readonly Proposal[]): HelmError | undefined => {
    const answers = asFlips(given)
    if (answers === undefined) return first
    try {
      const outcome = attemptWith(session, [...flips, ...answers], files)
      return isHelmError(outcome) ? outcome : undefined
    } catch (error) {
      // answers that stand in each other's way
      if (isRopewayError(error)) return first
      throw error
    }
  }
  const context = { ...contextOf(session, session.values, references), attempt }
  const { given, failure } = fillIn(context, first, forSwitch)
  return failure === undefined ? asFlips(given) : undefined
}

function asFlips(given: readonly Proposal[]): readonly Flip[] | undefined {
  const flips = given.flatMap(({ keys, value }): Flip[] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [{ kind: 'value', keys, value }]
      : [],
  )
  return flips.length === given.length ? flips : undefined
}

function attempt(session: Session): Outcome | HelmError {
  return attemptWith(session, [])
}

function attemptWith(session: Session, flips: readonly Flip[], files?: ReadonlySet<string>): Outcome | HelmError {
  try {
    return session.render(flips, files === undefined ? {} : { only: ({ name }) => files.has(name) })
  } catch (error) {
    if (isHelmError(error)) return error
    throw error
  }
}

function contextOf(session: Session, user: GoMap, references: ChartReferences): Omit<FillContext, 'attempt'> {
  const texts = new Map<string, string>()
  collect(session.chart.loaded, session.chart.metadata.name, texts)
  return {
    values: plainValue(session.chart.loaded.values),
    isUsers: (keys) => holds(plainValue(user), keys),
    references,
    textOf: (template) => texts.get(template),
    texts,
  }
}

/** The user's values, and below them what is filled in. */
function withGiven(user: GoMap, given: readonly Proposal[]): GoMap {
  const copy: GoValue = deepCopy(user)
  if (!(copy instanceof GoMap)) return user
  for (const { keys, value } of given) {
    clearNulls(copy, keys)
    applySet(copy, `${formatValuesPath(keys)}=${JSON.stringify(value)}`, 'json')
  }
  return copy
}

/** Takes nulls away on the way to a value, which flags do not go through. */
function clearNulls(values: GoMap, keys: Path): void {
  let at = values
  for (const key of keys.slice(0, -1)) {
    const next = at.entries.get(String(key))
    if (next === null) at.entries.delete(String(key))
    if (!(next instanceof GoMap)) return
    at = next
  }
}

function holds(values: Value, keys: Path): boolean {
  let at: Value | undefined = values
  for (const key of keys) {
    if (!isValueMap(at) || !Object.hasOwn(at, key)) return false
    at = at[key]
  }
  return at !== null && at !== ''
}

function collect({ templates, charts }: LoadedChart, path: string, texts: Map<string, string>): void {
  for (const { path: own, text } of templates) texts.set(`${path}/${own}`, text)
  for (const chart of charts) collect(chart, `${path}/charts/${chart.metadata.name}`, texts)
}
