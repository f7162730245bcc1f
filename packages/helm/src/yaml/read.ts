import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Alias, Document, Node, Scalar } from 'yaml'
import { type YamlScalar, floatText, plainScalar } from './scalar.js'

/** A YAML value: integers are bigint, floats are number. Maps have no prototype, so any key is safe. */
export type YamlValue = YamlScalar | readonly YamlValue[] | YamlMap
export interface YamlMap {
  readonly [key: string]: YamlValue
}

/** Why a text is no YAML that Helm would read; the caller says of what. `line` counts from 1. */
export interface YamlProblem {
  readonly message: string
  readonly line?: number | undefined
}

/** Values that one document may hold, aliases expanded: what stops a few lines of aliases from becoming gigabytes. */
const largest = 1_000_000
const deepest = 500
const tooDeep: YamlProblem = { message: `it is nested more than ${String(deepest)} levels deep` }

/**
 * Reads the first document of a YAML text as Helm does: YAML 1.1 scalars (or what `plain` makes of unquoted ones), merge
 * keys in their place, of equal keys the last wins, keys that are not text become text. Calls `fail` for what cannot be
 * read.
 */
export function readYaml(
  text: string,
  fail: (problem: YamlProblem) => Error,
  plain: (text: string) => YamlScalar = plainScalar,
): YamlValue {
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    schema: 'failsafe',
    uniqueKeys: false,
    strict: false,
    logLevel: 'silent',
  })
  const [error] = document.errors
  if (error?.code === 'RESOURCE_EXHAUSTION') throw fail(tooDeep)
  if (error !== undefined) {
    const [message = ''] = error.message.split('\n')
    throw fail({ message: message.replace(/ at line \d+, column \d+:?$/, ''), line: error.linePos?.[0].line })
  }
  const reader: Reader = { document, fail, plain, targets: new Map(), left: largest, depth: 0 }
  return document.contents === null ? null : readNode(document.contents, reader)
}

interface Reader {
  readonly document: Document
  readonly fail: (problem: YamlProblem) => Error
  readonly plain: (text: string) => YamlScalar
  /** What aliases stand for: finding it means walking the document. */
  readonly targets: Map<Node, Node>
  left: number
  depth: number
}

function readNode(node: Node | null, reader: Reader): YamlValue {
  reader.left -= 1
  if (reader.left < 0) throw reader.fail({ message: 'its aliases expand to more than a million values' })
  if (reader.depth > deepest) throw reader.fail(tooDeep)
  reader.depth += 1
  try {
    if (isAlias(node)) return readNode(resolveAlias(node, reader), reader)
    if (isMap<Node, Node | null>(node)) return readMap(node.items, reader)
    if (isSeq<Node | null>(node)) return node.items.map((item) => readNode(item, reader))
    return isScalar(node) ? readScalar(node, reader) : null
  } finally {
    reader.depth -= 1
  }
}

function resolveAlias(node: Alias, reader: Reader): Node {
  const target = reader.targets.get(node) ?? node.resolve(reader.document)
  if (target === undefined) throw reader.fail({ message: 'it refers to an anchor that does not exist' })
  reader.targets.set(node, target)
  return target
}

function readMap(pairs: readonly { key: Node; value: Node | null }[], reader: Reader): YamlMap {
  const map: Record<string, YamlValue> = emptyMap()
  for (const { key, value } of pairs) {
    if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<') Object.assign(map, mergedMap(value, reader))
    else map[keyText(readNode(key, reader), reader)] = readNode(value, reader)
  }
  return map
}

/** What `<<` brings: one map, or several of which an earlier one wins. */
function mergedMap(node: Node | null, reader: Reader): YamlMap {
  const value = readNode(node, reader)
  const maps = Array.isArray(value) ? [...(value as readonly YamlValue[])].reverse() : [value]
  const merged: Record<string, YamlValue> = emptyMap()
  for (const map of maps) {
    if (!isYamlMap(map)) throw reader.fail({ message: 'a merge key (<<) wants a map or a list of maps' })
    Object.assign(merged, map)
  }
  return merged
}

function keyText(key: YamlValue, reader: Reader): string {
  if (typeof key === 'string') return key
  if (typeof key === 'number') return floatText(key)
  if (typeof key === 'bigint' || typeof key === 'boolean') return String(key)
  throw reader.fail({ message: 'a key is empty, a list or a map' })
}

function readScalar(node: Scalar, reader: Reader): YamlScalar {
  const text = typeof node.value === 'string' ? node.value : (node.source ?? '')
  const tag = node.tag?.replace(/^tag:yaml\.org,2002:/, '!!')
  if (tag === '!!binary') return Buffer.from(text, 'base64').toString('utf8')
  if (tag === '!!str' || tag === '!') return text
  if (tag !== undefined && /^!!(?:null|bool|int|float)$/.test(tag)) return tagged(tag, plainScalar(text), text, reader)
  // tags that are not known are ignored
  return node.type === 'PLAIN' || node.type === undefined ? reader.plain(text) : text
}

function tagged(tag: string, value: YamlScalar, text: string, reader: Reader): YamlScalar {
  if (tag === '!!float' && typeof value === 'bigint') return Number(value)
  const wanted = { '!!null': 'object', '!!bool': 'boolean', '!!int': 'bigint', '!!float': 'number' }[tag]
  if (typeof value !== wanted) throw reader.fail({ message: `${JSON.stringify(text)} is no ${tag}` })
  return value
}

export function isYamlMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function emptyMap(): Record<string, YamlValue> {
  return Object.create(null) as Record<string, YamlValue>
}

/** The value as JSON data: integers become numbers, as in Helm, which loses digits above 2^53. */
export function toJson(value: YamlValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return (value as readonly YamlValue[]).map(toJson)
  if (!isYamlMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
}
