import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import { formatPath, type Path } from '../path.js'
import { valueAt } from './changes.js'
import { cutReference } from './tokens.js'
import { scalarText } from './view.js'

/** A stretch of text that relocation may change: in a value, or in a file of the chart. */
export interface Knob {
  readonly id: string
  /** Of a value, from the root chart's values; or the file. */
  readonly at: { readonly path: Path } | { readonly file: string }
  /** The whole text of the value or file. */
  readonly whole: string
  readonly start: number
  readonly end: number
  /** It is true or false. */
  readonly flag?: true | undefined
}

/** What a knob's stretch is replaced by. */
export interface Turn {
  readonly knob: Knob
  readonly text: string
}

/** Turns by their knobs' ids. */
export type Turns = ReadonlyMap<string, Turn>

export function pieceOf({ whole, start, end }: Knob): string {
  return whole.slice(start, end)
}

export function valueKnob(path: Path, whole: string, start = 0, end = whole.length): Knob {
  return { id: `${JSON.stringify(path)} ${start}`, at: { path }, whole, start, end }
}

/** A value that is true or false. */
export function flagKnob(path: Path, value: boolean): Knob {
  const whole = String(value)
  return { id: JSON.stringify(path), at: { path }, whole, start: 0, end: whole.length, flag: true }
}

export function fileKnob(file: string, whole: string, start: number, end: number): Knob {
  return { id: `${file} ${start}`, at: { file }, whole, start, end }
}

/** What people call a knob: a dotted path, or file and line. */
export function knobName({ at, whole, start }: Knob): string {
  return 'path' in at ? formatPath(at.path) : `${at.file}:${whole.slice(0, start).split('\n').length}`
}

/** The whole text with several stretches of it replaced. */
export function turnedText(turns: readonly Turn[]): string {
  const [first] = turns
  if (first === undefined) return ''
  let text = first.knob.whole
  for (const { knob, text: piece } of turns.toSorted((a, b) => b.knob.start - a.knob.start)) {
    text = text.slice(0, knob.start) + piece + text.slice(knob.end)
  }
  return text
}

/** A text of the values, or a place for one that is empty. */
interface Leaf {
  readonly path: Path
  readonly value: Value
}

function* leavesOf(value: Value, path: Path = []): Generator<Leaf> {
  if (value instanceof GoMap) for (const [key, item] of value.entries) yield* leavesOf(item, [...path, key])
  else if (value instanceof GoSlice)
    for (const [at, item] of value.items.entries()) yield* leavesOf(item, [...path, at])
  else yield { path, value }
}

/** A copy, in a subchart's values, of the root's global values: it has no say. */
function isCopiedGlobal(path: Path, values: GoMap): boolean {
  const at = path.indexOf('global', 1)
  return at > 0 && valueAt(values, path.slice(at)) !== undefined
}

/** The texts of the values that may be a part of one of the references, or hold one or a part of it. */
export function filledKnobs(values: GoMap, references: readonly string[]): Knob[] {
  const knobs: Knob[] = []
  const pieces = piecesOf(references)
  for (const { path, value } of leavesOf(values)) {
    const text = typeof value === 'string' ? value : typeof value === 'number' ? scalarText(value) : ''
    if (text.trim() === '' || isCopiedGlobal(path, values)) continue
    if (references.some((reference) => isPart(text, reference))) knobs.push(valueKnob(path, text))
    else if (typeof value === 'string' && text.length > 3) {
      for (const [start, end] of stretches(text, pieces)) knobs.push(valueKnob(path, text, start, end))
    }
  }
  return knobs
}

/** Whether a text may be a part of a reference that has to change: not its tag or digest alone. */
function isPart(text: string, reference: string): boolean {
  const piece = text.trim().replace(/^\/+|[/:]+$/g, '')
  if (piece === '' || !reference.includes(piece)) return false
  const { suffix } = cutReference(reference)
  const changing = reference.length - suffix.length
  for (let at = reference.indexOf(piece); at !== -1 && at < changing; at = reference.indexOf(piece, at + 1)) {
    const bounded = (unit: string): boolean => unit === '' || /[^A-Za-z0-9]/.test(unit)
    if (bounded(reference.charAt(at - 1)) && bounded(reference.charAt(at + piece.length))) return true
  }
  return false
}

/** What of references may stand in longer texts; the longest first. */
export function piecesOf(references: readonly string[]): string[] {
  const pieces = new Set<string>()
  for (const reference of references) {
    const { registry, repository, suffix } = cutReference(reference)
    const name = reference.slice(0, reference.length - suffix.length)
    const parts = repository.split('/')
    pieces.add(reference).add(name)
    if (registry !== '') pieces.add(registry)
    for (let count = parts.length; count > 0; count--) {
      const head = parts.slice(0, count).join('/')
      if (registry !== '') pieces.add(`${registry}/${head}`)
      if (count > 1) pieces.add(head)
      if (count > 1) pieces.add(parts.slice(-count).join('/'))
    }
    pieces.add(parts.at(-1) ?? '')
  }
  pieces.delete('')
  return [...pieces].sort((a, b) => b.length - a.length)
}

const nameUnit = /[A-Za-z0-9._-]/

/** Stretches of a text that are pieces of references: the longest first, none in another. */
export function stretches(text: string, pieces: readonly string[]): [number, number][] {
  const found: [number, number][] = []
  for (const piece of pieces) {
    for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + 1)) {
      const end = at + piece.length
      if (nameUnit.test(text.charAt(at - 1)) || /^(?:[\w-]|\.\w)/.test(text.slice(end, end + 2))) continue
      if (!found.some(([from, to]) => at < to && from < end)) found.push([at, end])
    }
  }
  return found
}

const promising = /regist|hub|prefix|repo|image|mirror/i

/** Whether a path leads to a place for a part of a reference: by its own name, or as a part of something for images. */
function promises(path: Path): boolean {
  return promising.test(String(path.at(-1))) || /image/i.test(String(path.at(-2)))
}

/** Empty values, and ones that templates read but nobody gives, whose names promise a part of a reference. */
export function emptyKnobs(values: GoMap, read: readonly Path[]): Knob[] {
  const empty = [...leavesOf(values)]
    .filter(({ path, value }) => (value === '' || value === null) && promises(path) && !isCopiedGlobal(path, values))
    .map(({ path }) => path)
  const missing = read.filter((path) => promises(path) && isMissing(values, path) && !isCopiedGlobal(path, values))
  const byKey = new Map([...empty, ...missing].map((path) => [JSON.stringify(path), path]))
  return [...byKey.values()].map((path) => valueKnob(path, ''))
}

function isMissing(values: GoMap, path: Path): boolean {
  if (valueAt(values, path) !== undefined) return false
  return path.every((_, count) => {
    const above = valueAt(values, path.slice(0, count))
    return above === undefined || above === null || above instanceof GoMap
  })
}
