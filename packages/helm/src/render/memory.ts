import { TemplateError, type GoMap } from '@ropeway/gotemplate'
import { digestOf } from '../chart/digest.js'
import type { EncodingCall } from '../functions/helm.js'
import type { ActiveChart } from './chart.js'
import { observe, seesSame, sizeOf, writeSame, type Observed } from './observed.js'
import { WatchedMap, type Watch } from './watched.js'

/** What came of one template. */
export interface Outcome {
  readonly text: string
  /** The checksums that it took. */
  readonly calls: readonly EncodingCall[]
}

interface Kept {
  readonly observed: Observed
  readonly outcome: Outcome | TemplateError
}

type KeptByName = Map<string, Kept[]>

/** What templates made, for renderings that differ in little: of each the latest few outcomes. */
const memories = new Map<string, KeptByName>()
const mostOutcomes = 8
/** In characters, more or less. */
const mostKept = 48 * 1024 * 1024
const perRead = 64
let kept = 0

/** The outcomes of templates in renderings of one chart under one seed. A template that would read what it read before makes what it made before. */
export interface Memory {
  /** Runs a template, or knows what comes of it. Throws what the template throws. */
  run(name: string, root: GoMap, execute: () => Outcome): Outcome
}

/** `scope`: all that templates see besides the values, as a text. */
export function openMemory(scope: string, watch: Watch): Memory {
  const found = memories.get(scope)
  const known: KeptByName = found ?? new Map<string, Kept[]>()
  if (found === undefined) memories.set(scope, known)
  let runs = 0
  return {
    run(name, root, execute) {
      if (watch.blind) return execute()
      const remembered = recall(known, name, root)
      if (remembered !== undefined) return given(remembered)
      watch.run = runs += 1
      watch.lost = false
      let outcome: Outcome | TemplateError
      try {
        outcome = execute()
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        outcome = error
      } finally {
        watch.run = 0
      }
      if (!watch.lost && !isLimit(outcome)) keep(known, name, observe(root, runs), outcome)
      return given(outcome)
    },
  }
}

function given(outcome: Outcome | TemplateError): Outcome {
  if (outcome instanceof TemplateError) throw outcome
  return outcome
}

/** How far a template came before a limit is not its own doing. */
function isLimit(outcome: Outcome | TemplateError): boolean {
  return outcome instanceof TemplateError && outcome.stage === 'limit'
}

function recall(known: KeptByName, name: string, { entries, isNil }: GoMap): Outcome | TemplateError | undefined {
  const list = known.get(name)
  if (list === undefined || !(entries instanceof WatchedMap)) return undefined
  const at = list.findIndex(({ observed }) => seesSame(observed, entries, isNil))
  const found = list[at]
  if (found === undefined) return undefined
  if (at > 0) list.unshift(...list.splice(at, 1))
  writeSame(found.observed, entries)
  return found.outcome
}

function keep(known: KeptByName, name: string, observed: Observed | undefined, outcome: Kept['outcome']): void {
  if (observed === undefined) return
  const one: Kept = { observed, outcome }
  kept += weight(one)
  if (kept > mostKept) {
    memories.clear()
    known.clear()
    kept = weight(one)
  }
  const list = known.get(name) ?? []
  known.set(name, list)
  list.unshift(one)
  const gone = list.length > mostOutcomes ? list.pop() : undefined
  if (gone !== undefined) kept -= weight(gone)
}

function weight({ observed, outcome }: Kept): number {
  const text =
    outcome instanceof TemplateError
      ? outcome.message.length
      : outcome.calls.reduce((sum, { input }) => sum + input.length, outcome.text.length)
  return text + perRead * sizeOf(observed)
}

/** A chart as it was decided about, without its values. */
export function chartScope({ name, loaded, declared, dependencies }: ActiveChart): unknown {
  return [
    name,
    digestOf(loaded),
    declared?.map((each) => [each.name, each.enabled]) ?? null,
    dependencies.map(chartScope),
  ]
}
