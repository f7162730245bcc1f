import { readFile } from 'node:fs/promises'
import type { Context } from '@ropeway/core'
import {
  addonsFileUnreadable,
  defaultOverrides,
  readAddonList,
  readOverrides,
  type AddonList,
  type Overrides,
} from '@ropeway/helm'
import { sha256 } from '@ropeway/oci'
import { stringify } from 'yaml'
import { listOf, type AddonsOptions } from './options.js'

type FileContext = Pick<Context, 'resolvePath'>

/** The addons that the options name and their filters keep. Throws what reading and selecting them throws. */
export async function listAddons(options: AddonsOptions, context: FileContext): Promise<AddonList> {
  const { values, catalogs } = options
  const named = async (name: string) => ({ name, text: await read(name, context) })
  const files =
    values === undefined
      ? { catalogs: await Promise.all(listOf(catalogs).map(named)) }
      : { values: await named(values) }
  return readAddonList(files, { only: listOf(options.only), exclude: listOf(options.exclude) })
}

/** Overrides, and what they are called: the file's name. */
export interface NamedOverrides {
  readonly name: string
  readonly overrides: Overrides
}

/** The overrides of the options, or of the file that is taken when it is there. Throws `OVERRIDES_INVALID`. */
export async function loadOverrides({ overrides }: AddonsOptions, context: FileContext): Promise<NamedOverrides> {
  if (typeof overrides === 'object') {
    return { name: 'overrides', overrides: readOverrides(stringify({ overrides }), 'overrides') }
  }
  const name = overrides ?? defaultOverrides
  const text = overrides === undefined ? await readIfThere(name, context) : await read(name, context)
  return { name, overrides: text === undefined ? new Map() : readOverrides(text, name) }
}

/** Digests of all files that decide what is resolved; those that are not there are left out, so that a lock tells it. */
export async function inputDigests(options: AddonsOptions, context: FileContext): Promise<Record<string, string>> {
  const { values, overrides } = options
  const files = [
    ...listOf(values),
    ...listOf(options.catalogs),
    ...(typeof overrides === 'object' ? [] : [overrides ?? defaultOverrides]),
  ]
  const digests: Record<string, string> = {}
  for (const name of files) {
    const text = await readIfThere(name, context)
    if (text !== undefined) digests[name] = sha256(Buffer.from(text))
  }
  return digests
}

async function read(name: string, { resolvePath }: FileContext): Promise<string> {
  try {
    return await readFile(resolvePath(name), 'utf8')
  } catch (error) {
    throw addonsFileUnreadable(name, error)
  }
}

async function readIfThere(name: string, { resolvePath }: FileContext): Promise<string | undefined> {
  try {
    return await readFile(resolvePath(name), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw addonsFileUnreadable(name, error)
  }
}
