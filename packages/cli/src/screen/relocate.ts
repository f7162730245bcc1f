import type { RelocateResult } from '../results.js'
import { count } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'

/** What became of each chart; `shown` makes paths of folders short. */
export function relocateScreen({ charts }: RelocateResult, shown: (path: string) => string, paint: Paint): string[] {
  return charts.flatMap(({ name, version, proved, directory, files, proof }) => {
    const title = `${name} ${version}`
    const moved = proof.references.filter((reference) => reference.proved).length
    const lines = proof.references.map(({ before, after, proved: right, how }) => {
      const mark = right ? paint.green('✓') : paint.red('✗')
      const to = how === 'excluded' ? 'excluded' : right ? after : 'stays'
      return `  ${mark} ${printableLine(before)} ${paint.dim('→')} ${printableLine(to)}`
    })
    const verdict = proved
      ? `${paint.green('✓')} ${title}: ${count(moved, 'reference')} moved and proved`
      : `${paint.red('✗')} ${title}: not proved`
    return [...lines, verdict, `  wrote ${files.join(', ')} to ${shown(directory)}`]
  })
}
