import type { ScannedChart } from '@ropeway/engine'
import type { ScannedChartResult } from '../results.js'
import { count } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'

/** One line a chart: where it is, and whether it is proved. */
export function scanScreen(charts: readonly ScannedChart[], directory: string, paint: Paint): string[] {
  if (charts.length === 0) return ['no charts in this chain']
  return [
    ...charts.map((chart) => {
      const { proved = true } = chart.proof ?? {}
      const mark = proved ? paint.green('✓') : paint.red('✗')
      return `${mark} ${printableLine(`${chart.name} ${chart.version}`)}  ${printableLine(wordsOf(chart))}`
    }),
    `  in ${printableLine(directory)}`,
  ]
}

function wordsOf({ proof }: ScannedChart): string {
  if (proof === undefined) return 'as it is'
  const { references, proved } = proof
  const moved = references.filter(({ how }) => how === 'values' || how === 'template').length
  const open = references.filter((reference) => !reference.proved).length
  return proved ? `proved, ${count(moved, 'reference')} moved` : `not proved, ${count(open, 'reference')} open`
}

export function scanJson({ id, name, version, folder, chart, proof }: ScannedChart): ScannedChartResult {
  return { id, name, version, folder, written: chart !== undefined, proved: proof?.proved, mode: proof?.mode }
}
