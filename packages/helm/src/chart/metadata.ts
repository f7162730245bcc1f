import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import { chartInvalid } from '../errors.js'
import { tryVersion } from '../version/version.js'
import { UnsupportedKeyError, decodeYamlExactly } from '../yaml/decode.js'
import { YamlError } from '../yaml/problem.js'
import { RefusedField, metadataFields, readMetadataFields, type ChartMetadata, type Fields } from './metadata-fields.js'

export type { ChartDependency, ChartMaintainer, ChartMetadata } from './metadata-fields.js'

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
  const fields = new Map(fieldsOf(files.chartYaml, 'Chart.yaml', about))
  if (files.requirements !== undefined) {
    for (const [name, value] of fieldsOf(files.requirements, 'requirements.yaml', about)) fields.set(name, value)
  }
  try {
    const metadata = readMetadataFields(fields)
    return sanitised({ ...metadata, apiVersion: metadata.apiVersion || 'v1' })
  } catch (error) {
    if (!(error instanceof RefusedField)) throw error
    const { path, value } = error
    throw chartInvalid(about, `"${path.join('.')}" in its Chart.yaml is ${kindOf(value)}, which Helm refuses there`)
  }
}

function fieldsOf(bytes: Uint8Array, file: string, about: string): Fields {
  const root = parsed(new TextDecoder().decode(bytes), file, about)
  if (!(root instanceof GoMap)) throw chartInvalid(about, `its ${file} is no map`)
  return metadataFields(root)
}

function parsed(text: string, file: string, about: string): Value {
  try {
    return decodeYamlExactly(text)
  } catch (error) {
    if (error instanceof UnsupportedKeyError) throw chartInvalid(about, `its ${file} cannot be read: ${error.message}`)
    if (!(error instanceof YamlError)) throw error
    const { line, problem } = error
    throw chartInvalid(about, `its ${file} cannot be read${line === 0 ? '' : ` (line ${String(line)})`}: ${problem}`)
  }
}

function kindOf(value: Value): string {
  if (value === null) return 'empty'
  if (value instanceof GoMap) return 'a map'
  if (value instanceof GoSlice) return 'a list'
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'true or false' : 'a number'
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
  if (/^[\x20-\x7e]*$/.test(text)) return text
  return text.replace(/\p{White_Space}/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '')
}
