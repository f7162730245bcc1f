import { GoMap, type Limits } from '@ropeway/gotemplate'
import { loadChartFiles, type LoadedChart } from '../chart/load.js'
import type { ChartMetadata } from '../chart/metadata.js'
import type { ChartSource } from '../chart/source.js'
import type { EncodingCall } from '../functions/helm.js'
import { seededEntropy, systemEntropy, type Entropy } from '../functions/entropy.js'
import { HelmError } from '../helm-error.js'
import { coalesceValues } from '../values/coalesce.js'
import type { OriginOf } from '../values/origin.js'
import { mergeUserValues, type UserValues } from '../values/user-values.js'
import { parseConstraint, satisfies } from '../version/constraint.js'
import { tryVersion } from '../version/version.js'
import { validateSchemas } from '../schema/charts.js'
import { makeCapabilities, type CapabilitiesOptions } from './capabilities.js'
import { activate, type ActiveChart } from './chart.js'
import { makeRelease, renderables, type ReleaseOptions } from './context.js'
import { checkDependencies, processDependencies } from './dependencies.js'
import { renderAlone, renderFiles } from './engine.js'
import { sortManifests, type Failed, type Manifest } from './manifests.js'
import { chartScope, openMemory } from './memory.js'
import { valueOrigins } from './origins.js'
import { makeWatch, watchedMap } from './watched.js'
import { crdFiles, printManifests, type CrdFile, type PrintOptions } from './print.js'

/** How far templates may go before rendering ends with an error; `depth`, `output` and `steps` are those of `@ropeway/gotemplate`. */
export interface RenderLimits extends Partial<Limits> {
  /** Milliseconds that the templates of the chart may take together. Default: 30,000. */
  readonly time?: number | undefined
}

export interface RenderOptions {
  readonly release?: ReleaseOptions | undefined
  readonly values?: UserValues | GoMap | undefined
  readonly capabilities?: CapabilitiesOptions | undefined
  /** Makes everything that is random, keys and certificates too, depend on this text only, and stops time. */
  readonly seed?: string | undefined
  /** Milliseconds since 1970, for charts that ask for the time. */
  readonly now?: (() => number) | undefined
  readonly skipSchemaValidation?: boolean | undefined
  /** Renders the chart as if its `charts/` were empty, whatever it declares. */
  readonly withoutDependencies?: boolean | undefined
  readonly limits?: RenderLimits | undefined
  /** Makes manifests know which lines of which templates wrote them. */
  readonly trace?: boolean | undefined
  /**
   * Which template files are rendered, by their names (`chart/templates/x.yaml`) and texts; the others come out empty, their definitions can be
   * used all the same. Default: all. For those who render a chart many times and know what a change of the values can touch.
   */
  readonly only?: ((file: { readonly name: string; readonly text: string }) => boolean) | undefined
  /** Told of each template that fails, while the others are rendered all the same. Without it the first failure is thrown. */
  readonly failed?: Failed | undefined
  /** Told of each checksum that a template takes, in the order in which they are taken. */
  readonly encoded?: ((call: EncodingCall) => void) | undefined
}

/** What came of a chart. */
export interface Rendered {
  readonly manifests: readonly Manifest[]
  readonly hooks: readonly Manifest[]
  readonly crds: readonly CrdFile[]
  /** The text of the chart's own NOTES.txt, when it has one. */
  readonly notes: string | undefined
  /** The values as the chart saw them. */
  readonly values: GoMap
  /** Where the value at a path of `values` was set. */
  readonly valueOrigin: OriginOf
  /** In Helm's words. */
  readonly warnings: readonly string[]
  /** What `helm template` prints. Throws `HelmError` when `showOnly` names what is not there. */
  text(options?: PrintOptions): string
}

/** A chart, loaded once and rendered as often as needed. */
export interface Chart {
  readonly metadata: ChartMetadata
  readonly loaded: LoadedChart
  /** Throws `HelmError`. */
  render(options?: RenderOptions): Rendered
}

/**
 * Loads a chart: a folder or archive by its path, the bytes of an archive, or files with paths relative to the chart's folder.
 * Throws what `loadChartFiles` throws.
 */
export async function loadChart(source: ChartSource, name?: string): Promise<Chart> {
  return makeChart(await loadChartFiles(source, name))
}

/** A chart of one that is loaded, or of a changed copy of it. */
export function makeChart(loaded: LoadedChart): Chart {
  return { metadata: loaded.metadata, loaded, render: (options = {}) => render(loaded, options) }
}

const defaultTime = 30_000

/** The limits of the templates, with the one of time, which starts now. */
function limitsOf({ time = defaultTime, expired, ...limits }: RenderLimits = {}): Partial<Limits> {
  // seconds of a clock that only goes forward; `performance` takes longer to load than a small chart to render
  const end = process.uptime() + time / 1000
  return { ...limits, expired: () => process.uptime() > end || expired?.() === true }
}

