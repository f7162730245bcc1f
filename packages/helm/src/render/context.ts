import { GoMap, makeMap, makeSlice, makeStringMap, mapType, type Value } from '@ropeway/gotemplate'
import type { ChartMetadata } from '../chart/metadata.js'
import { chartPath, type ActiveChart } from './chart.js'
import type { Capabilities } from './capabilities.js'
import { makeFiles } from './files.js'
import { valuesType } from './values-type.js'
import { watchedMap, type Watch } from './watched.js'

export interface ReleaseOptions {
  /** Default: `release-name`. */
  readonly name?: string | undefined
  /** A template that gives the name instead: `--name-template`. */
  readonly nameTemplate?: string | undefined
  /** Default: `default`. */
  readonly namespace?: string | undefined
  readonly isUpgrade?: boolean | undefined
  /** Default: 1. */
  readonly revision?: number | undefined
}

/** A file to be rendered and what it sees as its root. */
export interface Renderable {
  /** `chart/templates/x.yaml` */
  readonly name: string
  readonly text: string
  readonly root: GoMap
  readonly basePath: string
}

/** `.Release` */
export function makeRelease({ name, namespace, isUpgrade = false, revision = 1 }: ReleaseOptions): GoMap {
  return makeMap([
    ['Name', name ?? 'release-name'],
    ['Namespace', namespace ?? 'default'],
    ['IsUpgrade', isUpgrade],
    ['IsInstall', !isUpgrade],
    ['Revision', BigInt(revision)],
    ['Service', 'Helm'],
  ])
}

/** The files of a chart and its subcharts, each with its root; the roots of a chart's files are one and the same map. With `watch` they are watched. */
export function renderables(
  chart: ActiveChart,
  values: GoMap,
  release: GoMap,
  capabilities: Capabilities,
  watch?: Watch,
): Renderable[] {
  const found: Renderable[] = []
  const watched = (map: GoMap): GoMap => (watch === undefined ? map : watchedMap(map, watch, 'root'))
  collect(chart, values, { release: watched(release), capabilities, watched }, found)
  return found
}

interface Shared {
  readonly release: GoMap
  readonly capabilities: Capabilities
  /** The map, or one that is watched in its place. */
  readonly watched: (map: GoMap) => GoMap
}

function collect(chart: ActiveChart, values: GoMap, shared: Shared, found: Renderable[]): GoMap {
  const { release, capabilities, watched } = shared
  const inner = chart.dependencies.map((dependency): [string, Value] => {
    const own = values.entries.get(dependency.name)
    const { entries } = collect(dependency, own instanceof GoMap ? own : watched(makeMap()), shared, found)
    return [dependency.name, new GoMap(mapType, entries)]
  })
  const entries = new Map<string, Value>([
    ['Chart', watched(chartObject(chart))],
    ['Files', makeFiles(chart.files)],
    ['Release', release],
    ['Capabilities', capabilities.value],
    ['Values', new GoMap(valuesType, values.entries)],
    ['Subcharts', watched(makeMap(inner))],
  ])
  const root = watched(new GoMap(valuesType, entries))
  const path = chartPath(chart)
  const library = chart.metadata.type?.toLowerCase() === 'library'
  for (const { path: file, text } of chart.templates) {
    if (library && !isPartial(file)) continue
    found.push({ name: `${path}/${file}`, text, root, basePath: `${path}/templates` })
  }
  return root
}

/** Whether only its definitions count. */
export function isPartial(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('_')
}

/** `.Chart` as Helm 4 makes it of its metadata. */
function chartObject(chart: ActiveChart): GoMap {
  const { metadata } = chart
  const map = makeMap(Object.entries(plainFields(metadata)))
  map.entries.set('Name', chart.name)
  map.entries.set('IsRoot', chart.parent === undefined)
  map.entries.set('Annotations', makeStringMap(Object.entries(metadata.annotations ?? {})))
  map.entries.set('Keywords', makeSlice([...(metadata.keywords ?? [])]))
  map.entries.set('Sources', makeSlice([...(metadata.sources ?? [])]))
  map.entries.set('Maintainers', makeSlice((metadata.maintainers ?? []).map(maintainer)))
  map.entries.set('Dependencies', makeSlice((chart.declared ?? []).map(dependency)))
  return map
}

function plainFields(metadata: ChartMetadata): Record<string, Value> {
  return {
    APIVersion: metadata.apiVersion,
    AppVersion: metadata.appVersion ?? '',
    Condition: metadata.condition ?? '',
    Deprecated: metadata.deprecated ?? false,
    Description: metadata.description ?? '',
    Home: metadata.home ?? '',
    Icon: metadata.icon ?? '',
    KubeVersion: metadata.kubeVersion ?? '',
    Tags: metadata.tags ?? '',
    Type: metadata.type ?? '',
    Version: metadata.version,
  }
}

function maintainer({
  name = '',
  email = '',
  url = '',
}: {
  name?: string | undefined
  email?: string | undefined
  url?: string | undefined
}): Value {
  return makeMap([
    ['Name', name],
    ['Email', email],
    ['URL', url],
  ])
}

function dependency({ entry, name, enabled }: NonNullable<ActiveChart['declared']>[number]): Value {
  return makeMap([
    ['Name', name],
    ['Version', entry.version ?? ''],
    ['Repository', entry.repository],
    ['Condition', entry.condition ?? ''],
    ['Tags', makeSlice([...(entry.tags ?? [])])],
    ['Enabled', enabled],
    ['ImportValues', makeSlice((entry['import-values'] ?? []).map(plainValue))],
    ['Alias', entry.alias ?? ''],
  ])
}

function plainValue(value: unknown): Value {
  if (typeof value === 'object' && value !== null) {
    return makeMap(Object.entries(value).map(([key, item]) => [key, plainValue(item)]))
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
