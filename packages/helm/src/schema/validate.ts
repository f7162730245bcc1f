import { isArray, isObject, resolveReference, type Json, type JsonObject, type SchemaDocument } from './document.js'
import { firstProblem, matchesPattern, ownProblems, quoted, sameJson } from './checks.js'

/** Something wrong with a value, or a group of such things. */
export interface SchemaProblem {
  readonly at: string
  readonly message: string
  readonly causes: readonly SchemaProblem[]
}

/** Which parts of a value some keyword has looked at. */
interface Seen {
  readonly keys: Set<string>
  items: number
}

interface Validator {
  readonly document: SchemaDocument
  readonly unresolved: (reference: string) => void
  steps: number
}

const stepLimit = 5_000_000
const deepest = 500

/** What is wrong with a value by a schema. References that lead outside are told to `unresolved` and allow everything. */
export function validateJson(
  document: SchemaDocument,
  value: Json,
  unresolved: (reference: string) => void,
): SchemaProblem[] {
  return validate({ document, unresolved, steps: 0 }, document.root, value, '', { keys: new Set(), items: 0 }, 0)
}

const problem = (at: string, message: string, causes: readonly SchemaProblem[] = []): SchemaProblem => ({
  at,
  message,
  causes,
})
const part = (at: string, key: string | number): string =>
  `${at}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** Problems as Helm's validator prints them, those of a group below it. */
export function problemText(problems: readonly SchemaProblem[], depth = 0): string {
  return problems
    .flatMap(({ at, message, causes }) => [
      `${'  '.repeat(depth)}- at '${at}': ${message}`,
      ...(causes.length === 0 ? [] : [problemText(causes, depth + 1)]),
    ])
    .join('\n')
}

type Check = (schema: Json, value: Json, at: string, seen?: Seen) => SchemaProblem[]

function validate(v: Validator, schema: Json, value: Json, at: string, seen: Seen, depth: number): SchemaProblem[] {
  v.steps += 1
  if (v.steps > stepLimit || depth > deepest) return [problem(at, 'the schema takes too much work')]
  if (schema === false) return [problem(at, 'false schema')]
  if (!isObject(schema)) return []
  const check: Check = (inner, item, place, innerSeen = { keys: new Set(), items: 0 }) =>
    validate(v, inner, item, place, innerSeen, depth + 1)
  const { draft } = v.document
  const { $ref: reference } = schema
  const refers = typeof reference === 'string'
  if (refers && draft <= 7) return referred(v, reference, value, at, seen, check)
  const first = firstProblem(schema, value, v.document)
  if (first !== undefined) return [problem(at, first)]
  return [
    ...(refers ? referred(v, reference, value, at, seen, check) : []),
    ...(isObject(value) ? objectProblems(schema, value, at, seen, check, draft) : []),
    ...(isArray(value) ? arrayProblems(schema, value, at, seen, check, draft) : []),
    ...ownProblems(schema, value, draft).map((message) => problem(at, message)),
    ...dynamic(v, schema, value, at, seen, check),
    ...combined(schema, value, at, seen, check, draft),
    ...(draft >= 2019 ? unevaluated(schema, value, at, seen, check) : []),
  ]
}

/** What no other keyword has looked at. */
function unevaluated(schema: JsonObject, value: Json, at: string, seen: Seen, check: Check): SchemaProblem[] {
  const { unevaluatedProperties, unevaluatedItems } = schema
  const out: SchemaProblem[] = []
  if (isObject(value) && unevaluatedProperties !== undefined) {
    for (const key of Object.keys(value).filter((name) => !seen.keys.has(name))) {
      seen.keys.add(key)
      out.push(...check(unevaluatedProperties, value[key] ?? null, part(at, key)))
    }
  }
  if (isArray(value) && unevaluatedItems !== undefined) {
    for (let index = seen.items; index < value.length; index++) {
      out.push(...check(unevaluatedItems, value[index] ?? null, part(at, index)))
    }
    seen.items = Math.max(seen.items, value.length)
  }
  return out
}

function referred(v: Validator, reference: string, value: Json, at: string, seen: Seen, check: Check): SchemaProblem[] {
  const target = resolveReference(v.document, reference)
  if (target !== undefined) return grouped(check(target, value, at, seen), at)
  v.unresolved(reference)
  return []
}

function dynamic(v: Validator, schema: JsonObject, value: Json, at: string, seen: Seen, check: Check): SchemaProblem[] {
  const { draft } = v.document
  const reference = draft >= 2020 ? schema['$dynamicRef'] : draft === 2019 ? schema['$recursiveRef'] : undefined
  return typeof reference === 'string' ? referred(v, reference, value, at, seen, check) : []
}

/** Several problems of one subschema are told as one with causes. */
function grouped(problems: SchemaProblem[], at: string): SchemaProblem[] {
  return problems.length > 1 ? [problem(at, 'validation failed', problems)] : problems
}

function combined(
  schema: JsonObject,
  value: Json,
  at: string,
  seen: Seen,
  check: Check,
  draft: number,
): SchemaProblem[] {
  const { allOf, anyOf, oneOf, not } = schema
  const out: SchemaProblem[] = []
  if (not !== undefined && check(not, value, at).length === 0) out.push(problem(at, "'not' failed"))
  if (isArray(allOf)) {
    const causes = allOf.flatMap((inner) => grouped(check(inner, value, at, seen), at))
    if (causes.length > 0) out.push(problem(at, "'allOf' failed", causes))
  }
  if (isArray(anyOf)) {
    const { passed, causes } = each(anyOf, value, at, seen, check)
    if (passed.length === 0) out.push(problem(at, "'anyOf' failed", causes))
  }
  if (isArray(oneOf)) {
    const { passed, causes } = each(oneOf, value, at, seen, check)
    if (passed.length === 0) out.push(problem(at, "'oneOf' failed, none matched", causes))
    if (passed.length > 1) out.push(problem(at, `'oneOf' failed, subschemas ${passed.slice(0, 2).join(', ')} matched`))
  }
  const condition = schema['if']
  if (condition !== undefined && draft >= 7) {
    const branch = schema[check(condition, value, at, seen).length === 0 ? 'then' : 'else']
    if (branch !== undefined) out.push(...check(branch, value, at, seen))
  }
  return out
}

function each(schemas: readonly Json[], value: Json, at: string, seen: Seen, check: Check) {
  const passed: number[] = []
  const causes: SchemaProblem[] = []
  for (const [index, inner] of schemas.entries()) {
    const own: Seen = { keys: new Set(), items: 0 }
    const problems = check(inner, value, at, own)
    causes.push(...grouped(problems, at))
    if (problems.length > 0) continue
    passed.push(index)
    for (const key of own.keys) seen.keys.add(key)
    seen.items = Math.max(seen.items, own.items)
  }
  return { passed, causes }
}

function objectProblems(
  schema: JsonObject,
  value: JsonObject,
  at: string,
  seen: Seen,
  check: Check,
  draft: number,
): SchemaProblem[] {
  const out: SchemaProblem[] = []
  const keys = Object.keys(value)
  countProblem(schema, 'minProperties', 'maxProperties', keys.length, at, out)
  const missing = isArray(schema['required']) ? schema['required'].filter(isText).filter((key) => !(key in value)) : []
  if (missing.length > 0) {
    const names = missing.map((key) => quoted(key)).join(', ')
    out.push(problem(at, `missing ${missing.length === 1 ? 'property' : 'properties'} ${names}`))
  }
  const left = new Set(keys)
  const look = (key: string, inner: Json): void => {
    left.delete(key)
    seen.keys.add(key)
    out.push(...check(inner, value[key] ?? null, part(at, key)))
  }
  const { properties, patternProperties, additionalProperties, propertyNames } = schema
  if (isObject(properties)) {
    for (const key of keys) if (Object.hasOwn(properties, key)) look(key, properties[key] ?? true)
  }
  if (isObject(patternProperties)) {
    for (const [pattern, inner] of Object.entries(patternProperties)) {
      for (const key of keys) if (matchesPattern(pattern, key)) look(key, inner)
    }
  }
  if (additionalProperties === false && left.size > 0) {
    out.push(problem(at, `additional properties ${[...left].map(quoted).join(', ')} not allowed`))
  } else if (additionalProperties !== undefined) for (const key of left) look(key, additionalProperties)
  if (propertyNames !== undefined && draft > 4) {
    for (const key of keys) {
      // Helm's validator does not say where
      const causes = check(propertyNames, key, '')
      if (causes.length > 0) out.push(problem('', `invalid propertyName ${quoted(key)}`, causes))
    }
  }
  dependencies(schema, value, at, seen, check, draft, out)
  return out
}

function isText(value: Json): value is string {
  return typeof value === 'string'
}

function countProblem(
  schema: JsonObject,
  low: string,
  high: string,
  count: number,
  at: string,
  out: SchemaProblem[],
): void {
  const [least, most] = [schema[low], schema[high]]
  if (typeof least === 'number' && count < least)
    out.push(problem(at, `${low}: got ${String(count)}, want ${String(least)}`))
  if (typeof most === 'number' && count > most)
    out.push(problem(at, `${high}: got ${String(count)}, want ${String(most)}`))
}

const dependencyKeywords = ['dependencies', 'dependentRequired', 'dependentSchemas']

function dependencies(
  schema: JsonObject,
  value: JsonObject,
  at: string,
  seen: Seen,
  check: Check,
  draft: number,
  out: SchemaProblem[],
): void {
  for (const keyword of draft >= 2019 ? dependencyKeywords : dependencyKeywords.slice(0, 1)) {
    const rules = schema[keyword]
    if (!isObject(rules)) continue
    for (const [key, rule] of Object.entries(rules)) {
      if (!(key in value)) continue
      if (!isArray(rule)) out.push(...check(rule, value, at, seen))
      else {
        const missing = rule
          .filter(isText)
          .filter((name) => !(name in value))
          .map(quoted)
        if (missing.length > 0)
          out.push(problem(at, `properties ${missing.join(', ')} required, if ${quoted(key)} exists`))
      }
    }
  }
}

function arrayProblems(
  schema: JsonObject,
  value: readonly Json[],
  at: string,
  seen: Seen,
  check: Check,
  draft: number,
): SchemaProblem[] {
  const out: SchemaProblem[] = []
  countProblem(schema, 'minItems', 'maxItems', value.length, at, out)
  if (schema['uniqueItems'] === true) uniqueProblem(value, at, out)
  const look = (index: number, inner: Json, shift = 0): void => {
    seen.items = Math.max(seen.items, index + 1)
    // Helm's validator counts items behind the fixed ones from 0 again
    out.push(...check(inner, value[index] ?? null, part(at, index - shift)))
  }
  const { items } = schema
  const tuple = draft >= 2020 ? schema['prefixItems'] : isArray(items) ? items : undefined
  const rest = draft >= 2020 || !isArray(items) ? items : schema['additionalItems']
  const fixed = isArray(tuple) ? tuple : []
  for (const [index, inner] of fixed.entries()) if (index < value.length) look(index, inner)
  if (rest === false && draft < 2020 && value.length > fixed.length && isArray(items)) {
    out.push(problem(at, `last ${String(value.length - fixed.length)} additionalItem(s) not allowed`))
  } else if (rest !== undefined) {
    const shift = draft >= 2020 ? fixed.length : 0
    for (let index = fixed.length; index < value.length; index++) look(index, rest, shift)
  }
  const { contains } = schema
  if (contains !== undefined && draft > 4) containsProblem(schema, contains, value, at, check, draft, out)
  return out
}

function uniqueProblem(value: readonly Json[], at: string, out: SchemaProblem[]): void {
  const simple = new Map<Json, number>()
  for (const [index, item] of value.entries()) {
    const same =
      typeof item === 'object' && item !== null ? value.findIndex((other) => sameJson(other, item)) : simple.get(item)
    if (same !== undefined && same < index) {
      out.push(problem(at, `items at ${String(same)} and ${String(index)} are equal`))
      return
    }
    simple.set(item, index)
  }
}

function containsProblem(
  schema: JsonObject,
  contains: Json,
  value: readonly Json[],
  at: string,
  check: Check,
  draft: number,
  out: SchemaProblem[],
): void {
  const matching: number[] = []
  const causes: SchemaProblem[] = []
  for (const [index, item] of value.entries()) {
    const problems = check(contains, item, part(at, index))
    causes.push(...problems)
    if (problems.length === 0) matching.push(index)
  }
  const [least = 1, most] = draft >= 2019 ? [schema['minContains'], schema['maxContains']] : []
  const matched = `items required to match contains schema, but matched ${String(matching.length)} items at ${matching.join(' ')}`
  if (typeof least === 'number' && matching.length < least) {
    const counted = draft >= 2019 && schema['minContains'] !== undefined
    const message = counted ? `min ${String(least)} ${matched}` : 'no items match contains schema'
    out.push(problem(at, message.trimEnd(), causes))
  }
  if (typeof most === 'number' && matching.length > most) out.push(problem(at, `max ${String(most)} ${matched}`))
}
