import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'

/**
 * The entries of a copied map, taken over when they are first asked for: of a chart's values most are neither merged nor read. The given ones
 * must stay as they are from then on.
 */
export class LazyMap extends Map<string, Value> {
  #source: ReadonlyMap<string, Value> | undefined

  constructor(source: ReadonlyMap<string, Value>) {
    super()
    // a copy that nobody has looked into is what it is a copy of
    this.#source = (source instanceof LazyMap ? source.#source : undefined) ?? source
  }

  protected get source(): ReadonlyMap<string, Value> | undefined {
    return this.#source
  }

  protected fill(): void {
    const source = this.#source
    if (source === undefined) return
    this.#source = undefined
    for (const [key, value] of source) super.set(key, this.copied(value))
  }

  /** What stands for a value of the given entries. */
  protected copied(value: Value): Value {
    return lazyCopy(value)
  }

  override get(key: string): Value | undefined {
    this.fill()
    return super.get(key)
  }

  override has(key: string): boolean {
    this.fill()
    return super.has(key)
  }

  override set(key: string, value: Value): this {
    this.fill()
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    this.fill()
    return super.delete(key)
  }

  override clear(): void {
    this.#source = undefined
    super.clear()
  }

  override get size(): number {
    this.fill()
    return super.size
  }

  override keys(): MapIterator<string> {
    this.fill()
    return super.keys()
  }

  override values(): MapIterator<Value> {
    this.fill()
    return super.values()
  }

  override entries(): MapIterator<[string, Value]> {
    this.fill()
    return super.entries()
  }

  override [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries()
  }

  override forEach(visit: (value: Value, key: string, map: Map<string, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this)
  }
}

/** Whether it is neither a map nor a list. */
export const isPlain = (value: Value | undefined): boolean => !(value instanceof GoMap || value instanceof GoSlice)

/** A copy all the way down, made where it is looked at. What it is a copy of must not be changed any more; lists of plain values are shared. */
export function lazyCopy<T extends Value>(value: T): T
export function lazyCopy(value: Value): Value {
  if (value instanceof GoMap) return value.isNil ? value : new GoMap(value.type, new LazyMap(value.entries))
  if (!(value instanceof GoSlice) || value.items.every(isPlain)) return value
  return new GoSlice(
    value.type,
    value.items.map((item) => lazyCopy(item)),
    value.isNil,
  )
}
