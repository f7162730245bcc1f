import { fit, widthOf } from '../text/width.js'
import { columnsOf, type Output } from './renderer.js'

/** Lines at the bottom of a terminal that are drawn over and over, below lines that stay. */
export interface LiveRegion {
  draw(lines: readonly string[]): void
  /** Prints lines above the region; they stay. */
  print(lines: readonly string[]): void
  clear(): void
}

const hideCursor = '\u001b[?25l'
export const showCursor = '\u001b[?25h'
const eraseDown = '\r\u001b[J'
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : '')

/**
 * A region on `output`. Lines are cut to the terminal's width at every drawing; after a resize, what was drawn may have
 * wrapped, so the rows to go back are counted with the width of now.
 */
export function liveRegion(output: Output): LiveRegion {
  let drawn: readonly string[] = []
  const columns = () => Math.max(20, columnsOf(output))

  function erase(): string {
    if (drawn.length === 0) return ''
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns())), 0)
    return up(rows - 1) + eraseDown
  }

  return {
    draw(lines) {
      const erased = erase()
      drawn = lines.map((line) => (widthOf(line) < columns() ? line : fit(line, columns() - 1)))
      output.write(erased + (drawn.length === 0 ? '' : hideCursor) + drawn.join('\n'))
    },
    print(lines) {
      const erased = erase()
      output.write(erased + lines.map((line) => `${line}\n`).join('') + drawn.join('\n'))
    },
    clear() {
      const erased = erase()
      drawn = []
      if (erased !== '') output.write(erased + showCursor)
    },
  }
}
