import { basename } from 'node:path'
import { addonsNone } from '../errors.js'
import { isRepositoryAddress } from './addresses.js'
import { isTemplate, type Addon, type AddonList, type SkippedAddon } from './addon.js'
import { readEntry, type Written } from './entry.js'
import { namedRepositories } from './repositories.js'
import { readTrees, textAt, type Tree, type TreeMap } from './tree.js'

interface Search {
  readonly file: string
  readonly repositories: ReadonlyMap<string, string>
  readonly addons: Addon[]
  readonly skipped: SkippedAddon[]
}

/** Where a map stands: what names it, and whether it is an entry of an `addons:` list or map. */
interface Standing {
  readonly key: string | undefined
  readonly canonical: boolean
}

/**
 * The addons of a GitOps values file: those of its `addons:`, a list or a map, else all that a search of the whole file finds.
 * `name` is the file's, as the user wrote it. Whether they are enabled makes no difference.
 * Throws `ADDONS_FILE_INVALID`, and `ADDONS_NONE` when nothing looks like an addon or all of them are skipped.
 */
export function readAddonValues(text: string, name: string): AddonList {
  const trees = readTrees(text, name)
  const start = { file: basename(name), repositories: namedRepositories(trees) }
  const search = (): Search => ({ ...start, addons: [], skipped: [] })
  const canonical = search()
  for (const tree of trees) {
    const listed = tree.type === 'map' ? tree.entries.get('addons') : undefined
    if (listed !== undefined) entriesOf(listed, canonical)
  }
  if (canonical.addons.length > 0) return canonical
  const whole = search()
  for (const tree of trees) descend(tree, { key: undefined, canonical: false }, whole)
  if (whole.addons.length > 0) return whole
  const skipped = canonical.skipped.length > 0 ? canonical.skipped : whole.skipped
  throw addonsNone(
    name,
    skipped.map(({ name: each, reason, place }) => `${each} (${place}): ${reason}`),
  )
}

/** Takes every entry of `addons:`; groups of addons may stand between it and them. */
function entriesOf(listed: Tree, search: Search): void {
  if (listed.type === 'text') return
  if (listed.type === 'list') {
    for (const item of listed.items) entryOf(item, undefined, search)
    return
  }
  for (const { key, value } of listed.hidden) {
    if (value.type === 'map') skip(search, key, value, 'its key stands again further below, which is what counts')
  }
  for (const [key, item] of listed.entries) entryOf(item, key, search)
}

function entryOf(item: Tree, key: string | undefined, search: Search): void {
  const before = search.addons.length + search.skipped.length
  descend(item, { key: item.type === 'list' ? undefined : key, canonical: true }, search)
  if (item.type === 'map' && search.addons.length + search.skipped.length === before) {
    const { chart, repository } = readEntry(item, search.repositories)
    skip(search, key ?? nameOf(item, chart), item, whatIsMissing(chart, repository))
  }
}

function whatIsMissing(chart: string | undefined, repository: string | undefined): string {
  if (chart === undefined) return 'it names no chart'
  return repository === undefined
    ? 'it names no repository of its chart'
    : `its repository is no address: ${repository}`
}

/** Takes a map that is an addon, and looks for addons in what is none. */
function descend(tree: Tree, standing: Standing, search: Search): void {
  if (tree.type === 'list') {
    for (const item of tree.items) descend(item, standing, search)
    return
  }
  if (tree.type === 'text' || take(tree, standing, search)) return
  const name = textAt(tree, 'name') ?? metadataName(tree)
  for (const [key, value] of tree.entries) {
    // What stands in a list under a name of its own is not called by it.
    const listed = value.type === 'list' ? undefined : key
    const own = structural.has(key) ? (name ?? standing.key) : listed
    descend(value, { key: own, canonical: false }, search)
  }
}

/** Keys that say where in an object an addon stands, and not what it is called. */
const structural: ReadonlySet<string> = new Set([
  'chart',
  'clusters',
  'generators',
  'helm',
  'matrix',
  'merge',
  'source',
  'sources',
  'spec',
  'template',
  'values',
  'valuesObject',
])

/** Whether the map is an addon, taken or skipped. */
function take(map: TreeMap, standing: Standing, search: Search): boolean {
  const written = withOwnAddress(readEntry(map, search.repositories))
  const { chart, repository } = written
  const name = standing.key ?? nameOf(map, chart)
  const reason = reasonToSkip(map, written, standing)
  if (reason !== undefined) {
    skip(search, name, map, reason)
    return true
  }
  if (chart === undefined || repository === undefined || !isRepositoryAddress(repository)) return false
  const parts = chart.split('/').filter((part) => part !== '')
  const own = parts.at(-1)
  if (own === undefined) return false
  const path = parts.length > 1 ? parts.slice(0, -1).join('/') : undefined
  search.addons.push({
    name,
    chart: own,
    path,
    namespace: path,
    repository,
    version: written.version,
    release: written.release === undefined || isTemplate(written.release) ? name : written.release,
    targetNamespace: written.targetNamespace,
    place: placeOf(map, search),
  })
  return true
}

/** `oci://host/path/name` without a chart is the chart's own address. */
function withOwnAddress(written: Written): Written {
  const { chart, repository } = written
  const address = /^(oci:\/\/[^/]+)\/(.+?)\/*$/.exec(repository ?? '')
  if (chart !== undefined || address === null) return written
  const here = written.path === undefined || /^\.?\/?$/.test(written.path)
  return here ? { ...written, repository: address[1], chart: address[2], path: undefined } : written
}

function reasonToSkip(
  map: TreeMap,
  { chart, repository, version, path }: Written,
  standing: Standing,
): string | undefined {
  if (path !== undefined && !/^\.?\/?$/.test(path) && isGit(map, repository, standing)) {
    return `it is the folder ${path} of a git repository, not a chart of a chart repository`
  }
  if (chart === undefined || repository === undefined) return undefined
  const template = [
    ['chart', chart],
    ['repository', repository],
    ['version', version ?? ''],
  ].find(([, text]) => isTemplate(text ?? ''))
  if (template !== undefined) return `its ${template[0]} is only known on the cluster: ${template[1]}`
  return /^\.{1,2}\//.test(chart) ? `its chart is the folder ${chart}, not a chart of a chart repository` : undefined
}

/** Outside of `addons:` many things have a path; there the repository has to be one that only git repositories are named by. */
function isGit(map: TreeMap, repository: string | undefined, { canonical }: Standing): boolean {
  if (repository === undefined) return canonical
  return canonical || map.entries.has('repoURL') || map.entries.has('repoUrl') || /\.git$|^git@|^ssh:/.test(repository)
}

function nameOf(map: TreeMap, chart: string | undefined): string {
  const own = [textAt(map, 'name'), textAt(map, 'releaseName'), chart?.split('/').at(-1), textAt(map, 'path')]
  return own.find((text) => text !== undefined && !isTemplate(text)) ?? 'an entry'
}

function metadataName(map: TreeMap): string | undefined {
  const metadata = map.entries.get('metadata')
  const name = metadata?.type === 'map' ? textAt(metadata, 'name') : undefined
  return name === undefined || isTemplate(name) ? undefined : name
}

function skip(search: Search, name: string, map: TreeMap, reason: string): void {
  search.skipped.push({ name, reason, place: placeOf(map, search) })
}

function placeOf({ line }: TreeMap, { file }: Search): string {
  return `${file}:${String(line)}`
}
