import { GoMap } from '@ropeway/gotemplate'
import type { LoadedChart } from '../chart/load.js'
import { deepCopy } from '../functions/convert.js'
import { coalesceValues } from '../values/coalesce.js'
import { markOrigins, originsIn, type OriginOf } from '../values/origin.js'
import { mergeUserValues, type UserValues } from '../values/user-values.js'
import { activate, chartPath, type ActiveChart } from './chart.js'
import { enableDependencies, importValues } from './dependencies.js'

/**
 * Where the values of a chart come from that is rendered with the user's: its own defaults, those of a subchart, a file, a flag. Paths start
 * at the root chart. Throws what rendering throws for such values.
 */
export function valueOrigins(loaded: LoadedChart, user: UserValues | GoMap = {}): OriginOf {
  const chart = activate(loaded)
  const ignore = (): void => undefined
  // whether a subchart takes part depends on the values themselves, so that comes before they are marked
  enableDependencies(chart, user instanceof GoMap ? user : mergeUserValues(user), ignore)
  markDefaults(chart)
  importValues(chart, ignore)
  return originsIn(coalesceValues(chart, markedValues(user), ignore))
}

function markedValues(user: UserValues | GoMap): GoMap {
  if (!(user instanceof GoMap)) return mergeUserValues(user, markOrigins)
  const copy = deepCopy(user) as GoMap
  markOrigins(copy, { from: 'values' })
  return copy
}

function markDefaults(chart: ActiveChart): void {
  chart.values = deepCopy(chart.values) as GoMap
  markOrigins(chart.values, { from: 'chart', chart: chartPath(chart) })
  for (const dependency of chart.dependencies) markDefaults(dependency)
}
