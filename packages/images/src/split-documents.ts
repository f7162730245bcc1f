/** A stretch of a YAML stream that can be parsed by itself. */
export interface DocumentText {
  readonly text: string
  /** Line in the whole text at which it starts; the first is 1. */
  readonly line: number
}

const separator = /^---(?=[ \t\r\n]|$)/gm

/**
 * Cuts a YAML stream before each `---` line, so that a large file is parsed document by document in little memory. YAML
 * allows no other meaning of `---` at the start of a line. Directives stay with the document that they belong to.
 */
export function* splitDocuments(text: string): Generator<DocumentText> {
  let start = 0
  let line = 1
  for (const match of text.matchAll(separator)) {
    const part = text.slice(start, match.index)
    if (isPreamble(part)) continue
    yield { text: part, line }
    line += countLines(part)
    start = match.index
  }
  yield { text: text.slice(start), line }
}

/** Directives, comments and empty lines alone are no document. */
function isPreamble(text: string): boolean {
  return text.split('\n').every((line) => line.trim() === '' || line.startsWith('%') || line.startsWith('#'))
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
