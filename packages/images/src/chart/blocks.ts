/** A stretch of a template that a condition decides about, in lines from 1. */
export interface Block {
  readonly from: number
  readonly text: string
}

const action = /\{\{-?\s*(?:\/\*.*?\*\/|(if|with|range|define|block|end)\b)?.*?\}\}/gs

/** The blocks of a template, each from its opening action to its end. */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  const open: number[] = []
  const starts = lineStarts(text)
  for (const { 0: whole, 1: word, index } of text.matchAll(action)) {
    if (word === undefined) continue
    if (word !== 'end') open.push(index)
    else {
      const start = open.pop()
      if (start === undefined) continue
      blocks.push({ from: lineAt(starts, start), text: text.slice(start, index + whole.length) })
    }
  }
  return blocks
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}
