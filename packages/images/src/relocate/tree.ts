import { fromBytes, toBytes } from '@ropeway/gotemplate'
import { chartFiles, chartReferences, parseValuesPath, type ChartFile, type LoadedChart } from '@ropeway/helm'
import type { Path } from '../path.js'

/** The files of a chart with the archives of its subcharts unpacked, and which of them came from which archive. */
export interface ChartTree {
  /** `charts/redis-1.2.3/templates/x.yaml` for a file of `charts/redis-1.2.3.tgz`. */
  readonly files: readonly ChartFile[]
  /** Folders that stand for archives, the outer ones first. */
  readonly unpacked: readonly string[]
}

/** Unpacks the archives below `charts/`, also those in archives. Throws `CHART_ARCHIVE_INVALID`. */
export async function openTree(files: readonly ChartFile[]): Promise<ChartTree> {
  const opened: ChartFile[] = []
  const unpacked: string[] = []
  for (const file of files) {
    const folder = archiveFolder(file.path)
    if (folder === undefined) {
      opened.push(file)
      continue
    }
    unpacked.push(folder)
    const inner: ChartFile[] = []
    for await (const member of chartFiles(file.bytes, file.path)) inner.push(member)
    const tree = await openTree(inner)
    for (const { path, bytes } of tree.files) opened.push({ path: `${folder}/${path}`, bytes })
    unpacked.push(...tree.unpacked.map((path) => `${folder}/${path}`))
  }
  return { files: opened, unpacked }
}

/** `charts/a/charts/b-1.tgz` → `charts/a/charts/b-1`; undefined for what is no archive of a subchart. */
function archiveFolder(path: string): string | undefined {
  return /^((?:charts\/[^/]+\/)*charts\/[^._/][^/]*)\.tgz$/.exec(path)?.[1]
}

/**
 * The files of the chart with some of the tree's files replaced. An archive that holds one of them becomes a folder; all
 * else stays as it was given.
 */
export function withFiles(
  given: readonly ChartFile[],
  tree: ChartTree,
  changed: ReadonlyMap<string, string>,
): ChartFile[] {
  if (changed.size === 0) return [...given]
  const touched = new Set(
    given.flatMap(({ path }) => {
      const folder = archiveFolder(path)
      const within = folder !== undefined && [...changed.keys()].some((file) => file.startsWith(`${folder}/`))
      return within ? [folder] : []
    }),
  )
  const replaced = (file: ChartFile): ChartFile => {
    const text = changed.get(file.path)
    return text === undefined ? file : { path: file.path, bytes: toBytes(text) }
  }
  return given.flatMap((file) => {
    const folder = archiveFolder(file.path)
    if (folder === undefined || !touched.has(folder)) return [replaced(file)]
    return tree.files.filter(({ path }) => path.startsWith(`${folder}/`)).map(replaced)
  })
}

/** A text file of a chart or a subchart. */
export interface TextFile {
  /** Its path in the tree. */
  readonly path: string
  readonly text: string
}

const largest = 1024 * 1024

/** The files that may end up in what the chart renders: templates, and files that templates may read. */
export function renderedFiles(tree: ChartTree): TextFile[] {
  const own = /^(?:charts\/[^/]+\/)*(?!charts\/|Chart\.(?:yaml|lock)$|values\.|requirements\.|README|\.helmignore)/
  return tree.files
    .filter(({ path, bytes }) => own.test(path) && bytes.byteLength < largest && !bytes.includes(0))
    .map(({ path, bytes }) => ({ path, text: fromBytes(bytes) }))
}

/** A copy of a loaded chart in which files have other texts; their paths are those of the tree it was loaded from. */
export function patchLoaded(loaded: LoadedChart, tree: ChartTree, changed: ReadonlyMap<string, string>): LoadedChart {
  return changed.size === 0 ? loaded : patchAt(loaded, '', tree, changed)
}

function patchAt(
  loaded: LoadedChart,
  base: string,
  tree: ChartTree,
  changed: ReadonlyMap<string, string>,
): LoadedChart {
  const folders = subchartFolders(tree, base)
  return {
    ...loaded,
    templates: loaded.templates.map((file) => ({ ...file, text: changed.get(base + file.path) ?? file.text })),
    files: loaded.files.map((file) => {
      const text = changed.get(base + file.path)
      return text === undefined ? file : { ...file, bytes: toBytes(text) }
    }),
    charts: loaded.charts.map((chart, at) => {
      const folder = folders[at]
      const within = folder !== undefined && [...changed.keys()].some((path) => path.startsWith(folder))
      return within ? patchAt(chart, folder, tree, changed) : chart
    }),
  }
}

/** The folders of a chart's subcharts in the order in which they are loaded. */
export function subchartFolders({ files }: ChartTree, base: string): string[] {
  const folders = new Set<string>()
  for (const { path } of files) {
    if (!path.startsWith(`${base}charts/`) || path.endsWith('.prov')) continue
    const [name = '', ...inside] = path.slice(`${base}charts/`.length).split('/')
    if (inside.length > 0 && !/^[._]/.test(name)) folders.add(`${base}charts/${name}/`)
  }
  return [...folders]
}

/** Values that templates read, in the root chart's values; elements of lists and maps that they go through are left out. */
export function namedValues(loaded: LoadedChart): Path[] {
  return chartReferences(loaded)
    .paths.map(parseValuesPath)
    .filter((path) => !path.includes('*'))
}
