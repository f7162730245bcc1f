import { dirname, resolve } from 'node:path'
import { openBundle } from '@ropeway/bundle'
import type { OptionsSchema, RelocationMode } from '@ropeway/core'
import { parse } from 'yaml'
import { z } from 'zod'
import { sinkFor } from '../adapters/table.js'
import * as errors from '../errors.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Chain, SinkStep } from './chain.js'
import { loadChain, loadSinks } from './load.js'
import { jsonSchemaOf } from './options.js'
import type { Variables } from './variables.js'

/** A chain without a file, from the command line. */
export interface AdHoc {
  /** `NAME=VALUE`: the value of the adapter's main option, or its options in YAML flow form (`NAME={option: value}`). */
  readonly sources: readonly string[]
  readonly sinks?: readonly string[] | undefined
  readonly transforms?: readonly unknown[] | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly platforms?: readonly string[] | undefined
  readonly insecure?: readonly string[] | undefined
  readonly variables?: Variables | undefined
  readonly directory: string
}

export async function adHocChain(adHoc: AdHoc, runtime: Runtime): Promise<Chain> {
  const { directory, platforms, name = 'ropeway', version = '0.0.0', transforms = [], insecure = [] } = adHoc
  const sources = await Promise.all(adHoc.sources.map((text) => stepFrom('source', text, runtime)))
  const sinks = await Promise.all((adHoc.sinks ?? []).map((text) => stepFrom('sink', text, runtime)))
  const value = { name, version, sources: joinSources(sources), transforms, sinks, insecure }
  return loadChain({ value, directory }, runtime.adapters, { platforms, variables: adHoc.variables })
}

export type WrittenStep = Record<string, unknown>

/** `--source oci=a --source oci=b` is one step with two references. */
function joinSources(steps: readonly WrittenStep[]): WrittenStep[] {
  const joined: WrittenStep[] = []
  for (const step of steps) {
    const [name = '', options] = Object.entries(step)[0] ?? []
    const last = joined.at(-1)?.[name]
    const merged = isList(last) && isList(options) ? mergeLists(last, options) : undefined
    if (merged === undefined) joined.push(step)
    else joined[joined.length - 1] = { [name]: merged }
  }
  return joined
}

type OneList = Readonly<Record<string, readonly unknown[]>>

function isList(options: unknown): options is OneList {
  if (options === null || typeof options !== 'object') return false
  const values: unknown[] = Object.values(options)
  return values.length === 1 && Array.isArray(values[0])
}

function mergeLists(a: OneList, b: OneList): OneList | undefined {
  const [key = ''] = Object.keys(a)
  return b[key] === undefined ? undefined : { [key]: [...(a[key] ?? []), ...b[key]] }
}

/** A step as the command line writes it, `NAME` or `NAME=OPTIONS`. Throws `SHORTHAND_INVALID`. */
export async function stepFrom(kind: 'source' | 'sink', text: string, runtime: Runtime): Promise<WrittenStep> {
  const flag = `--${kind}`
  const cut = text.indexOf('=')
  const name = cut === -1 ? text : text.slice(0, cut)
  const value = cut === -1 ? '' : text.slice(cut + 1)
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw errors.shorthandInvalid(flag, text, `it does not begin with the name of a ${kind}`)
  const adapter = await runtime.adapters.load(kind, name)
  if (value === '') {
    if (kind === 'source') throw errors.shorthandInvalid(flag, text, `source "${name}" needs a value`)
    return { [name]: {} }
  }
  if (value.startsWith('{')) return { [name]: flowOptions(flag, text, value) }
  const option = adapter.shorthand
  if (option === undefined)
    throw errors.shorthandInvalid(flag, text, `${kind} "${name}" has no main option; write its options`)
  return { [name]: { [option]: takesList(adapter.options, option) ? [value] : value } }
}

function flowOptions(flag: string, text: string, value: string): unknown {
  try {
    return parse(value) as unknown
  } catch {
    throw errors.shorthandInvalid(flag, text, 'its options are not YAML')
  }
}

