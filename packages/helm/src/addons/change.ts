import type { Json } from '@ropeway/core'
import { z } from 'zod'
import { chartFiles, readChartArchive, type ChartFile } from '../chart/archive.js'
import { readMetadata } from '../chart/metadata.js'
import { packChart, type PackedChart } from '../chart/pack.js'
import { editValues, type ValuesEdit } from '../values/edit.js'
import { readYaml, toJson } from '../yaml/read.js'
import { overridesInvalid } from '../errors.js'

/** What is changed in a chart before it travels. */
export interface ChartChanges {
  /** Values that become its defaults, as the text of a values file. */
  readonly values?: string | undefined
  /** Its dependencies are left out, but for library charts: the others call their templates. */
  readonly withoutDependencies?: boolean | undefined
}

/**
 * Changes a packaged chart, and packs it again so that equal charts and changes give equal bytes. `undefined` when nothing
 * changes. Throws what reading, editing (`VALUES_PATH_INVALID`, `VALUES_NOT_EDITABLE`) and packing throw.
 */
export async function changeChart(
  archive: Uint8Array,
  { values, withoutDependencies = false }: ChartChanges,
  name: string,
): Promise<PackedChart | undefined> {
  const files: ChartFile[] = []
  for await (const file of chartFiles(archive, name)) files.push(file)
  const valued = values === undefined ? files : withDefaults(files, values, name)
  const changed = withoutDependencies ? await withoutCharts(valued, name) : valued
  return changed === files ? undefined : packChart(changed, name)
}

function withDefaults(files: readonly ChartFile[], values: string, name: string): readonly ChartFile[] {
  const defaults = read(values, name)
  const edits = isMap(defaults) ? editsOf(defaults, []) : []
  return edits.length === 0 ? files : edited(files, 'values.yaml', edits)
}

function read(text: string, name: string) {
  return z.json().parse(toJson(readYaml(text, ({ message }) => overridesInvalid(name, message))))
}

/** An edit a leaf: maps are merged, everything else takes the place of what is there. */
function editsOf(value: Json, path: readonly string[]): ValuesEdit[] {
  if (!isMap(value) || (path.length > 0 && Object.keys(value).length === 0)) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) => editsOf(inner, [...path, key]))
}

function isMap(value: Json): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function edited(files: readonly ChartFile[], path: string, edits: readonly ValuesEdit[]): ChartFile[] {
  const before = files.find((file) => file.path === path)
  const text = before === undefined ? '' : new TextDecoder().decode(before.bytes)
  const bytes = new TextEncoder().encode(editValues(text, edits))
  return [...files.filter((file) => file !== before), { path, bytes }]
}

const Dependencies = z.object({ dependencies: z.array(z.object({ name: z.string() }).catchall(z.json())) })

async function withoutCharts(files: readonly ChartFile[], name: string): Promise<readonly ChartFile[]> {
  const charts = Map.groupBy(
    files.filter(({ path }) => path.startsWith('charts/')),
    ({ path }) => path.split('/')[1] ?? '',
  )
  if (charts.size === 0) return files
  const libraries = new Set<string>()
  const dropped = new Set<ChartFile>()
  for (const [entry, own] of charts) {
    const library = await libraryName(entry, own, name)
    if (library === undefined) for (const file of own) dropped.add(file)
    else libraries.add(library)
  }
  if (dropped.size === 0) return files
  const locks = new Set(['Chart.lock', 'requirements.lock'])
  const rest = files.filter((file) => !dropped.has(file) && !locks.has(file.path))
  return ['Chart.yaml', 'requirements.yaml'].reduce<readonly ChartFile[]>(
    (kept, path) => withDeclared(kept, path, libraries),
    rest,
  )
}

/** A file that declares dependencies, with those that are kept alone. */
function withDeclared(files: readonly ChartFile[], path: string, libraries: ReadonlySet<string>): readonly ChartFile[] {
  const file = files.find((each) => each.path === path)
  if (file === undefined) return files
  const declared = Dependencies.safeParse(read(new TextDecoder().decode(file.bytes), path))
  if (!declared.success) return files
  const kept = declared.data.dependencies.filter((dependency) => libraries.has(dependency.name))
  return edited(files, path, [{ path: ['dependencies'], value: kept }])
}

/** The name of a chart in `charts/` when it is a library. */
async function libraryName(entry: string, files: readonly ChartFile[], about: string): Promise<string | undefined> {
  const [only] = files
  const label = `${about}/charts/${entry}`
  if (files.length === 1 && only !== undefined && entry.endsWith('.tgz')) {
    const { metadata } = await readChartArchive(only.bytes, label)
    return metadata.type === 'library' ? metadata.name : undefined
  }
  const find = (path: string) => files.find((file) => file.path === `charts/${entry}/${path}`)?.bytes
  const chartYaml = find('Chart.yaml')
  if (chartYaml === undefined) return undefined
  const metadata = readMetadata({ chartYaml, requirements: find('requirements.yaml') }, label)
  return metadata.type === 'library' ? metadata.name : undefined
}
