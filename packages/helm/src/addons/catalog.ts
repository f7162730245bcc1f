import { basename } from 'node:path'
import { didYouMean, type RopewayError } from '@ropeway/core'
import { stringify } from 'yaml'
import { z } from 'zod'
import { addonsNone, catalogEntryInvalid, catalogInvalid, catalogReleaseConflict } from '../errors.js'
import { isTemplate, type Addon, type AddonList } from './addon.js'
import { readTrees, type Tree } from './tree.js'

const text = z.string().min(1)
const CatalogEntry = z.strictObject({
  chart: text,
  repository: text,
  oci_namespace: z.string().optional(),
  version: z.string().optional(),
  release: z.string().optional(),
})
const Catalog = z.strictObject({ addons: z.array(CatalogEntry) })
type CatalogEntry = z.output<typeof CatalogEntry>

/** A catalog's text, with the name that the user gave the file. */
export interface CatalogFile {
  readonly name: string
  readonly text: string
}

/**
 * The addons of several catalogs. A release that several of them name is taken once when they say the same of it.
 * Throws `ADDONS_FILE_INVALID`, `CATALOG_INVALID` with all that is wrong with a file, `CATALOG_RELEASE_CONFLICT` naming both
 * places, and `ADDONS_NONE`.
 */
export function readCatalogs(files: readonly CatalogFile[]): AddonList {
  const releases = new Map<string, Addon>()
  for (const addon of files.flatMap(readCatalog)) {
    const known = releases.get(addon.release)
    if (known === undefined) releases.set(addon.release, addon)
    else if (contentOf(known) !== contentOf(addon))
      throw catalogReleaseConflict(addon.release, known.place, addon.place)
  }
  if (releases.size === 0) throw addonsNone(files.map(({ name }) => name).join(', '), [])
  return { addons: [...releases.values()], skipped: [] }
}

function readCatalog({ name, text: content }: CatalogFile): Addon[] {
  const [tree] = readTrees(content, name)
  const faults: RopewayError[] = []
  const at = (path: readonly PropertyKey[]) => `${basename(name)}:${String(lineAt(tree, path))}`
  const parsed = Catalog.safeParse(tree === undefined ? undefined : plain(tree))
  if (!parsed.success) {
    faults.push(...parsed.error.issues.flatMap((issue) => faultsOf(issue, at)))
    throw catalogInvalid(name, faults)
  }
  return parsed.data.addons.map((entry, index) => addonOf(entry, at(['addons', index])))
}

function addonOf(entry: CatalogEntry, place: string): Addon {
  const parts = entry.chart.split('/').filter((part) => part !== '')
  const chart = parts.at(-1) ?? entry.chart
  const path = parts.length > 1 ? parts.slice(0, -1).join('/') : undefined
  const release = filled(entry.release) ?? chart
  return {
    name: release,
    chart,
    path,
    namespace: entry.oci_namespace === undefined ? path : filled(entry.oci_namespace),
    repository: entry.repository.trim(),
    version: filled(entry.version),
    release,
    place,
  }
}

function filled(written: string | undefined): string | undefined {
  const trimmed = written?.trim().replace(/^\/+|\/+$/g, '') ?? ''
  return trimmed === '' ? undefined : trimmed
}

function contentOf({ chart, path, namespace, repository, version }: Addon): string {
  return JSON.stringify([chart, path, namespace, repository, version])
}

function plain(tree: Tree): unknown {
  if (tree.type === 'text') return tree.text
  if (tree.type === 'list') return tree.items.map(plain)
  return Object.fromEntries([...tree.entries].map(([key, value]) => [key, plain(value)]))
}

type At = (path: readonly PropertyKey[]) => string

function faultsOf(issue: z.core.$ZodIssue, at: At): RopewayError[] {
  const { path } = issue
  if (issue.code !== 'unrecognized_keys') {
    return [catalogEntryInvalid(at(path), `${path.map(String).join('.') || 'it'}: ${issue.message}`)]
  }
  const known = path.length === 0 ? ['addons'] : Object.keys(CatalogEntry.shape)
  return issue.keys.map((key) =>
    catalogEntryInvalid(at([...path, key]), `the key ${JSON.stringify(key)} is unknown`, didYouMean(key, known)),
  )
}

/** The line of what a path leads to, or of the nearest thing around it. */
function lineAt(tree: Tree | undefined, path: readonly PropertyKey[]): number {
  if (tree === undefined) return 1
  const [key, ...rest] = path
  const next =
    tree.type === 'map' ? tree.entries.get(String(key)) : tree.type === 'list' ? tree.items[Number(key)] : undefined
  return key === undefined || next === undefined ? tree.line : lineAt(next, rest)
}

/** A catalog of these addons. Releases are made unique by the names of their addons; `renamed` says which. */
export function catalogText(addons: readonly Addon[]): {
  readonly text: string
  readonly renamed: readonly { readonly name: string; readonly release: string; readonly now: string }[]
} {
  const releases = new Map<string, Addon>()
  const renamed: { name: string; release: string; now: string }[] = []
  for (const addon of addons) {
    const release = freeRelease(addon, releases)
    if (release === undefined) continue
    if (release !== addon.release) renamed.push({ name: addon.name, release: addon.release, now: release })
    releases.set(release, addon)
  }
  const entries = [...releases].map(([release, addon]) => entryOf(addon, release))
  return { text: stringify({ addons: entries }, { lineWidth: 0 }), renamed }
}

/** `undefined` when the very same release is there already. */
function freeRelease(addon: Addon, taken: ReadonlyMap<string, Addon>): string | undefined {
  for (let count = 0; ; count++) {
    const base = count === 0 ? addon.release : addon.name.replaceAll('_', '-')
    const release = count < 2 ? base : `${base}-${String(count)}`
    const other = taken.get(release)
    if (other === undefined) return release
    if (contentOf(other) === contentOf(addon) && other.release === addon.release) return undefined
  }
}

function entryOf({ chart, namespace, repository, version }: Addon, release: string): CatalogEntry {
  return {
    chart,
    repository: namespace === undefined ? repository : withNamespace(repository, namespace),
    ...(namespace === undefined ? {} : { oci_namespace: namespace }),
    ...(version === undefined ? {} : { version }),
    release,
  }
}

/** In a registry the namespace is a part of the address; a repository that has a path of its own is written out with it. */
function withNamespace(repository: string, namespace: string): string {
  const [, scheme = '', rest = ''] = /^([a-z]+:\/\/)?(.*?)\/*$/i.exec(repository) ?? []
  const web = /^https?:/i.test(scheme)
  if (web || isTemplate(repository) || !rest.includes('/') || rest.endsWith(`/${namespace}`)) return repository
  return `${scheme}${rest}/${namespace}`
}
