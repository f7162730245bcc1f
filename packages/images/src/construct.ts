import { isAlias, isMap, isScalar, isSeq, type Alias, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

import type { Path } from './path.js'

/** A plain value of a document. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueMap
export interface ValueMap {
  readonly [key: string]: Value
}

/** A document as plain values, and the place of each of them in the text. */
export interface Constructed {
  readonly value: Value
  /** Offset in characters of the key or item at the path, or of the nearest place around it. */
  offsetOf(path: Path): number
}

/** Called for what is well-formed YAML and still cannot be a document of ours; `template` when it looks like one. */
export type Fail = (offset: number, problem: string, template?: boolean) => never

const maxDepth = 200
/** Values that aliases may make of one document: far above any real one, far below what exhausts memory or time. */
const maxValues = 2_000_000

interface Built {
  readonly value: Value
  /** How many values this is when every alias is written out. */
  readonly count: number
}

/**
 * Makes plain values of a parsed document, as kubectl reads it: of a key that stands twice the last one counts, `<<`
 * merges, keys become strings. The `yaml` package could do it too, but would not tell the lines.
 */
export function construct(root: Node | null, fail: Fail): Constructed {
  const anchors = new Map<string, Built>()
  const offsets = new WeakMap<object, Map<string | number, number>>()
  const start = offsetOfNode(root)

  function build(node: unknown, depth: number): Built {
    if (depth > maxDepth) fail(offsetOfNode(node), `nested deeper than ${maxDepth} levels`)
    if (isAlias(node)) return aliased(node)
    const built = isMap(node) ? map(node, depth) : isSeq(node) ? list(node, depth) : scalar(node)
    if (built.count > maxValues) fail(offsetOfNode(node), `its aliases stand for more than ${maxValues} values`)
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined
    if (anchor !== undefined) anchors.set(anchor, built)
    return built
  }

  function aliased(node: Alias): Built {
    return anchors.get(node.source) ?? fail(offsetOfNode(node), `the alias *${node.source} has no anchor before it`)
  }

  function list(node: YAMLSeq, depth: number): Built {
    const items = node.items.map((item) => build(item, depth + 1))
    const value = items.map((item) => item.value)
    offsets.set(value, new Map(node.items.map((item, index) => [index, offsetOfNode(item, offsetOfNode(node))])))
    return { value, count: items.reduce((sum, item) => sum + item.count, 1) }
  }

  function map(node: YAMLMap, depth: number): Built {
    const own = new Map<string, Value>()
    const merged = new Map<string, Value>()
    const places = new Map<string | number, number>()
    let count = 1
    for (const pair of node.items) {
      const key = keyOf(pair, node)
      const offset = offsetOfNode(pair.key, offsetOfNode(node))
      const built = build(pair.value, depth + 1)
      count += built.count
      if (isMergeKey(pair)) merge(built.value, offset, merged, places)
      else {
        own.set(key, built.value)
        places.set(key, offset)
      }
    }
    for (const [key, item] of merged) if (!own.has(key)) own.set(key, item)
    const value = Object.fromEntries(own)
    offsets.set(value, places)
    return { value, count }
  }

  function merge(
    source: Value,
    offset: number,
    merged: Map<string, Value>,
    places: Map<string | number, number>,
  ): void {
    for (const part of isValueList(source) ? source : [source]) {
      if (!isValueMap(part)) fail(offset, 'the merge key "<<" takes a map or a list of maps')
      for (const [key, item] of Object.entries(part)) {
        if (merged.has(key)) continue
        merged.set(key, item)
        if (!places.has(key)) places.set(key, offsets.get(part)?.get(key) ?? offset)
      }
    }
  }

  function keyOf(pair: Pair, parent: YAMLMap): string {
    const { key } = pair
    if (isAlias(key)) {
      const { value } = aliased(key)
      if (typeof value !== 'object' || value === null) return String(value)
    }
    if (isScalar(key)) return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
    if (key === null) return ''
    return fail(offsetOfNode(key, offsetOfNode(parent)), 'a key is a map or a list, not a text', isMap(key))
  }

  const { value } = build(root, 0)
  return {
    value,
    offsetOf(path) {
      let offset = start
      let at: Value | undefined = value
      for (const step of path) {
        if (typeof at !== 'object' || at === null) break
        offset = offsets.get(at)?.get(step) ?? offset
        at = isValueList(at) ? at[Number(step)] : at[step]
      }
      return offset
    },
  }
}

/** True for a list of a document, which `Array.isArray` does not tell of a read-only type. */
export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

/** True for a map of a document. */
export function isValueMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function scalar(node: unknown): Built {
  const value: unknown = isScalar(node) ? node.value : null
  const plain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
  return { value: plain ? value : null, count: 1 }
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN'
}

function offsetOfNode(node: unknown, otherwise = 0): number {
  if (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)) return node.range?.[0] ?? otherwise
  return otherwise
}
