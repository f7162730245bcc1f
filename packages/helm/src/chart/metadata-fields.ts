import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import { toJsonData } from '../values/json-data.js'
import { floatText } from '../yaml/scalar.js'

// Every rendering reads these, subchart by subchart: tables of small readers are ready at once, where schemas would take longer to be built than
// a small chart takes to be rendered.

export interface ChartMaintainer {
  name?: string | undefined
  email?: string | undefined
  url?: string | undefined
}

export interface ChartDependency {
  name: string
  version?: string | undefined
  repository: string
  condition?: string | undefined
  tags?: string[] | undefined
  enabled?: boolean | undefined
  'import-values'?: unknown[] | null | undefined
  alias?: string | undefined
}

/** A chart as its Chart.yaml describes it, read as Helm reads it. Fields in Helm's order. */
export interface ChartMetadata {
  name: string
  home?: string | undefined
  sources?: string[] | undefined
  version: string
  description?: string | undefined
  keywords?: string[] | undefined
  maintainers?: ChartMaintainer[] | null | undefined
  icon?: string | undefined
  apiVersion: string
  condition?: string | undefined
  tags?: string | undefined
  appVersion?: string | undefined
  deprecated?: boolean | undefined
  annotations?: Record<string, string> | null | undefined
  kubeVersion?: string | undefined
  dependencies?: ChartDependency[] | null | undefined
  type?: string | undefined
}

/** Fields by the names that they have in `ChartMetadata`. */
export type Fields = ReadonlyMap<string, Value>

/** A field holds what Helm refuses there. */
export class RefusedField extends Error {
  readonly path: readonly (string | number)[]
  readonly value: Value
  constructor(path: readonly (string | number)[], value: Value) {
    super(path.join('.'))
    this.name = 'RefusedField'
    this.path = path
    this.value = value
  }
}

type Path = readonly (string | number)[]
type Reader<T> = (value: Value, path: Path) => T
type Readers<T> = { readonly [K in keyof Required<T>]: Reader<T[K]> }

/** Numbers and truth values become text in Helm's way: `1.10` is "1.1", `yes` is "true". */
const text: Reader<string> = (value, path) => {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return floatText(value)
  throw new RefusedField(path, value)
}

const truth: Reader<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value
  if (value === null) return false
  throw new RefusedField(path, value)
}

function list<T>(item: Reader<T>): Reader<T[] | null> {
  return (value, path) => {
    if (value === null) return null
    if (!(value instanceof GoSlice)) throw new RefusedField(path, value)
    return value.items.map((one, at) => item(one, [...path, at]))
  }
}

function map<T>(item: (fields: GoMap, path: Path) => T): Reader<T> {
  return (value, path) => {
    if (!(value instanceof GoMap)) throw new RefusedField(path, value)
    return item(value, path)
  }
}

const texts: Reader<string[]> = (value, path) => list(text)(value, path) ?? []

const annotationsOf = map((fields, path) =>
  Object.fromEntries([...fields.entries].map(([key, value]) => [key, text(value, [...path, key])])),
)

const maintainer: Readers<ChartMaintainer> = { name: text, email: text, url: text }

const dependency: Readers<ChartDependency> = {
  name: text,
  version: text,
  repository: text,
  condition: text,
  tags: texts,
  enabled: truth,
  'import-values': list(toJsonData),
  alias: text,
}

const metadata: Readers<ChartMetadata> = {
  name: text,
  home: text,
  sources: texts,
  version: text,
  description: text,
  keywords: texts,
  maintainers: list(map((fields, path) => readAll<ChartMaintainer>(maintainer, named(fields, maintainer), path))),
  icon: text,
  apiVersion: text,
  condition: text,
  tags: text,
  appVersion: text,
  deprecated: truth,
  annotations: (value, path) => (value === null ? null : annotationsOf(value, path)),
  kubeVersion: text,
  dependencies: list(
    map((fields, path) => ({
      name: '',
      repository: '',
      ...readAll<ChartDependency>(dependency, named(fields, dependency), path),
    })),
  ),
  type: text,
}

function readAll<T extends object>(readers: Readers<T>, fields: Fields, path: Path): Partial<T> {
  const read: Partial<T> = {}
  for (const name of Object.keys(readers) as (keyof T & string)[]) {
    const value = fields.get(name)
    if (value !== undefined) read[name] = readers[name](value, [...path, name])
  }
  return read
}

/** The fields of a map that have one of the readers' names in any case; of several the one that Go's JSON has last. */
function named(map: GoMap, readers: object): Fields {
  const names = new Map(Object.keys(readers).map((name) => [name.toLowerCase(), name]))
  const fields = new Map<string, Value>()
  for (const key of [...map.entries.keys()].sort()) {
    const name = names.get(key.toLowerCase())
    if (name !== undefined) fields.set(name, map.entries.get(key) ?? null)
  }
  return fields
}

/** The fields of a Chart.yaml. */
export function metadataFields(map: GoMap): Fields {
  return named(map, metadata)
}

/** The metadata of fields, in Helm's order; those that a chart must have are empty when they are not there. Throws `RefusedField`. */
export function readMetadataFields(fields: Fields): ChartMetadata {
  return { name: '', version: '', apiVersion: '', ...readAll<ChartMetadata>(metadata, fields, []) }
}