function takesList(options: OptionsSchema<unknown>, option: string): boolean {
  const schema = z
    .object({ properties: z.record(z.string(), z.object({ type: z.unknown() }).loose()) })
    .safeParse(jsonSchemaOf(options))
  return schema.success && schema.data.properties[option]?.type === 'array'
}

export function withSinks(chain: Chain, sinks: readonly SinkStep[]): Chain {
  return { ...chain, sinks }
}

/** The chain with a bundle file as its only sink; its transforms stay. `file` is relative to the current folder. */
export async function forExport(chain: Chain, file: string, runtime: Runtime): Promise<Chain> {
  return withSinks(chain, await loadSinks([{ tarball: { path: resolve(file) } }], chain.directory, runtime.adapters))
}

/** Where a bundle is imported to. */
export interface ImportTarget {
  /** `HOST[/prefix]`: images, charts and files get their default names there. */
  readonly registry?: string | undefined
  /** `NAME` or `NAME=OPTIONS`. */
  readonly sinks?: readonly string[] | undefined
  /** A chain whose transforms and sinks are taken; its sources are not. */
  readonly chain?: Chain | undefined
  /** How charts and manifests follow, whatever the chain's transforms say. */
  readonly charts?: RelocationMode | undefined
  readonly platforms?: readonly string[] | undefined
  readonly variables?: Variables | undefined
  /** What relative paths in `sinks` are relative to; the default is the bundle's folder. */
  readonly directory?: string | undefined
}

/** The chain that imports a bundle: the bundle is its source, the target gives its names and sinks. */
export async function forImport(file: string, target: ImportTarget, runtime: Runtime): Promise<Chain> {
  const { chain } = target
  const path = resolve(file)
  const { name, version } = await identityOf(path)
  const written =
    (target.sinks ?? []).length > 0
      ? await Promise.all((target.sinks ?? []).map((text) => stepFrom('sink', text, runtime)))
      : undefined
  const directory = chain?.directory ?? target.directory ?? dirname(path)
  const registry = target.registry ?? (chain === undefined ? await ownRegistry(written, directory, runtime) : undefined)
  const value = {
    name,
    version,
    // A path is no text with variables.
    sources: [{ bundle: { path: path.replaceAll('{', '\\{') } }],
    transforms: registry === undefined ? [] : [{ rewrite: { registry } }],
    sinks: written ?? (registry === undefined ? [] : [{ [sinkFor(registry, runtime.adapters)]: {} }]),
  }
  const base = await loadChain({ value, directory }, runtime.adapters, {
    platforms: target.platforms,
    variables: target.variables,
  })
  const offline = { ...base.discover, offline: true }
  const relocation = target.charts
  if (chain === undefined) return { ...base, discover: offline, relocation, file: undefined }
  return {
    ...base,
    discover: offline,
    relocation,
    allowUnproved: chain.allowUnproved,
    transforms: registry === undefined ? chain.transforms : base.transforms,
    sinks: base.sinks.length > 0 ? base.sinks : chain.sinks,
    insecure: chain.insecure,
    caFiles: chain.caFiles,
    onError: chain.onError,
  }
}

/** The registry that a lone sink names by itself, when nobody named one. */
async function ownRegistry(
  written: readonly WrittenStep[] | undefined,
  directory: string,
  runtime: Runtime,
): Promise<string | undefined> {
  const [step, ...more] = await loadSinks(written ?? [], directory, runtime.adapters)
  if (step === undefined || more.length > 0) return undefined
  const sink = await runtime.adapters.load('sink', step.adapter)
  return sink.registry?.(step.options, runtime.context(bareChain(directory)))
}

/** What a context is made for where no chain is loaded yet. */
export function bareChain(
  directory: string,
): Pick<Chain, 'name' | 'version' | 'directory' | 'insecure' | 'caFiles' | 'hosts'> {
  return { name: 'ropeway', version: '0.0.0', directory, insecure: [], caFiles: [], hosts: [] }
}

async function identityOf(path: string): Promise<{ name: string; version: string }> {
  const bundle = await openBundle(path)
  try {
    return bundle.chain
  } finally {
    await bundle.close()
  }
}
