import type { TracedPlace, TracedText } from '@ropeway/gotemplate'

/** Where a document comes from; only rendering with `trace` knows. */
export interface DocumentTrace {
  /** The line of the template that the document starts at, from 1. */
  readonly line: number | undefined
  /**
   * Where a line of the document's text comes from, both from 1: `file` and `line` of the innermost template that wrote it, a helper perhaps, and
   * `templateLine` in the document's own template. `column` counts UTF-16 units from 0 and chooses the character; otherwise it is the first one
   * that is not blank.
   */
  lineOf(line: number, column?: number): TracedPlace | undefined
}

export const untraced: DocumentTrace = { line: undefined, lineOf: () => undefined }

/** The traces of the documents of a text, in their order. */
export function documentTraces(
  documents: readonly string[],
  traced: TracedText | undefined,
): DocumentTrace[] | undefined {
  if (traced === undefined) return undefined
  let next = 0
  return documents.map((text) => {
    const start = traced.text.indexOf(text, next)
    next = start + text.length
    return documentTrace(text, start, traced)
  })
}

function documentTrace(text: string, start: number, traced: TracedText): DocumentTrace {
  let starts: readonly number[] | undefined
  return {
    line: traced.placeAt(start)?.templateLine,
    lineOf(line, column) {
      starts ??= lineStarts(text)
      const first = starts[line - 1]
      if (first === undefined) return undefined
      return traced.placeAt(start + first + (column ?? indentation(text, first)))
    },
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function indentation(text: string, at: number): number {
  return /[^ \t]/.exec(text.slice(at, at + 1000))?.index ?? 0
}
