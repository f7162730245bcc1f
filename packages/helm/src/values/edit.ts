import { GoMap, GoSlice, fromBytes, listType, mapType, type Value } from '@ropeway/gotemplate'
import type { Json } from '@ropeway/core'
import { valuesNotEditable } from '../errors.js'
import { deepEqual } from '../functions/equal.js'
import { composeYaml } from '../yaml/compose.js'
import { readYamlMap } from '../yaml/from-yaml.js'
import { documentRanges, readValues, type TextRange } from './documents.js'
import { detached, splicesOf, type Splice } from './edit-splice.js'
import { aliasesOf, findTarget, isNothing } from './edit-target.js'
import { formatValuesPath, indexOf, withValue, type ValuesPath } from './path.js'
import { blockLines } from './write-value.js'

/** A value and where it goes. Numbers are indexes of lists where nothing is yet. */
export interface ValuesEdit {
  readonly path: ValuesPath
  readonly value: Json
}

/**
 * Sets values in the text of a values file. All bytes around them stay: comments, order, quotes, blank lines, anchors. What is not there
 * yet is added at the end of its map or list. Of several documents the last that has the value (else most of its path) is edited. Aliases and
 * merge keys keep what they stand for: a copy takes the place of what an edit would have changed for others.
 *
 * What Helm reads from the text afterwards is exactly what it read before, with the edits; nothing else is ever returned.
 * Throws `HelmError` for a text that is no values file, `VALUES_PATH_INVALID` for a path that leads through a text or number, and
 * `VALUES_NOT_EDITABLE` for what cannot be written so.
 */
export function editValues(text: string, edits: readonly ValuesEdit[]): string {
  const [first] = edits
  if (first === undefined) return text
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const bare = text.slice(mark.length)
  const wanted = edits.map(({ path, value }) => ({ path, value: toValue(value) }))
  let expected: Value = readValues(bare)
  for (const { path, value } of wanted) expected = withValue(expected, path, value)
  const lineBreak = /\r?\n/.exec(bare)?.[0] ?? '\n'
  let edited = bare
  for (let left = wanted; left.length > 0;) {
    const { splices, done } = round(edited, left)
    edited = applied(edited, splices, lineBreak)
    left = left.slice(done)
  }
  verify(edited, expected, first.path)
  return mark + edited
}

function verify(edited: string, expected: Value, path: ValuesPath): void {
  const refuse = (cause?: unknown) => valuesNotEditable(formatValuesPath(path), cause)
  let actual: Value
  try {
    actual = readValues(edited)
  } catch (error) {
    throw refuse(error)
  }
  if (!deepEqual(actual, expected)) throw refuse()
}

interface Edit {
  readonly path: ValuesPath
  readonly value: Value
}

interface Round {
  readonly splices: readonly Splice[]
  /** How many of the edits these are. */
  readonly done: number
}

/** As many edits, in their order, as do not touch one another. */
function round(text: string, edits: readonly Edit[]): Round {
  const splices: Splice[] = []
  const documents = documentRanges(text).map((range) => ({ ...range, ...parsed(text, range) }))
  for (const [at, edit] of edits.entries()) {
    const document = documents.length < 2 ? documents[0] : chosen(documents, edit.path)
    const { start = 0, end = text.length } = document ?? {}
    const found = editOf(text.slice(start, end), document?.root, edit)
    const moved = found.splices.map((splice) => ({ ...splice, start: splice.start + start, end: splice.end + start }))
    if (at > 0 && (found.again || moved.some((splice) => touches(splices, splice, moved)))) return { splices, done: at }
    splices.push(...moved)
    if (found.again) return { splices, done: at }
  }
  return { splices, done: edits.length }
}

/** Whether an edit lies within the span of another one. */
function touches(taken: readonly Splice[], { start, end }: Splice, own: readonly Splice[]): boolean {
  const from = Math.min(start, ...own.map((splice) => splice.start))
  const to = Math.max(end, ...own.map((splice) => splice.end))
  return taken.some((splice) => splice.start <= to && splice.end >= from)
}

function parsed(text: string, { start, end }: TextRange) {
  const source = text.slice(start, end)
  return { root: composeYaml(source), values: readYamlMap(source) }
}

/** The last document that has most of the path. */
function chosen<T extends { readonly values: GoMap }>(documents: readonly T[], path: ValuesPath): T | undefined {
  const depths = documents.map(({ values }) => depthOf(values, path))
  return documents[depths.lastIndexOf(Math.max(...depths))]
}

function depthOf(values: Value, path: ValuesPath): number {
  let value: Value | undefined = values
  for (const [depth, step] of path.entries()) {
    if (value instanceof GoMap) value = value.entries.get(String(step))
    else value = value instanceof GoSlice ? value.items[indexOf(step) ?? -1] : undefined
    if (value === undefined) return depth
  }
  return path.length
}

/** The splices of one edit; `again` when they only make room for it. */
function editOf(text: string, root: ReturnType<typeof composeYaml>, { path, value }: Edit) {
  if (root === undefined || isNothing(root)) {
    const filled = withValue(null, path, value)
    const lines = filled instanceof GoMap ? blockLines(filled, 0).join('\n') : ''
    if (root !== undefined && root.end > root.start) {
      return { splices: [{ start: root.start, end: root.end, text: lines }], again: false }
    }
    const at = text.length
    const lead = text === '' || text.endsWith('\n') ? '' : '\n'
    return { splices: [{ start: at, end: at, text: `${lead}${lines}\n` }], again: false }
  }
  const target = findTarget(root, text, path, value)
  const aliases = text.includes('*') ? aliasesOf(root) : undefined
  for (const node of target.nodes) {
    const [first] = node.anchor === undefined ? [] : (aliases?.get(node) ?? [])
    if (first !== undefined) return { splices: detached(node, first, text), again: true }
  }
  return { splices: splicesOf(target, text), again: false }
}

function applied(text: string, splices: readonly Splice[], lineBreak: string): string {
  let out = ''
  let at = 0
  for (const splice of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
    out += text.slice(at, splice.start) + splice.text.replaceAll('\n', lineBreak)
    at = splice.end
  }
  return out + text.slice(at)
}

function toValue(json: Json): Value {
  if (typeof json === 'string') return fromBytes(Buffer.from(json))
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return new GoSlice(listType, (json as readonly Json[]).map(toValue))
  return new GoMap(mapType, new Map(Object.entries(json).map(([key, value]: [string, Json]) => [key, toValue(value)])))
}
