import {
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Alias,
  type Document,
  type Node,
  type Pair,
} from 'yaml'
import { addonsFileInvalid } from '../errors.js'

/** A value of a YAML file with the line that it stands in. Scalars are texts, exactly as written: `1.10` is no number. */
export type Tree = TreeMap | TreeList | TreeText

export interface TreeMap {
  readonly type: 'map'
  readonly line: number
  /** The last one counts where a key is repeated, as for Helm. */
  readonly entries: ReadonlyMap<string, Tree>
  /** What repeated keys hide, in order. */
  readonly hidden: readonly { readonly key: string; readonly value: Tree }[]
}

export interface TreeList {
  readonly type: 'list'
  readonly line: number
  readonly items: readonly Tree[]
}

export interface TreeText {
  readonly type: 'text'
  readonly line: number
  /** Empty for null. */
  readonly text: string
}

/** Nodes that a file may grow to through its aliases. */
const nodeLimit = 1_000_000

const deepest = 200

/** The documents of a YAML (or JSON) file. `name` is what errors call it. Throws `ADDONS_FILE_INVALID` with the line. */
export function readTrees(text: string, name: string): Tree[] {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : []
  for (const { errors } of documents) {
    const [problem] = errors
    if (problem !== undefined) {
      throw addonsFileInvalid(name, problem.message, lines.linePos(problem.pos[0]).line)
    }
  }
  const reader: Reader = { text, name, lineOf: (offset) => lines.linePos(offset).line, targets: new Map(), count: 0 }
  return documents.flatMap((document) =>
    document.contents === null ? [] : [convert(document.contents, document, reader, 0)],
  )
}

interface Reader {
  readonly text: string
  readonly name: string
  lineOf(offset: number): number
  /** What aliases stand for: finding it means walking the document. */
  readonly targets: Map<Alias, Node>
  count: number
}

function convert(node: unknown, document: Document, reader: Reader, depth: number): Tree {
  const line = isNode(node) ? reader.lineOf(node.range?.[0] ?? 0) : 1
  reader.count += 1
  if (reader.count > nodeLimit || depth > deepest) throw addonsFileInvalid(reader.name, 'it is nested too deep', line)
  if (isAlias(node)) {
    const target = reader.targets.get(node) ?? node.resolve(document)
    if (target !== undefined) reader.targets.set(node, target)
    else throw addonsFileInvalid(reader.name, `the alias *${node.source} has no anchor`, line)
    return convert(target, document, reader, depth + 1)
  }
  if (isSeq(node))
    return { type: 'list', line, items: node.items.map((item) => convert(item, document, reader, depth + 1)) }
  if (isMap(node)) return unquotedTemplate(node, reader, line) ?? convertMap(node.items, line, document, reader, depth)
  if (!isScalar(node) || node.value === null) return { type: 'text', line, text: '' }
  return { type: 'text', line, text: typeof node.value === 'string' ? node.value : (node.source ?? '') }
}

/** `{{ .x }}` without quotes is a map to YAML, and a template to its author. */
function unquotedTemplate({ range }: Node, { text }: Reader, line: number): TreeText | undefined {
  const [start, end] = range ?? [0, 0]
  return text.startsWith('{{', start) ? { type: 'text', line, text: text.slice(start, end) } : undefined
}

function convertMap(pairs: readonly Pair[], line: number, document: Document, reader: Reader, depth: number): TreeMap {
  const entries = new Map<string, Tree>()
  const merged = new Map<string, Tree>()
  const hidden: { key: string; value: Tree }[] = []
  for (const pair of pairs) {
    const key = convert(pair.key, document, reader, depth + 1)
    const name = key.type === 'text' ? key.text : ''
    const empty: Tree = { type: 'text', line: key.line, text: '' }
    const value = pair.value === null ? empty : convert(pair.value, document, reader, depth + 1)
    if (name === '<<') {
      for (const [each, tree] of mergedEntries(value)) if (!merged.has(each)) merged.set(each, tree)
      continue
    }
    const before = entries.get(name)
    if (before !== undefined) hidden.push({ key: name, value: before })
    entries.set(name, { ...value, line: key.line })
  }
  for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value)
  return { type: 'map', line, entries, hidden }
}

/** What `<<: *base` and `<<: [*a, *b]` bring in; of equal keys the first counts. */
function mergedEntries(value: Tree): [string, Tree][] {
  if (value.type === 'map') return [...value.entries]
  return value.type === 'list' ? value.items.flatMap(mergedEntries) : []
}

function isNode(value: unknown): value is Node {
  return isAlias(value) || isMap(value) || isSeq(value) || isScalar(value)
}

/** The text of a map's entry, trimmed; `undefined` when it is empty, missing or no text. */
export function textAt(map: TreeMap, key: string): string | undefined {
  const value = map.entries.get(key)
  const text = value?.type === 'text' ? value.text.trim() : ''
  return text === '' ? undefined : text
}

/** The map of a map's entry, if it is one. */
export function mapAt(map: TreeMap, key: string): TreeMap | undefined {
  const value = map.entries.get(key)
  return value?.type === 'map' ? value : undefined
}