const releaseName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function checkReleaseName(name: string): void {
  if (name === '') throw new HelmError('release name check failed: release name "": no name provided')
  if (releaseName.test(name) && name.length <= 53) return
  throw new HelmError(
    `release name check failed: release name ${JSON.stringify(name)}: invalid release name, must match regex ${releaseName.source} ` +
      'and the length must not be longer than 53',
  )
}

function namedRelease(release: ReleaseOptions, entropy: Entropy): ReleaseOptions {
  const { nameTemplate } = release
  return nameTemplate === undefined ? release : { ...release, name: renderAlone(nameTemplate, entropy) }
}

function checkKubeVersion(chart: ActiveChart, kubeVersion: string): void {
  const { kubeVersion: wanted = '' } = chart.metadata
  if (wanted === '' || compatible(wanted, kubeVersion)) return
  throw new HelmError(`chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${kubeVersion}`)
}

function compatible(constraint: string, text: string): boolean {
  const version = tryVersion(text)
  try {
    return version !== undefined && satisfies(version, parseConstraint(constraint))
  } catch {
    return false
  }
}

function render(loaded: LoadedChart, options: RenderOptions): Rendered {
  const warnings: string[] = [...loaded.warnings]
  try {
    return renderWarning(loaded, options, warnings)
  } catch (error) {
    if (error instanceof HelmError) error.warnings = warnings
    throw error
  }
}

function renderWarning(loaded: LoadedChart, options: RenderOptions, warnings: string[]): Rendered {
  const warn = (message: string): void => void warnings.push(message)
  const given = options.values ?? {}
  const values = given instanceof GoMap ? given : mergeUserValues(given)
  const chart = activate(options.withoutDependencies === true ? { ...loaded, charts: [] } : loaded)
  const { seed, now = Date.now } = options
  const entropy = seed === undefined ? systemEntropy(now) : seededEntropy(seed, options.now?.())
  const release = namedRelease(options.release ?? {}, entropy)
  checkReleaseName(release.name ?? 'release-name')
  if (chart.metadata.type?.toLowerCase() === 'library') throw new HelmError('library charts are not installable')
  if (chart.metadata.deprecated === true) warn('this chart is deprecated')
  if (options.withoutDependencies !== true) checkDependencies(chart)
  inStep('chart dependencies processing failed', () => processDependencies(chart, values, warn))
  const capabilities = makeCapabilities(options.capabilities)
  const plain = coalesceValues(chart, values, warn)
  // only under a seed do templates that see the same make the same
  const watch = seed === undefined || options.trace === true ? undefined : makeWatch()
  const coalesced = watch === undefined ? plain : watchedMap(plain, watch)
  if (options.skipSchemaValidation !== true) validateSchemas(chart, coalesced, warn)
  let texts = new Map<string, string>()
  try {
    checkKubeVersion(chart, capabilities.kubeVersion)
    const files = renderables(chart, coalesced, makeRelease(release), capabilities, watch)
    const memory = watch && openMemory(scopeOf(chart, release, options), watch)
    const { trace, encoded, only, failed } = options
    const limits = limitsOf(options.limits)
    const done = renderFiles(files, { entropy, limits, trace, encoded, only, failed, memory })
    texts = done.texts
    const notes = takeNotes(texts, chart)
    const { manifests, hooks } = sortManifests(texts, warn, done.traces, failed)
    const crds = crdFiles(chart)
    let origins: OriginOf | undefined
    return {
      ...{ manifests, hooks, crds, notes, warnings, values: coalesced },
      valueOrigin: (path) => (origins ??= valueOrigins(loaded, given))(path),
      text: (print = {}) => printManifests(crds, manifests, hooks, print),
    }
  } catch (error) {
    if (error instanceof HelmError) error.rendered = texts
    throw error
  }
}

/** Says in front of what Helm refuses in a step which one it was. */
function inStep(step: string, run: () => void): void {
  try {
    run()
  } catch (error) {
    throw error instanceof HelmError ? new HelmError(`${step}: ${error.message}`) : error
  }
}

/** All that templates see besides the values. */
function scopeOf(
  chart: ActiveChart,
  release: ReleaseOptions,
  { capabilities, seed, now, limits }: RenderOptions,
): string {
  const { time: _, expired: __, ...reach } = limits ?? {}
  return JSON.stringify([chartScope(chart), release, capabilities ?? {}, seed, now?.() ?? null, reach])
}

/** The text of the chart's own notes; those of its subcharts go. */
function takeNotes(texts: Map<string, string>, chart: ActiveChart): string | undefined {
  const notes = texts.get(`${chart.name}/templates/NOTES.txt`)
  for (const name of texts.keys()) if (name.endsWith('NOTES.txt')) texts.delete(name)
  return notes
}
