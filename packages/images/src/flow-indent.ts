import { LineCounter, parseAllDocuments, type Document, type ParseOptions } from 'yaml'

/** Lines of one part of a file that may be indented before its first error is believed. */
const maxRepairs = 100
/** More than any block around a flow collection is indented. */
const indentation = ' '.repeat(256)

/** A parsed part of a file, with the line counter that belongs to its offsets. */
export interface ParsedText {
  readonly documents: readonly Document.Parsed[]
  readonly lines: LineCounter
}

/**
 * Parses YAML as go-yaml (kubectl, Helm) does where the `yaml` package is stricter: the lines of a flow collection may be
 * indented less than the block around it, as in many charts' `command: [ "/bin/sh",` with `"-c" ]` below it. Blanks in
 * front of such a line mean nothing, so they are put in where the parser misses them; line numbers stay.
 */
export function parseWithFreeFlow(text: string, options: ParseOptions): ParsedText {
  const first = parse(text, options)
  let current = first
  let repaired = text
  for (let repairs = 0; repairs < maxRepairs; repairs += 1) {
    const error = firstError(current.documents)
    if (error === undefined) return current
    if (error.code !== 'BAD_INDENT' || !error.message.startsWith('Flow ')) return first
    const start = repaired.lastIndexOf('\n', error.pos[0] - 1) + 1
    repaired = repaired.slice(0, start) + indentation + repaired.slice(start)
    current = parse(repaired, options)
  }
  return first
}

/** The first error of the first document that has one. */
export function firstError(documents: readonly Document.Parsed[]): Document.Parsed['errors'][number] | undefined {
  return documents.find(({ errors }) => errors.length > 0)?.errors[0]
}

function parse(text: string, options: ParseOptions): ParsedText {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { ...options, lineCounter: lines })
  return { documents: Array.isArray(documents) ? documents : [], lines }
}
