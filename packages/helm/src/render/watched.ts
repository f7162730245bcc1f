import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import { LazyMap, isPlain } from '../values/lazy-copy.js'

/** Takes down what a template reads and writes of the maps that it is given. */
export interface Watch {
  /** Which run is watched; 0 between runs. */
  run: number
  /** What the run did cannot be told as reads and writes: it is not to be remembered. */
  lost: boolean
  /** Maps hold what is not watched: nothing more can be told in this rendering. */
  blind: boolean
}

export function makeWatch(): Watch {
  return { run: 0, lost: false, blind: false }
}

/** What was there when a run first looked at a key; undefined where nothing was. Lists are the original ones. */
export type Seen = Value | undefined

/** What a run did to one map. */
export interface Log {
  readonly run: number
  readonly reads: Map<string, Seen>
  /** How many keys there were when the run looked at all of them. */
  size: number | undefined
  /** What the run left under keys; undefined for those that it deleted. */
  readonly writes: Map<string, Seen>
}

/** `values`: maps below are watched too; `item`: in a list, that counts as a whole; `root`: what it holds stays as it is. */
type Kind = 'values' | 'item' | 'root'

const originals = new WeakMap<GoSlice, GoSlice>()

function originalOf(value: Seen): Seen {
  return value instanceof GoSlice ? (originals.get(value) ?? value) : value
}

/** Entries of a map that are watched; the given ones stay as they are. */
export class WatchedMap extends LazyMap {
  readonly #kind: Kind
  readonly #watch: Watch
  #log: Log | undefined

  constructor(source: ReadonlyMap<string, Value>, watch: Watch, kind: Kind) {
    super(source)
    this.#watch = watch
    this.#kind = kind
  }

  /** What the watched run did here. */
  logOf(run: number): Log | undefined {
    return this.#log?.run === run ? this.#log : undefined
  }

  /** The value of a key, unwatched. */
  peek(key: string): Seen {
    const { source } = this
    return source === undefined ? originalOf(super.get(key)) : source.get(key)
  }

  /** How many keys there are, unwatched. */
  peekSize(): number {
    return this.source?.size ?? super.size
  }

  /** The map under a key, unwatched; undefined when it is none that is watched. */
  below(key: string): WatchedMap | undefined {
    const value = super.get(key)
    return value instanceof GoMap && value.entries instanceof WatchedMap ? value.entries : undefined
  }

  /** Sets a key, unwatched. */
  place(key: string, value: Value): void {
    super.set(key, value)
  }

  /** Deletes a key, unwatched. */
  remove(key: string): void {
    super.delete(key)
  }

  protected override copied(value: Value): Value {
    return this.#kind === 'root' ? value : watchedValue(value, this.#watch, this.#kind)
  }

  #current(): Log | undefined {
    const { run } = this.#watch
    if (run === 0 || this.#kind === 'item') return undefined
    if (this.#log?.run !== run) this.#log = { run, reads: new Map(), size: undefined, writes: new Map() }
    return this.#log
  }

  #note(key: string): void {
    const log = this.#current()
    if (log === undefined || log.reads.has(key) || log.writes.has(key)) return
    log.reads.set(key, originalOf(super.get(key)))
  }

  #noteAll(): void {
    const log = this.#current()
    if (log === undefined || log.size !== undefined) return
    if (log.writes.size > 0) this.#watch.lost = true
    log.size = super.size
    for (const key of super.keys()) this.#note(key)
  }

  #noteWrite(key: string, value: Seen): void {
    const watch = this.#watch
    if (watch.run === 0) return
    // what is put in may be changed unseen later, and lists are told as wholes
    if (!isPlain(value) || this.#kind === 'item') watch.blind = watch.lost = true
    this.#current()?.writes.set(key, value)
  }

  override get(key: string): Value | undefined {
    this.#note(key)
    return super.get(key)
  }

  override has(key: string): boolean {
    this.#note(key)
    return super.has(key)
  }

  override set(key: string, value: Value): this {
    this.#noteWrite(key, value)
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    this.#note(key)
    this.#noteWrite(key, undefined)
    return super.delete(key)
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key)
  }

  override get size(): number {
    this.#noteAll()
    return super.size
  }

  override keys(): MapIterator<string> {
    this.#noteAll()
    return super.keys()
  }

  override values(): MapIterator<Value> {
    this.#noteAll()
    return super.values()
  }

  override entries(): MapIterator<[string, Value]> {
    this.#noteAll()
    return super.entries()
  }
}

function watchedValue(value: Value, watch: Watch, kind: Kind): Value {
  if (value instanceof GoMap) return watchedMap(value, watch, kind)
  if (!(value instanceof GoSlice) || value.items.every(isPlain)) return value
  const watched = new GoSlice(
    value.type,
    value.items.map((item) => watchedValue(item, watch, 'item')),
    value.isNil,
  )
  originals.set(watched, value)
  return watched
}

/** A map whose entries, and those of the maps below, are watched; the given one is not changed. */
export function watchedMap(map: GoMap, watch: Watch, kind: Kind = 'values'): GoMap {
  return new GoMap(map.type, new WatchedMap(map.entries, watch, kind), map.isNil)
}
