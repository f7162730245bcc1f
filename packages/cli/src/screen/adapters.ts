import type { ListedAdapter } from '../base/adapter-list.js'
import type { AdaptersResult } from '../results.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'

const kinds = [
  ['source', 'Sources'],
  ['transform', 'Transforms'],
  ['sink', 'Sinks'],
  ['credentials', 'Credential providers'],
] as const

export function adaptersScreen(entries: readonly ListedAdapter[], paint: Paint): string[] {
  if (entries.length === 0) return ['no plugin lists an adapter']
  const width = Math.max(...entries.map(({ name }) => name.length))
  return kinds.flatMap(([kind, title]) => {
    const rows = entries
      .filter((entry) => entry.kind === kind)
      .map(({ name, plugin, version, hosts }) =>
        [name.padEnd(width), `${plugin} ${version}`, (hosts ?? []).join(', ')].map(printableLine),
      )
    return rows.length === 0 ? [] : [paint.bold(title), ...table(rows, { indent: '  ' })]
  })
}

export function adaptersJson(entries: readonly ListedAdapter[]): AdaptersResult {
  return { adapters: entries }
}
