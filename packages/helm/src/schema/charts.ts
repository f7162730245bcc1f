import { GoMap, fromBytes } from '@ropeway/gotemplate'
import { HelmError } from '../helm-error.js'
import type { ActiveChart } from '../render/chart.js'
import { parseJson } from '../yaml/from-json.js'
import { jsonOf, readSchema, type SchemaDocument } from './document.js'
import { checkSchema } from './sound.js'
import { problemText, validateJson } from './validate.js'

const documents = new WeakMap<Uint8Array, SchemaDocument>()

function schemaOf(bytes: Uint8Array): SchemaDocument {
  let document = documents.get(bytes)
  if (document === undefined) {
    document = readSchema(jsonOf(parseJson(fromBytes(bytes))))
    checkSchema(document)
    documents.set(bytes, document)
  }
  return document
}

/**
 * Checks values by the `values.schema.json` of a chart and those of its subcharts. Nothing is fetched: what a reference outside of the
 * schema asks for is not checked, and `warn` is told. Throws `HelmError`.
 */
export function validateSchemas(chart: ActiveChart, values: GoMap, warn: (message: string) => void): void {
  const problems = problemsOf(chart, values, warn)
  if (problems.length === 0) return
  throw new HelmError(
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${problems.join('\n')}`,
  )
}

function problemsOf(chart: ActiveChart, values: GoMap, warn: (message: string) => void): string[] {
  const out: string[] = []
  const { schema } = chart.loaded
  if (schema !== undefined) {
    const text = textOf(chart, schema, values, warn)
    if (text !== undefined) out.push(`${chart.name}:\n${text}`)
  }
  for (const dependency of chart.dependencies) {
    const own = values.entries.get(dependency.name)
    if (own instanceof GoMap) out.push(...problemsOf(dependency, own, warn))
  }
  return out
}

function textOf(
  chart: ActiveChart,
  schema: Uint8Array,
  values: GoMap,
  warn: (message: string) => void,
): string | undefined {
  const told = new Set<string>()
  const unresolved = (reference: string): void => {
    if (told.has(reference)) return
    told.add(reference)
    if (/^urn:/i.test(reference)) warn(`unresolved URN reference ignored; using permissive schema urn=${reference}`)
    else
      warn(
        `the schema of chart ${chart.name} refers to ${reference}, which is not fetched: what it asks for is not checked`,
      )
  }
  try {
    const problems = validateJson(schemaOf(schema), jsonOf(values), unresolved)
    return problems.length === 0 ? undefined : problemText(problems)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return message === 'unexpected end of JSON input' ? 'unexpected EOF' : message
  }
}
