import type { AddonList } from '@ropeway/helm'
import type { AddonResult, CatalogResult } from '../results.js'
import { count } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'

/** One line an addon: what it is, and what became of it; then how many of each. */
export function addonsScreen(results: readonly AddonResult[], paint: Paint): string[] {
  return [...addonLines(results, paint), '', totals(results)]
}

/** Nothing when all addons travel, else one line for each that does not. */
export function failedScreen(results: readonly AddonResult[], paint: Paint): string[] {
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  return failed.length === 0 ? [] : ['', ...addonLines(failed, paint)]
}

function addonLines(results: readonly AddonResult[], paint: Paint): string[] {
  const marks = { done: paint.green('✓'), failed: paint.red('✗'), skipped: paint.dim('-') }
  const rows = results.map((result) => [
    marks[result.outcome],
    printableLine(result.name),
    printableLine([result.chart, versionText(result)].filter((part) => part !== undefined).join(' ')),
    causeText(result),
  ])
  return table(rows)
}

function versionText({ version, pinned }: AddonResult): string | undefined {
  return pinned === undefined ? version : `${pinned} → ${version ?? 'newest'}`
}

function causeText({ outcome, message, code }: AddonResult): string {
  if (outcome === 'done') return ''
  const [line = ''] = (message ?? '').split('\n')
  return printableLine(outcome === 'skipped' ? `skipped: ${line}` : `${line}${code === undefined ? '' : ` (${code})`}`)
}

function totals(results: readonly AddonResult[]): string {
  const number = (outcome: AddonResult['outcome']) => results.filter((result) => result.outcome === outcome).length
  const parts = [count(number('done'), 'addon')]
  if (number('failed') > 0) parts.push(`${number('failed')} failed`)
  if (number('skipped') > 0) parts.push(`${number('skipped')} skipped`)
  return `  ${parts.join(', ')}`
}

/** What a catalog was made of, and what is not in it. */
export function catalogScreen(
  { file, addons, skipped, renamed }: AddonList & Pick<CatalogResult, 'file' | 'renamed'>,
  paint: Paint,
): string[] {
  const wrote = file === undefined ? [] : [`${paint.green('✓')} wrote ${file}: ${count(addons.length, 'addon')}`]
  return [
    ...wrote,
    ...renamed.map(
      ({ name, release, now }) =>
        `  ${printableLine(name)}: its release ${printableLine(release)} is taken, it is called ${printableLine(now)}`,
    ),
    ...skipped.map(({ name, place, reason }) => `  ${printableLine(`${name} (${place}) is left out: ${reason}`)}`),
  ]
}
