import {
  toRopewayError,
  withAbout,
  withPlace,
  type Artifact,
  type ChartSettings,
  type Context,
  type Failure,
} from '@ropeway/core'
import {
  addonNamespacesDiffer,
  compareVersions,
  overrideOf,
  tryVersion,
  type Addon,
  type WantedArtifact,
} from '@ropeway/helm'
import { collect } from '@ropeway/oci'
import { accessOf, lockedIn, ownerOf } from './access.js'
import { archiveLayer, changedArtifact, changedChart } from './change.js'
import type { NamedOverrides } from './files.js'
import { createIndexes, locateChart, type Indexes, type Located } from './locate.js'
import type { AddonsOptions } from './options.js'

/** An addon with the chart that it means. */
interface Found {
  readonly addon: Addon
  readonly artifact: Artifact
}

interface Work {
  readonly options: AddonsOptions
  readonly overrides: NamedOverrides
  readonly indexes: Indexes
  readonly context: Context
}

/** Resolves addons, in their order; those that mean one chart become one artifact, at the place of the first. */
export async function resolveAddons(
  addons: readonly Addon[],
  options: AddonsOptions,
  overrides: NamedOverrides,
  context: Context,
): Promise<(Artifact | Failure)[]> {
  const work = { options, overrides, indexes: createIndexes(addons, context), context }
  const results = await Promise.all(addons.map((addon) => resolveAddon(addon, work)))
  context.signal.throwIfAborted()
  const groups = new Map<string, Found[]>()
  for (const result of results) {
    if ('error' in result) continue
    const { name, version = '', root } = result.artifact
    const key = `${name} ${version} ${root.digest}`
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  const first = new Map([...groups.values()].flatMap((group) => (group[0] === undefined ? [] : [[group[0], group]])))
  return results.flatMap((result) => {
    if ('error' in result) return [result]
    const group = first.get(result)
    return group === undefined ? [] : [merged(group, result, work)]
  })
}

async function resolveAddon(addon: Addon, work: Work): Promise<Found | Failure> {
  const { options, indexes, context } = work
  const wanted: WantedArtifact = {
    chart: addon.chart,
    version: options.latest ? undefined : addon.version,
    namespace: addon.namespace,
  }
  const access = accessOf(options)
  try {
    let located = await locateChart(addon, wanted, access, indexes, context)
    if (isOlder(located.artifact.version, wanted.version === undefined ? addon.version : undefined)) {
      located = await locateChart(addon, { ...wanted, version: addon.version }, access, indexes, context)
    }
    return { addon, artifact: await changed(lockedIn(located, addon), located, addon, work) }
  } catch (error) {
    context.signal.throwIfAborted()
    return failure(addon, error)
  }
}

/** The chart as it travels: with overrides as its own defaults, without dependencies, where that is asked for. */
async function changed(artifact: Artifact, { repository }: Located, addon: Addon, work: Work): Promise<Artifact> {
  const { options, overrides, context } = work
  const values = options.embedOverrides ? overrideFor(addon, artifact, overrides) : undefined
  const withoutDependencies = options.excludeDependencies
  if (values === undefined && !withoutDependencies) return artifact
  const { source, content, name } = artifact
  const owned = { ...artifact, source: { ...source, locator: source.locator ?? ownerOf(addon, repository) } }
  const layer = await archiveLayer(artifact)
  const load = async () => (layer === undefined ? new Uint8Array() : collect(content.open(layer), layer.size))
  const changes = { values, withoutDependencies }
  const result = await changedArtifact(owned, changes, () => changedChart(name, load, changes), context)
  return result === owned ? artifact : result
}

function overrideFor(addon: Addon, { name }: Artifact, { overrides }: NamedOverrides): string | undefined {
  return overrideOf(overrides, name) ?? overrideOf(overrides, addon.chart)
}

/** Whether what was found is older than what is pinned: a pre-release of what comes next. */
function isOlder(found: string | undefined, pinned: string | undefined): boolean {
  const [a, b] = [tryVersion(found ?? ''), tryVersion(pinned ?? '')]
  return a !== undefined && b !== undefined && compareVersions(a, b) < 0
}

function failure(addon: Addon, error: unknown): Failure {
  const told = withAbout(toRopewayError(error), addon.name)
  return { about: addon.name, error: withPlace(told, { at: addon.place, operation: 'resolving' }) }
}

/** One artifact for all addons that mean it. */
function merged(group: readonly Found[], { addon, artifact }: Found, work: Work): Artifact | Failure {
  const places = [...new Set(group.map((found) => found.artifact.naming.path))]
  if (places.length > 1) return failure(addon, addonNamespacesDiffer(artifact.name, places))
  const addons = group.map((found) => found.addon)
  return {
    ...artifact,
    ...settingsOf(addon, artifact, work),
    requiredBy: addons.map(({ place }) => place),
    annotations: { ...artifact.annotations, ...annotationsOf(addons, artifact, work.options) },
  }
}

/** What people and later phases know an addon by. */
function annotationsOf(addons: readonly Addon[], { version }: Artifact, { latest }: AddonsOptions) {
  const names = addons.map(({ name }) => name)
  const pinned = [...new Set(addons.flatMap((addon) => addon.version ?? []))].filter((each) => each !== version)
  return {
    'addons.names': JSON.stringify(names),
    ...(latest && pinned.length > 0 ? { 'addons.pinned': pinned.join(', ') } : {}),
  }
}

/** How the chart is rendered where images are looked for and where it is proved. */
function settingsOf(
  addon: Addon,
  artifact: Artifact,
  { overrides, options }: Work,
): { readonly settings: ChartSettings } {
  const content = overrideFor(addon, artifact, overrides)
  const rendered = content === undefined || options.embedOverrides ? [] : [{ name: overrides.name, content }]
  return {
    settings: {
      name: addon.release,
      ...(addon.targetNamespace === undefined ? {} : { namespace: addon.targetNamespace }),
      ...(rendered.length === 0 ? {} : { values: rendered }),
    },
  }
}
