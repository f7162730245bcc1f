import { z } from 'zod'
import { chartInvalid } from '../errors.js'
import { floatText } from '../yaml/scalar.js'
import { type YamlMap, isYamlMap, readYaml, toJson } from '../yaml/read.js'
import { tryVersion } from '../version/version.js'

/** Numbers and truth values become text in Helm's way: `1.10` is "1.1", `yes` is "true". */
const text = z.union([
  z.string(),
  z.null().transform(() => ''),
  z.boolean().transform(String),
  z.bigint().transform(String),
  z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]).transform(floatText),
])
const texts = z.union([z.null().transform(() => []), z.array(text)])
const truth = z.union([z.boolean(), z.null().transform(() => false)])

const Maintainer = z.object({ name: text.optional(), email: text.optional(), url: text.optional() })

const Dependency = z.object({
  name: text.default(''),
  version: text.optional(),
  repository: text.default(''),
  condition: text.optional(),
  tags: texts.optional(),
  enabled: truth.optional(),
  'import-values': z.array(z.unknown()).nullish(),
  alias: text.optional(),
})

const Metadata = z.object({
  name: text.default(''),
  home: text.optional(),
  sources: texts.optional(),
  version: text.default(''),
  description: text.optional(),
  keywords: texts.optional(),
  maintainers: z.array(Maintainer).nullish(),
  icon: text.optional(),
  apiVersion: text.default(''),
  condition: text.optional(),
  tags: text.optional(),
  appVersion: text.optional(),
  deprecated: truth.optional(),
  annotations: z.record(z.string(), text).nullish(),
  kubeVersion: text.optional(),
  dependencies: z.array(Dependency).nullish(),
  type: text.optional(),
})

/** A chart as its Chart.yaml describes it, read as Helm reads it. Fields in Helm's order. */
export type ChartMetadata = z.output<typeof Metadata>
export type ChartMaintainer = z.output<typeof Maintainer>
export type ChartDependency = z.output<typeof Dependency>

export interface MetadataFiles {
  readonly chartYaml: Uint8Array
  /** Where charts of apiVersion v1 list their dependencies. */
  readonly requirements?: Uint8Array | undefined
}

/**
 * Reads Chart.yaml: YAML 1.1, unknown fields ignored, field names in any case, text sanitised, apiVersion v1 when none is
 * given. Throws `CHART_INVALID` for what Helm would refuse to load.
 */
export function readMetadata(files: MetadataFiles, about: string): ChartMetadata {
  const metadata = readFields(files, about)
  const problem = problemOf(metadata)
  if (problem !== undefined) throw chartInvalid(about, problem)
  return metadata
}

/** Like `readMetadata`, with nothing checked but the types of the fields. */
export function readFields(files: MetadataFiles, about: string): ChartMetadata {
  const given = { ...fieldsOf(files.chartYaml, 'Chart.yaml', about) }
  if (files.requirements !== undefined) {
    Object.assign(given, fieldsOf(files.requirements, 'requirements.yaml', about))
  }
  const parsed = Metadata.safeParse(given)
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path ?? []
    throw chartInvalid(
      about,
      `"${path.join('.')}" in its Chart.yaml is ${kindAt(given, path)}, which Helm refuses there`,
    )
  }
  return sanitised({ ...parsed.data, apiVersion: parsed.data.apiVersion || 'v1' })
}

/** The fields of a file under the names that the schema has, whatever their case; the exact name wins. */
function fieldsOf(bytes: Uint8Array, file: string, about: string): Record<string, unknown> {
  const root = readYaml(new TextDecoder().decode(bytes), ({ message, line }) =>
    chartInvalid(about, `its ${file} cannot be read${line === undefined ? '' : ` (line ${String(line)})`}: ${message}`),
  )
  if (!isYamlMap(root)) throw chartInvalid(about, `its ${file} is no map`)
  const fields = exactNames(root, Object.keys(Metadata.shape))
  return {
    ...fields,
    ...(Array.isArray(fields['maintainers']) ? { maintainers: named(fields['maintainers'], Maintainer) } : {}),
    ...(Array.isArray(fields['dependencies']) ? { dependencies: named(fields['dependencies'], Dependency) } : {}),
  }
}

function named(items: readonly unknown[], schema: { readonly shape: object }): unknown[] {
  const names = Object.keys(schema.shape)
  return items.map((item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    const fields = exactNames(item as YamlMap, names)
    const imports = fields['import-values']
    return Array.isArray(imports) ? { ...fields, 'import-values': toJson(imports as never) } : fields
  })
}

function exactNames(map: YamlMap, names: readonly string[]): Record<string, unknown> {
  const exact = new Map(names.map((name) => [name.toLowerCase(), name]))
  const fields: Record<string, unknown> = {}
  for (const key of Object.keys(map).sort()) {
    const name = exact.get(key.toLowerCase())
    if (name !== undefined) fields[name] = map[key]
  }
  return fields
}

function kindAt(value: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
  if (found === null) return 'empty'
  if (typeof found === 'object') return Array.isArray(found) ? 'a list' : 'a map'
  return typeof found === 'string' ? 'text' : typeof found === 'boolean' ? 'true or false' : 'a number'
}

function problemOf(metadata: ChartMetadata): string | undefined {
  const { name, version, type = '' } = metadata
  if (name === '') return 'its Chart.yaml gives no name'
  if (name === '.' || name === '..' || name.includes('/')) return `its name ${JSON.stringify(name)} is a path`
  if (version === '') return 'its Chart.yaml gives no version'
  if (tryVersion(version) === undefined) return `its version ${JSON.stringify(version)} is no version`
  if (!['', 'application', 'library'].includes(type)) return `its type ${JSON.stringify(type)} does not exist`
  return undefined
}

/** Helm turns every kind of blank into a space and drops what cannot be printed, in most fields. */
function sanitised(metadata: ChartMetadata): ChartMetadata {
  const { annotations, version, apiVersion, type, deprecated, maintainers, dependencies, ...texts } = metadata
  return {
    ...clean(texts),
    ...{ annotations, version, apiVersion, type, deprecated },
    maintainers: maintainers?.map(clean),
    dependencies: dependencies?.map(({ 'import-values': imports, alias, enabled, ...fields }) => ({
      ...clean(fields),
      ...{ 'import-values': imports, alias, enabled },
    })),
  }
}

function clean<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string' ? printable(value) : Array.isArray(value) ? value.map(cleanItem) : value,
    ]),
  ) as T
}

function cleanItem(item: unknown): unknown {
  return typeof item === 'string' ? printable(item) : item
}

function printable(text: string): string {
  return text.replace(/\p{White_Space}/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '')
}
