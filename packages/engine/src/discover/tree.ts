import type { ChartTree } from '@ropeway/core'
import { loadChartFiles, type ChartFile, type LoadedChart } from '@ropeway/helm'

/** The charts below a chart, sorted by name and version; `undefined` when there are none. Throws what loading throws. */
export async function chartTree(files: readonly ChartFile[]): Promise<readonly ChartTree[] | undefined> {
  return below(await loadChartFiles(files))
}

function below({ charts }: LoadedChart): readonly ChartTree[] | undefined {
  if (charts.length === 0) return undefined
  return charts
    .map((chart): ChartTree => {
      const { name, version } = chart.metadata
      const dependencies = below(chart)
      return dependencies === undefined ? { name, version } : { name, version, dependencies }
    })
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1))
}
