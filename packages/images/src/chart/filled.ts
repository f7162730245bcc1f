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
import { userValues } from './flips.js'
import type { Outcome, Session } from './session.js'
import { isHelmError } from './switches.js'
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
  const { given, failure, wanted } = fillIn(contextOf(session, settings, references), first)
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

function attempt(session: Session): Outcome | HelmError {
  try {
    return session.render([])
  } catch (error) {
    if (isHelmError(error)) return error
    throw error
  }
}

function contextOf(session: Session, settings: RenderSettings, references: ChartReferences): FillContext {
  const user = userValues(settings)
  const texts = new Map<string, string>()
  collect(session.chart.loaded, session.chart.metadata.name, texts)
  return {
    attempt(given) {
      session.values = withGiven(user, given)
      const outcome = attempt(session)
      session.values = user
      return isHelmError(outcome) ? outcome : undefined
    },
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
