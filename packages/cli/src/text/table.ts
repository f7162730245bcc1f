import { padEnd, padStart, widthOf } from './width.js'

/** Lines up rows of cells, two spaces between columns. Empty columns vanish; the last cell of a row is not padded. */
export function table(
  rows: readonly (readonly string[])[],
  options: { readonly indent?: string; readonly right?: readonly number[] } = {},
): string[] {
  const { indent = '', right = [] } = options
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  }
  return rows.map((row) => {
    const cells = row.flatMap((cell, column) => {
      const width = widths[column] ?? 0
      if (width === 0) return []
      return [right.includes(column) ? padStart(cell, width) : padEnd(cell, width)]
    })
    return (indent + cells.join('  ')).trimEnd()
  })
}
