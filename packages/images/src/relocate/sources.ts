import type { Task } from './assess.js'
import { emptyKnobs, fileKnob, filledKnobs, piecesOf, stretches, type Knob } from './knobs.js'
import { renderedFiles } from './tree.js'
import type { Workspace } from './workspace.js'

/** Knobs for references that are not where they belong: those that have a text, and those that have none yet. */
export interface KnobSource {
  filled(references: readonly string[]): readonly Knob[]
  empty(): readonly Knob[]
}

/** Values, but for some that are forbidden by their ids. */
export function valueSources(workspace: Workspace, { base }: Task, forbidden: ReadonlySet<string>): KnobSource {
  const allowed = ({ id }: Knob): boolean => !forbidden.has(id)
  const empty = emptyKnobs(base.values, workspace.named).filter(allowed)
  return { filled: (references) => filledKnobs(base.values, references).filter(allowed), empty: () => empty }
}

/** Texts in the files of the chart. */
export function fileSources(workspace: Workspace): KnobSource {
  const files = renderedFiles(workspace.tree)
  return {
    filled(references) {
      const pieces = piecesOf(references)
      return files.flatMap(({ path, text }) =>
        stretches(text, pieces)
          .filter(([start, end]) => isTelling(text, start, end))
          .map(([start, end]) => fileKnob(path, text, start, end)),
      )
    },
    empty: () => [],
  }
}

/** Whether a piece in a file may be one of a reference: a single word is one only where images are spoken of. */
function isTelling(text: string, start: number, end: number): boolean {
  if (/[./:]/.test(text.slice(start, end))) return true
  const line = text.slice(text.lastIndexOf('\n', start) + 1, (text.indexOf('\n', end) + 1 || text.length + 1) - 1)
  return /image|repo|registr/i.test(line)
}
