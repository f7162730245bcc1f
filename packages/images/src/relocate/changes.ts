import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import type { Path } from '../path.js'
import { scalarText, type View, type ViewDocument } from './view.js'

/** One place at which two renderings differ. */
export interface Change {
  /** Index of the document in both. */
  readonly document: number
  readonly path: Path
  readonly before: string
  readonly after: string
  /** Both are text; else something appeared, went away, or is of another kind. */
  readonly text: boolean
}

/** What differs between two renderings, document by document. */
export interface Comparison {
  readonly changes: readonly Change[]
  /** The documents are not the same ones; then `changes` says no more than that. */
  readonly reshaped?: string | undefined
}

/** Compares object by object. Documents whose text is equal are not looked into. */
export function compareViews(before: View, after: View): Comparison {
  const reshaped = findReshaped(before.documents, after.documents)
  if (reshaped !== undefined) return { changes: [], reshaped }
  const changes: Change[] = []
  for (const [document, old] of before.documents.entries()) {
    const now = after.documents[document]
    if (now === undefined || old.text === now.text) continue
    const [a, b] = [old.value(), now.value()]
    if (a === null && b === null) changes.push({ document, path: [], before: old.text, after: now.text, text: true })
    else compareValues(a, b, [], (path, was, is) => changes.push(changeOf(document, path, was, is)))
  }
  return { changes }
}

function findReshaped(before: readonly ViewDocument[], after: readonly ViewDocument[]): string | undefined {
  for (const [at, old] of before.entries()) {
    const now = after[at]
    const same = now?.template === old.template && (now.text === old.text || sameKind(old, now))
    if (!same) return describe(old)
  }
  const more = after[before.length]
  return more && describe(more)
}

function sameKind(a: ViewDocument, b: ViewDocument): boolean {
  return a.object.kind === b.object.kind && a.object.apiVersion === b.object.apiVersion
}

function describe({ template, object }: ViewDocument): string {
  return `${template} ${object.kind}/${object.name ?? '?'}`
}

function changeOf(document: number, path: Path, was: Value | undefined, is: Value | undefined): Change {
  const text = typeof was === 'string' && typeof is === 'string'
  return { document, path, before: scalarText(was), after: scalarText(is), text }
}

export type Report = (path: Path, before: Value | undefined, after: Value | undefined) => void

/** Calls `report` for each place at which two values differ; for a text or number with both. */
export function compareValues(a: Value | undefined, b: Value | undefined, path: Path, report: Report): void {
  if (a instanceof GoMap && b instanceof GoMap) {
    for (const [key, item] of a.entries) compareValues(item, b.entries.get(key), [...path, key], report)
    for (const [key, item] of b.entries) if (!a.entries.has(key)) report([...path, key], undefined, item)
  } else if (a instanceof GoSlice && b instanceof GoSlice) {
    const length = Math.max(a.items.length, b.items.length)
    for (let at = 0; at < length; at++) compareValues(a.items[at], b.items[at], [...path, at], report)
  } else if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) report(path, a, b)
}

/** The value at a path. */
export function valueAt(value: Value | undefined, path: Path): Value | undefined {
  let at: Value | undefined = value
  for (const step of path) {
    if (at instanceof GoMap && typeof step === 'string') at = at.entries.get(step)
    else if (at instanceof GoSlice && typeof step === 'number') at = at.items[step]
    else return undefined
  }
  return at
}

/** Calls `visit` for each text in a value. */
export function eachText(value: Value, visit: (text: string, path: Path) => void, path: Path = []): void {
  if (typeof value === 'string') visit(value, path)
  else if (value instanceof GoMap) for (const [key, item] of value.entries) eachText(item, visit, [...path, key])
  else if (value instanceof GoSlice)
    for (const [at, item] of value.items.entries()) eachText(item, visit, [...path, at])
}
