import { parseValuesPath, type SubchartSwitch } from '@ropeway/helm'
import type { Flip } from './flips.js'

/** What switches on each subchart that is off, by its place in the values: its own switch, and those of the charts around it. */
export function subchartNeeds(
  subcharts: readonly SubchartSwitch[],
  present: ReadonlySet<string>,
): ReadonlyMap<string, readonly Flip[]> {
  const needs = new Map<string, readonly Flip[]>()
  for (const { chart, conditions, tags } of subcharts.toSorted((a, b) => a.chart.length - b.chart.length)) {
    const keys = chart.split('/charts/').slice(1)
    if (present.has(keys.join('.'))) continue
    const paths = conditions.length > 0 ? conditions : tags.slice(0, 1)
    const own = paths.map((path): Flip => ({ kind: 'value', keys: parseValuesPath(path), value: true }))
    needs.set(keys.join('.'), [...(needs.get(keys.slice(0, -1).join('.')) ?? []), ...own])
  }
  return needs
}
