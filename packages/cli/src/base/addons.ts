import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { AddonFilters, AddonList } from '@ropeway/helm'
import type { AddonsChain, Chain } from '@ropeway/engine'
import { z } from 'zod'
import * as errors from '../errors.js'
import type { Session } from './session.js'

/** The flags of chains of addons, as they are parsed. */
export interface AddonsFlags {
  readonly values?: string | undefined
  readonly catalog?: readonly string[] | undefined
  readonly to?: string | undefined
  readonly only?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly latest?: boolean | undefined
  readonly 'exclude-dependencies'?: boolean | undefined
  readonly overrides?: string | undefined
  readonly 'embed-overrides'?: boolean | undefined
  readonly 'target-prefix'?: string | undefined
  readonly 'chart-prefix'?: string | undefined
  readonly platform?: readonly string[] | undefined
  readonly locked?: boolean | undefined
}

/** Whether a command line names addons in place of a chain. */
export function namesAddons({ values, catalog = [] }: Pick<AddonsFlags, 'values' | 'catalog'>): boolean {
  return values !== undefined || catalog.length > 0
}

/** Throws `FLAG_CONFLICT` and `FLAG_INVALID` for flags that do not go together. `file` is the chain that is named besides. */
export function checkAddonsFlags(flags: AddonsFlags, file: string | undefined, command: string): void {
  const { values, catalog = [], latest, locked, to } = flags
  if (!namesAddons(flags)) {
    const alone = dependent.find((flag) => given(flags[flag]))
    if (alone !== undefined)
      throw errors.flagInvalid(command, `--${alone} is for addons: name them with --values or --catalog`)
    return
  }
  const named = values === undefined ? '--catalog' : '--values'
  if (values !== undefined && catalog.length > 0) {
    throw errors.flagConflict('--values', '--catalog', 'addons come from a values file or from catalogs')
  }
  if (file !== undefined) throw errors.flagConflict(`the chain ${file}`, named, 'both say what travels')
  if (latest === true && locked === true) {
    throw errors.flagConflict('--latest', '--locked', 'a lock says which versions they are')
  }
  const prefix = (['target-prefix', 'chart-prefix'] as const).find((flag) => flags[flag] !== undefined)
  if (to === undefined && prefix !== undefined) {
    throw errors.flagInvalid(command, `--${prefix} is a path in a registry: name that with --to`)
  }
}

const dependent = [
  'to',
  'exclude',
  'latest',
  'exclude-dependencies',
  'overrides',
  'embed-overrides',
  'target-prefix',
  'chart-prefix',
] as const satisfies readonly (keyof AddonsFlags)[]

function given(value: string | boolean | readonly string[] | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
}

/** What the flags say, as the engine makes a chain of it. */
export function addonsOf(flags: AddonsFlags): AddonsChain {
  const { values, catalog = [], to, only, exclude, latest, overrides, platform } = flags
  return {
    values,
    catalogs: catalog.length === 0 ? undefined : catalog,
    to,
    only: words(only),
    exclude: words(exclude),
    latest,
    overrides,
    embedOverrides: flags['embed-overrides'],
    excludeDependencies: flags['exclude-dependencies'],
    targetPrefix: flags['target-prefix'],
    chartPrefix: flags['chart-prefix'],
    platforms: platform,
  }
}

function words(list: readonly string[] = []): string[] {
  return list.flatMap((text) => text.split(',')).flatMap((word) => (word.trim() === '' ? [] : [word.trim()]))
}

/** What a step of addons was given; the adapter has checked it. */
const StepOptions = z.object({
  values: z.string().optional(),
  catalogs: z.union([z.string(), z.array(z.string())]).optional(),
  only: z.union([z.string(), z.array(z.string())]).optional(),
  exclude: z.union([z.string(), z.array(z.string())]).optional(),
})

/**
 * The addons that a chain carries, as its files list them; `undefined` for a chain without any. They are introduced to the
 * progress of the run. Throws what reading and selecting them throws.
 */
export async function addonsIn(chain: Chain, { owners }: Session): Promise<AddonList | undefined> {
  const steps = chain.sources.filter(({ adapter }) => adapter === 'addons')
  if (steps.length === 0) return undefined
  const lists = await Promise.all(
    steps.map(async ({ options, directory }) => listOf(StepOptions.parse(options), directory)),
  )
  const list = { addons: lists.flatMap(({ addons }) => addons), skipped: lists.flatMap(({ skipped }) => skipped) }
  owners.introduce(list.addons.map(({ name }) => name))
  for (const { chart, name } of list.addons) owners.claim(`chart:${chart}`, name)
  return list
}

async function listOf(options: z.output<typeof StepOptions>, directory: string): Promise<AddonList> {
  const several = (value: string | readonly string[] = []) => (typeof value === 'string' ? [value] : value)
  const filters = { only: several(options.only), exclude: several(options.exclude) }
  const files = { values: options.values, catalogs: several(options.catalogs) }
  return readAddonFiles(files, filters, directory)
}

/** Reads the addons of files, relative to a folder. Throws `FILE_NOT_READABLE`, and what reading and selecting them throws. */
export async function readAddonFiles(
  files: { readonly values?: string | undefined; readonly catalogs?: readonly string[] | undefined },
  filters: AddonFilters,
  directory: string,
): Promise<AddonList> {
  const named = async (name: string) => ({ name, text: await read(name, directory) })
  const { readAddonList } = await import('@ropeway/helm')
  const { values, catalogs = [] } = files
  if (values !== undefined) return readAddonList({ values: await named(values) }, filters)
  return readAddonList({ catalogs: await Promise.all(catalogs.map(named)) }, filters)
}

async function read(name: string, directory: string): Promise<string> {
  try {
    return await readFile(resolve(directory, name), 'utf8')
  } catch (error) {
    throw errors.fileNotReadable(name, error)
  }
}
