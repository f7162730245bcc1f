import { readChartFiles } from '../chart/source.js'
import type { ChartFile } from '../chart/archive.js'
import { readMetadata } from '../chart/metadata.js'
import { parseConstraint, satisfies } from '../version/constraint.js'
import { tryVersion } from '../version/version.js'

/** A chart that lies in the `charts/` of another. */
export interface VendoredChart {
  readonly name: string
  readonly version: string
  /** `charts/web` or `charts/web-1.2.3.tgz` */
  readonly path: string
  readonly archive: boolean
}

/** The charts in `charts/`, in the order of their paths; what Helm passes over there is left out. Throws what reading charts throws. */
export async function vendoredCharts(files: readonly ChartFile[], name: string): Promise<VendoredChart[]> {
  const found: VendoredChart[] = []
  for (const { path, bytes } of files) {
    const [, entry = '', inside] = /^charts\/([^_.][^/]*)(?:\/(.*))?$/.exec(path) ?? []
    const about = `${name}/${path}`
    const archive = inside === undefined && entry.endsWith('.tgz')
    if (!archive && inside !== 'Chart.yaml') continue
    const own = archive ? await readChartFiles(bytes, about) : [{ path: 'Chart.yaml', bytes }]
    const chartYaml = own.find((file) => file.path === 'Chart.yaml')?.bytes
    if (chartYaml === undefined) continue
    const metadata = readMetadata({ chartYaml }, about)
    found.push({ name: metadata.name, version: metadata.version, path: `charts/${entry}`, archive })
  }
  return found
}

/** Whether a file is a vendored chart or a part of it. */
export function belongsTo({ path }: ChartFile, vendored: VendoredChart): boolean {
  return path === vendored.path || path.startsWith(`${vendored.path}/`)
}

/** Whether a version satisfies what a dependency asks for; none asked for: any does. */
export function isVersionFor(version: string, wanted: string | undefined): boolean {
  const parsed = tryVersion(version)
  if (wanted === undefined || wanted === '' || wanted === version) return true
  return parsed !== undefined && satisfies(parsed, parseConstraint(wanted))
}
