import type { RopewayError } from '@ropeway/core'
import type { Addon, AddonList } from '@ropeway/helm'
import type { Lock, Receipt } from '@ropeway/engine'
import { z } from 'zod'
import type { AddonResult } from '../results.js'
import type { Owners } from '../progress/owners.js'

const Names = z.array(z.string())

/** An addon's chart in a lock, with the ids of all that belongs to it. */
interface Belongings {
  readonly version: string | undefined
  /** The version that was written, where another one was taken. */
  readonly pinned: string | undefined
  readonly id: string
  readonly ids: ReadonlySet<string>
  /** All that errors may call them. */
  readonly called: ReadonlySet<string>
}

/** What became of each addon, in the order in which they are written: delivered, failed with the last cause, or skipped. */
export function addonOutcomes(
  { addons, skipped }: AddonList,
  lock: Lock,
  failures: readonly RopewayError[],
  receipts: readonly Receipt[],
): AddonResult[] {
  const belongings = belongingsOf(lock)
  return [
    ...addons.map((addon) => outcomeOf(addon, belongings.get(addon.name), failures, receipts)),
    ...skipped.map(({ name, reason, place }) => ({ name, at: place, outcome: 'skipped' as const, message: reason })),
  ]
}

function outcomeOf(
  addon: Addon,
  own: Belongings | undefined,
  failures: readonly RopewayError[],
  receipts: readonly Receipt[],
): AddonResult {
  const head = { name: addon.name, at: addon.place, chart: addon.chart, version: own?.version ?? addon.version }
  const told = failures.findLast(({ about = '' }) => concerns(about, addon, own))
  const undelivered = receipts
    .flatMap(({ artifacts }) => artifacts)
    .findLast(({ id, outcome }) => outcome === 'failed' && own?.ids.has(id) === true)?.error
  const error = undelivered ?? told
  if (error !== undefined) return { ...head, outcome: 'failed', code: error.code, message: error.message }
  if (own === undefined) return { ...head, outcome: 'failed', message: 'it was not resolved' }
  return { ...head, outcome: 'done', pinned: own.pinned }
}

function concerns(about: string, addon: Addon, own: Belongings | undefined): boolean {
  if (about === addon.name) return true
  if (own !== undefined) return own.called.has(about)
  return about === addon.chart || about.startsWith(`chart:${addon.chart}:`)
}

/** By addon: its chart, the images that the chart needs, and what they are called. */
function belongingsOf(lock: Lock): ReadonlyMap<string, Belongings> {
  const found = new Map<string, Belongings>()
  for (const chart of lock.artifacts) {
    const names = Names.safeParse(parsed(chart.annotations?.['addons.names']))
    if (!names.success) continue
    const images = lock.artifacts.filter(({ requiredBy = [] }) => requiredBy.includes(chart.id))
    const all = [chart, ...images]
    const own: Belongings = {
      id: chart.id,
      version: chart.version,
      pinned: chart.annotations?.['addons.pinned'],
      ids: new Set(all.map(({ id }) => id)),
      called: new Set(all.flatMap(({ id, name, source }) => [id, name, source.reference ?? id])),
    }
    for (const name of names.data) found.set(name, own)
  }
  return found
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Tells the progress of a run whose artifacts are. What several addons need is the first one's. */
export function claimArtifacts(lock: Lock, owners: Owners): void {
  for (const [name, { ids }] of [...belongingsOf(lock)].reverse()) for (const id of ids) owners.claim(id, name)
}
