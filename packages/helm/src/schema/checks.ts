import { compilePattern } from '../functions/regex.js'
import { jsonNumber } from '../yaml/json.js'
import { formats } from './formats.js'
import { isArray, isObject, type Draft, type Json, type JsonObject, type SchemaDocument } from './document.js'

/** A text in single quotes, as messages have it. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`
}

export function typeOfJson(value: Json): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  return typeof value === 'object' ? 'object' : typeof value
}

function display(value: Json): string {
  if (value === null) return '<nil>'
  return typeof value === 'string'
    ? quoted(value)
    : typeof value === 'number'
      ? jsonNumber(value)
      : JSON.stringify(value)
}

/** Whether two pieces of JSON are the same, whatever the order of keys. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true
  if (isArray(a) && isArray(b)) return a.length === b.length && a.every((item, at) => sameJson(item, b[at] ?? null))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((key) => key in b && sameJson(a[key] ?? null, b[key] ?? null))
  )
}

/** What is wrong with a value by one of the keywords behind which nothing else is looked at. */
export function firstProblem(
  schema: JsonObject,
  value: Json,
  { draft, formats: checked }: SchemaDocument,
): string | undefined {
  const wrongType = typeProblem(schema, value)
  if (wrongType !== undefined) return wrongType
  const { const: constant, enum: wanted, format } = schema
  if (constant !== undefined && draft > 4 && !sameJson(constant, value)) {
    return typeof constant === 'object' && constant !== null ? "'const' failed" : `value must be ${display(constant)}`
  }
  if (isArray(wanted) && !wanted.some((item) => sameJson(item, value))) return enumProblem(wanted)
  if (!checked || typeof value !== 'string' || typeof format !== 'string') return undefined
  const wrong = formats.get(format)?.(value)
  return wrong === undefined ? undefined : `${quoted(value)} is not valid ${format}: ${wrong}`
}

/** What else is wrong with a value by the keywords that look at it alone. */
export function ownProblems(schema: JsonObject, value: Json, draft: Draft): string[] {
  const problems: string[] = []
  if (typeof value === 'number') numberProblems(schema, value, draft, problems)
  if (typeof value === 'string') textProblems(schema, value, problems)
  return problems
}

const typeOrder = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']

function typeProblem(schema: JsonObject, value: Json): string | undefined {
  const given = schema['type']
  const wanted = (isArray(given) ? given : given === undefined ? [] : [given]).filter(
    (type) => typeof type === 'string',
  )
  if (wanted.length === 0) return undefined
  const type = typeOfJson(value)
  const fits = wanted.some((name) => name === type || (name === 'integer' && Number.isInteger(value)))
  return fits ? undefined : `got ${type}, want ${typeOrder.filter((name) => wanted.includes(name)).join(' or ')}`
}

function enumProblem(wanted: readonly Json[]): string {
  if (wanted.some((item) => typeof item === 'object' && item !== null)) return "'enum' failed"
  const [only] = wanted
  if (wanted.length === 1 && only !== undefined) return `value must be ${display(only)}`
  return `value must be one of ${wanted.map(display).join(', ')}`
}

function numberProblems(schema: JsonObject, value: number, draft: Draft, problems: string[]): void {
  const check = (
    keyword: string,
    fails: (limit: number) => boolean,
    limit: Json | undefined = schema[keyword],
  ): void => {
    if (typeof limit === 'number' && fails(limit))
      problems.push(`${keyword}: got ${jsonNumber(value)}, want ${jsonNumber(limit)}`)
  }
  const exclusive = (keyword: string, of: string): Json | undefined =>
    draft === 4 ? (schema[keyword] === true ? schema[of] : undefined) : schema[keyword]
  const [lower, upper] = [exclusive('exclusiveMinimum', 'minimum'), exclusive('exclusiveMaximum', 'maximum')]
  if (draft > 4 || lower === undefined) check('minimum', (limit) => value < limit)
  if (draft > 4 || upper === undefined) check('maximum', (limit) => value > limit)
  check('exclusiveMinimum', (limit) => value <= limit, lower ?? null)
  check('exclusiveMaximum', (limit) => value >= limit, upper ?? null)
  check('multipleOf', (limit) => limit > 0 && !isMultiple(value, limit))
}

function isMultiple(value: number, of: number): boolean {
  const ratio = value / of
  return Number.isInteger(ratio) || Math.abs(ratio - Math.round(ratio)) < 1e-9
}

function textProblems(schema: JsonObject, value: string, problems: string[]): void {
  const length = [...value].length
  const { minLength, maxLength, pattern } = schema
  if (typeof minLength === 'number' && length < minLength)
    problems.push(`minLength: got ${String(length)}, want ${String(minLength)}`)
  if (typeof maxLength === 'number' && length > maxLength)
    problems.push(`maxLength: got ${String(length)}, want ${String(maxLength)}`)
  if (typeof pattern === 'string' && !matchesPattern(pattern, value)) {
    problems.push(`${quoted(value)} does not match pattern ${quoted(pattern)}`)
  }
}

/** Patterns are RE2's, so that none of them can take long. */
export function matchesPattern(pattern: string, value: string): boolean {
  return compilePattern(pattern).matcher(value).find()
}
