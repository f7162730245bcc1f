import type { Node } from '../parse/ast.js'

/** From an offset of a text on, up to the next mark, its characters come from one place. */
export interface Mark {
  /** UTF-16 offset in the text. */
  readonly at: number
  /** What wrote it; undefined when that stands in no file, but in a text that was made while rendering. */
  readonly node: Node | undefined
  /** UTF-16 offset of the first character in the source of `node`. */
  readonly from: number
  /** What the template that was asked for was at; undefined when that is `node` itself. */
  readonly outer: Node | undefined
}

/** The last mark at or before an offset. */
export function markBefore(marks: readonly Mark[], offset: number): number {
  let [low, high] = [0, marks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle] as Mark).at <= offset) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The offset in the source of a character behind the start of a mark: only text is copied character by character. */
export function sourceOffset({ at, node, from }: Mark, offset: number): number {
  return node?.type === 'text' ? from + offset - at : from
}
