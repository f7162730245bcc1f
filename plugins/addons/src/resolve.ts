import { toRopewayError, withAbout, withPlace, type Artifact, type Context, type Failure } from '@ropeway/core'
import {
  addonNamespacesDiffer,
  compareVersions,
  overrideOf,
  tryVersion,
  type Addon,
  type WantedArtifact,
} from '@ropeway/helm'
import { accessOf, lockedIn } from './access.js'
import type { NamedOverrides } from './files.js'
import { createIndexes, locateChart, type Indexes } from './locate.js'
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
    return { addon, artifact: lockedIn(located, addon) }
  } catch (error) {
    context.signal.throwIfAborted()
    return failure(addon, error)
  }
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
function settingsOf(addon: Addon, { name }: Artifact, { overrides, options }: Work) {
  const content = overrideOf(overrides.overrides, name) ?? overrideOf(overrides.overrides, addon.chart)
  const rendered = content === undefined || options.embedOverrides ? [] : [{ name: overrides.name, content }]
  return {
    settings: {
      name: addon.release,
      ...(addon.targetNamespace === undefined ? {} : { namespace: addon.targetNamespace }),
      ...(rendered.length === 0 ? {} : { values: rendered }),
      ...(options.excludeDependencies ? { excludeDependencies: true } : {}),
    },
  }
}
