import type { Node } from '../parse/ast.js'
import { markBefore, sourceOffset, type Mark } from './mark.js'

/** A text that a function rendered, with what wrote it. */
export interface Fragment {
  readonly text: string
  readonly marks: readonly Mark[]
}

/** More fragments in one action, and lines further apart, are not looked for. */
const mostFragments = 16
const farthestLine = 50

/**
 * The marks of what an action writes, as far as fragments can be found in it: whole, cut, or line by line with other indentation.
 * `action` is the mark of the action, which stays for everything else.
 */
export function alignFragments(text: string, fragments: readonly Fragment[], action: Mark): Mark[] {
  const [only] = fragments
  if (fragments.length === 1 && only?.text === text) return copyMarks(only.marks, 0, text.length, 0, action)
  const pieces = wholePieces(text, fragments)
  if (pieces.length > 0) return joinPieces(text, pieces, action)
  const last = fragments.at(-1)
  if (last === undefined || text === '') return []
  const inside = last.text.indexOf(text)
  if (inside >= 0) return copyMarks(last.marks, inside, inside + text.length, 0, action)
  return alignLines(text, last, action)
}

interface Piece {
  readonly at: number
  readonly fragment: Fragment
}

/** Where fragments stand unchanged; the outer ones, which were finished last, come before those inside them. */
function wholePieces(text: string, fragments: readonly Fragment[]): Piece[] {
  const pieces: Piece[] = []
  for (const fragment of fragments.slice(-mostFragments).reverse()) {
    const at = freePlace(text, fragment.text, pieces)
    if (at >= 0) pieces.push({ at, fragment })
  }
  return pieces.sort((a, b) => a.at - b.at)
}

/** The last place of a part that no piece covers. */
function freePlace(text: string, part: string, pieces: readonly Piece[]): number {
  let at = part === '' ? -1 : text.lastIndexOf(part)
  for (;;) {
    const start = at
    const taken = pieces.find(
      (piece) => start < piece.at + piece.fragment.text.length && piece.at < start + part.length,
    )
    if (at < 0 || taken === undefined) return at
    const before = taken.at - part.length
    at = before < 0 ? -1 : text.lastIndexOf(part, before)
  }
}

function joinPieces(text: string, pieces: readonly Piece[], action: Mark): Mark[] {
  const marks: Mark[] = []
  for (const { at, fragment } of pieces) {
    const { length } = fragment.text
    marks.push(...copyMarks(fragment.marks, 0, length, at, action))
    if (at + length < text.length) marks.push(behind(action, at + length))
  }
  return marks
}

/** The lines of a fragment that was indented, trimmed or partly changed. */
function alignLines(text: string, fragment: Fragment, action: Mark): Mark[] {
  const known = linesOf(fragment.text)
  const marks: Mark[] = []
  let next = 0
  let copied = false
  for (const { content, at } of linesOf(text)) {
    const found = known.slice(next, next + farthestLine).find((line) => line.content === content)
    if (found !== undefined) {
      marks.push(...copyMarks(fragment.marks, found.at, found.at + content.length, at, action))
      next = found.index + 1
    } else if (copied) marks.push(behind(action, at))
    copied = found !== undefined
  }
  return marks
}

interface Line {
  readonly index: number
  readonly content: string
  /** Offset of the first character that is not blank. */
  readonly at: number
}

/** The lines of a text that are not blank. */
function linesOf(text: string): Line[] {
  const lines: Line[] = []
  let start = 0
  for (const line of text.split('\n')) {
    const content = line.trim()
    if (content !== '') lines.push({ index: lines.length, content, at: start + line.indexOf(content) })
    start += line.length + 1
  }
  return lines
}

/** The marks of a part of a fragment, moved to an offset of what the action writes. */
function copyMarks(marks: readonly Mark[], start: number, end: number, to: number, action: Mark): Mark[] {
  const copied: Mark[] = []
  for (let index = Math.max(0, markBefore(marks, start)); index < marks.length; index++) {
    const mark = marks[index] as Mark
    if (mark.at >= end) break
    const first = Math.max(mark.at, start)
    const at = action.at + to + first - start
    const known = mark.node !== undefined
    copied.push({
      at,
      node: known ? mark.node : action.node,
      from: known ? sourceOffset(mark, first) : action.from,
      outer: outerOf(mark, action, known),
    })
  }
  return copied
}

function outerOf(mark: Mark, action: Mark, known: boolean): Node | undefined {
  return known ? (mark.outer ?? action.outer ?? action.node) : action.outer
}

function behind(action: Mark, offset: number): Mark {
  return { ...action, at: action.at + offset }
}
