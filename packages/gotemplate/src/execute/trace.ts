import { placeOf, type Node, type Source } from '../parse/ast.js'
import { alignFragments, type Fragment } from './align.js'
import type { Frame } from './frame.js'
import { markBefore, sourceOffset, type Mark } from './mark.js'

/** Notes which template wrote what, while a run is traced. */
export interface Trace {
  /** Of the text that is being written. */
  marks: Mark[]
  /** What functions rendered for the action that is being evaluated. */
  fragments: Fragment[]
  /** The execution of the template that was asked for. */
  outer: Frame | undefined
  /** Texts that were parsed while rendering. */
  readonly made: WeakSet<Source>
}

export function createTrace(): Trace {
  return { marks: [], fragments: [], outer: undefined, made: new WeakSet() }
}

/** Notes that a node writes now, at the end of the run's text. */
export function markWriting(trace: Trace, f: Frame, node: Node): void {
  trace.marks.push(markAt(trace, f, node))
}

function markAt(trace: Trace, f: Frame, node: Node): Mark {
  const inFile = !trace.made.has(node.source)
  const outer = f === trace.outer ? undefined : trace.outer?.node
  return { at: f.run.out.length, node: inFile ? node : undefined, from: node.at, outer }
}

/** Notes what an action writes now, looking for what functions rendered for it. */
export function markAction(trace: Trace, f: Frame, node: Node, text: string): void {
  const mark = markAt(trace, f, node)
  const { marks, fragments } = trace
  marks.push(mark)
  if (fragments.length > 0) for (const found of alignFragments(text, fragments, mark)) marks.push(found)
}

/** Traces what a function renders into a text of its own, which the action around it will use. */
export function traceFragment(trace: Trace, render: () => string): string {
  const { marks, fragments } = trace
  const own: Mark[] = []
  trace.marks = own
  trace.fragments = []
  try {
    const text = render()
    fragments.push({ text, marks: own })
    return text
  } finally {
    trace.marks = marks
    trace.fragments = fragments
  }
}

/** Where a character of a rendered text comes from. */
export interface TracedPlace {
  /** The innermost template that wrote it: the name under which its text was parsed. */
  readonly file: string
  /** Line in that file, from 1. */
  readonly line: number
  /** Line in the file of the template that was executed, from 1: of what called the innermost one, or the same. */
  readonly templateLine: number
}

/** A rendered text that knows which templates wrote it. */
export interface TracedText {
  readonly text: string
  /** Where the character at a UTF-16 offset comes from; undefined beyond the text, and in what stands in no file. */
  placeAt(offset: number): TracedPlace | undefined
  /** The same text with all occurrences of another one left out. */
  without(part: string): TracedText
}

export function tracedText(text: string, marks: readonly Mark[]): TracedText {
  return {
    text,
    placeAt: (offset) => (offset < 0 || offset >= text.length ? undefined : placeAt(marks, offset)),
    without: (part) => (text.includes(part) ? leaveOut(text, marks, part) : tracedText(text, marks)),
  }
}

function placeAt(marks: readonly Mark[], offset: number): TracedPlace | undefined {
  const mark = marks[markBefore(marks, offset)]
  if (mark?.node === undefined) return undefined
  const { source } = mark.node
  const { line } = placeOf({ source, at: sourceOffset(mark, offset) })
  return { file: source.file, line, templateLine: mark.outer === undefined ? line : placeOf(mark.outer).line }
}

function leaveOut(text: string, marks: readonly Mark[], part: string): TracedText {
  const starts: number[] = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) starts.push(at)
  let removed = 0
  const shifted: Mark[] = []
  for (const mark of marks) {
    while ((starts[removed] ?? Infinity) + part.length <= mark.at) removed++
    shifted.push({ ...mark, at: mark.at - removed * part.length })
  }
  return tracedText(text.replaceAll(part, ''), shifted)
}
