import { isTemplate } from './addon.js'
import { mapAt, textAt, type TreeMap } from './tree.js'

/** What an entry of a values file says, by whatever keys it says so; as written. */
export interface Written {
  readonly chart: string | undefined
  readonly repository: string | undefined
  readonly version: string | undefined
  readonly release: string | undefined
  readonly targetNamespace: string | undefined
  /** A folder of a git repository. */
  readonly path: string | undefined
}

/** Keys that say one thing, the one that means nothing else first. */
const keys = {
  chart: ['chart', 'chartName', 'addonChart', 'helmChart'],
  repository: [
    'repoURL',
    'repoUrl',
    'repo_url',
    'chartRepository',
    'chartRepo',
    'addonChartRepository',
    'helmRepo',
    'repositoryURL',
    'repositoryUrl',
    'repository',
    'repo',
  ],
  version: ['targetRevision', 'chartVersion', 'addonChartVersion', 'version', 'defaultVersion'],
  release: ['releaseName', 'addonChartReleaseName', 'release'],
  targetNamespace: ['namespace', 'chartNamespace', 'addonChartNamespace', 'targetNamespace'],
} as const

/** Versions that are none: what is newest. */
const newest: ReadonlySet<string> = new Set(['latest', 'HEAD'])

/**
 * Reads a map as an entry. The chart may be a map of its own (`chart: {name, repository, version}`), and the release may stand
 * below `helm`, as in Argo CD's applications. `repositories` are those that the file gives names to.
 */
export function readEntry(map: TreeMap, repositories: ReadonlyMap<string, string>): Written {
  const own = mapAt(map, 'chart') ?? mapAt(map, 'helmChart')
  const inner = own === undefined ? undefined : chartMap(own)
  const version = inner?.version ?? first(map, keys.version)
  const helm = mapAt(map, 'helm')
  const written: Written = {
    chart: inner?.chart ?? first(map, keys.chart),
    repository: inner?.repository ?? first(map, keys.repository),
    version: version === undefined || newest.has(version) ? undefined : version,
    release: first(map, keys.release) ?? (helm === undefined ? undefined : first(helm, keys.release)),
    targetNamespace: literal(first(map, keys.targetNamespace)),
    path: textAt(map, 'path'),
  }
  const source = mapAt(own ?? map, 'sourceRef') ?? mapAt(mapAt(own ?? map, 'spec') ?? map, 'sourceRef')
  return named(written, source === undefined ? undefined : textAt(source, 'name'), repositories)
}

interface ChartOfItsOwn {
  readonly chart: string | undefined
  readonly repository: string | undefined
  readonly version: string | undefined
}

/** `chart: {name, repository, version}`, or Flux's `chart: {spec: {chart, version}}`. */
function chartMap(own: TreeMap): ChartOfItsOwn {
  const map = mapAt(own, 'spec') ?? own
  return {
    chart: first(map, ['name', ...keys.chart]),
    repository: first(map, [...keys.repository, 'url']),
    version: first(map, keys.version),
  }
}

/** An entry that names no address but a repository that the file knows, by `sourceRef` or as in `grafana/loki`. */
function named(written: Written, source: string | undefined, repositories: ReadonlyMap<string, string>): Written {
  const { chart, repository } = written
  if (repository !== undefined) return { ...written, repository: repositories.get(repository) ?? repository }
  if (chart === undefined) return written
  const known = source === undefined ? undefined : repositories.get(source)
  if (known !== undefined) return { ...written, repository: known }
  const cut = chart.indexOf('/')
  const alias = repositories.get(chart.slice(0, Math.max(0, cut)))
  if (alias !== undefined) return { ...written, repository: alias, chart: chart.slice(cut + 1) }
  return chart.startsWith('oci://') ? fromAddress(written, chart) : written
}

/** `chart: oci://host/path/name` holds its repository. */
function fromAddress(written: Written, chart: string): Written {
  const [host = '', ...path] = chart.slice('oci://'.length).replace(/\/+$/, '').split('/')
  return { ...written, repository: `oci://${host}`, chart: path.join('/') }
}

function first(map: TreeMap, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textAt(map, name)
    if (text !== undefined) return text
  }
  return undefined
}

function literal(text: string | undefined): string | undefined {
  return text === undefined || isTemplate(text) ? undefined : text
}
