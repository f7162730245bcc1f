import { GoMap, GoNumber, GoObject, GoSlice, type Value } from '@ropeway/gotemplate'
import { WatchedMap, type Seen } from './watched.js'

/** What a run saw of a map and of those below it, and what it left there. */
export interface Observed {
  readonly isNil: boolean
  readonly reads: readonly (readonly [key: string, seen: Seen | Below])[]
  /** How many keys there were, when the run looked at all of them; each is among the reads then. */
  readonly size: number | undefined
  readonly writes: readonly (readonly [key: string, value: Seen])[]
}

/** A map under a key. */
class Below {
  readonly observed: Observed
  constructor(observed: Observed) {
    this.observed = observed
  }
}

/** What a run did, from the map that it started with; undefined for a map that is not watched. */
export function observe(root: GoMap, run: number): Observed | undefined {
  if (!(root.entries instanceof WatchedMap)) return undefined
  return observeMap(root.entries, root.isNil, run)
}

function observeMap(map: WatchedMap, isNil: boolean, run: number): Observed {
  const log = map.logOf(run)
  if (log === undefined) return { isNil, reads: [], size: undefined, writes: [] }
  const reads: (readonly [string, Seen | Below])[] = []
  for (const [key, seen] of log.reads) {
    if (!(seen instanceof GoMap)) {
      reads.push([key, seen])
      continue
    }
    // maps that are not watched are the same in all renderings
    if (seen.entries instanceof WatchedMap) reads.push([key, new Below(observeMap(seen.entries, seen.isNil, run))])
  }
  return { isNil, reads, size: log.size, writes: [...log.writes] }
}

/** Whether a run that starts with a map would see the same. The order of keys is none: Go has none. */
export function seesSame({ isNil, reads, size }: Observed, map: WatchedMap, nil: boolean): boolean {
  if (isNil !== nil || (size !== undefined && size !== map.peekSize())) return false
  return reads.every(([key, seen]) => {
    const now = map.peek(key)
    if (!(seen instanceof Below)) return same(seen, now)
    const below = now instanceof GoMap ? map.below(key) : undefined
    return below !== undefined && now instanceof GoMap && seesSame(seen.observed, below, now.isNil)
  })
}

/** Leaves in a map what a run left. */
export function writeSame({ reads, writes }: Observed, map: WatchedMap): void {
  for (const [key, value] of writes) {
    if (value === undefined) map.remove(key)
    else map.place(key, value)
  }
  for (const [key, seen] of reads) {
    const below = seen instanceof Below ? map.below(key) : undefined
    if (seen instanceof Below && below !== undefined) writeSame(seen.observed, below)
  }
}

/** How much is kept: a number that grows with the memory that it takes. */
export function sizeOf({ reads, writes }: Observed): number {
  return reads.reduce((sum, [, seen]) => sum + (seen instanceof Below ? sizeOf(seen.observed) : 1), 1 + writes.length)
}

function same(a: Seen, b: Seen): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof GoNumber) return b instanceof GoNumber && a.type === b.type && Object.is(a.value, b.value)
  if (a instanceof GoSlice) return b instanceof GoSlice && sameKind(a, b) && sameItems(a.items, b.items)
  if (a instanceof GoMap) return b instanceof GoMap && sameKind(a, b) && sameEntries(a.entries, b.entries)
  if (!(a instanceof GoObject) || !(b instanceof GoObject)) return false
  return sameKind(a, b) && a.native === b.native && sameEntries(a.fields, b.fields)
}

function sameEntries(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) if (!same(value, b.get(key))) return false
  return true
}

function sameKind<T extends GoMap | GoSlice | GoObject>(a: T, b: T): boolean {
  return a.type === b.type && a.isNil === b.isNil
}

function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, at) => same(item, b[at]))
}
