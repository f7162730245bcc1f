import { padEnd, padStart, widthOf } from './width.js'

export interface TableOptions {
  readonly indent?: string
  /** Columns that are lined up on their right side. */
  readonly right?: readonly number[]
  /** Columns of the screen: the last cell of a row that is longer goes on a line of its own. */
  readonly columns?: number
}

/** Lines up rows of cells, two spaces between columns. Empty columns vanish, and no line ends with spaces. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const { indent = '', right = [], columns = Infinity } = options
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  }
  const line = (row: readonly string[]) => {
    const cells = row.flatMap((cell, column) => {
      const width = widths[column] ?? 0
      if (width === 0) return []
      return [right.includes(column) ? padStart(cell, width) : padEnd(cell, width)]
    })
    return (indent + cells.join('  ')).trimEnd()
  }
  return rows.flatMap((row) => {
    const whole = line(row)
    const last = row.at(-1) ?? ''
    if (widthOf(whole) <= columns || last === '') return [whole]
    return [line(row.slice(0, -1)), `${indent}${' '.repeat((widths[0] ?? 0) + 2)}${last}`]
  })
}
