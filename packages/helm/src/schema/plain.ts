import { isArray, isObject, type Json } from './document.js'

type Test = (value: Json) => boolean

const isText: Test = (value) => typeof value === 'string'
const isFlag: Test = (value) => typeof value === 'boolean'
const isAny: Test = () => true
const isCount: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const areTexts: Test = (value) =>
  isArray(value) && value.length > 0 && value.every(isText) && new Set(value).size === value.length
const areSchemas: Test = (value) => isObject(value) && Object.values(value).every(isPlainSchema)
const someSchemas: Test = (value) => isArray(value) && value.length > 0 && value.every(isPlainSchema)

const types = new Set<Json>(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'])
const isType: Test = (value) =>
  types.has(value) || (areTexts(value) && isArray(value) && value.every((one) => types.has(one)))
const inItself = /^#\/[\w/$-]*$/
const draft = /^https?:\/\/json-schema\.org\/[\w/.-]*#?$/

/** What is right for common keywords in every draft. */
const tests: ReadonlyMap<string, Test> = new Map<string, Test>(
  Object.entries({
    $ref: (value) => typeof value === 'string' && inItself.test(value),
    $schema: (value) => typeof value === 'string' && draft.test(value),
    additionalProperties: (value) => typeof value === 'boolean' || isPlainSchema(value),
    ...{ $comment: isText, $defs: areSchemas, allOf: someSchemas, anyOf: someSchemas, const: isAny, default: isAny },
    ...{ definitions: areSchemas, deprecated: isFlag, description: isText, enum: areTexts, examples: isArray },
    ...{ format: isText, items: isPlainSchema, maxItems: isCount, maxLength: isCount, maxProperties: isCount },
    ...{ maximum: Number.isFinite, minItems: isCount, minLength: isCount, minProperties: isCount },
    ...{ minimum: Number.isFinite, not: isPlainSchema, oneOf: someSchemas, properties: areSchemas, readOnly: isFlag },
    ...{ required: areTexts, title: isText, type: isType, uniqueItems: isFlag, writeOnly: isFlag },
  } satisfies Record<string, Test>),
)

/** All other keywords of any draft; what none knows may be anything. */
const others: ReadonlySet<string> = new Set([
  ...['$anchor', '$dynamicAnchor', '$dynamicRef', '$id', '$recursiveAnchor', '$recursiveRef', '$vocabulary', 'id'],
  ...['additionalItems', 'contains', 'contentEncoding', 'contentMediaType', 'contentSchema', 'dependencies'],
  ...['dependentRequired', 'dependentSchemas', 'else', 'exclusiveMaximum', 'exclusiveMinimum', 'if', 'maxContains'],
  ...['minContains', 'multipleOf', 'pattern', 'patternProperties', 'prefixItems', 'propertyNames', 'then'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
])

/**
 * Whether a schema is one at first glance, in every draft: it has common keywords only, with common values. Most are, and to see it this way saves
 * most of the time of checking them by the schema for schemas. `false` says nothing.
 */
export function isPlainSchema(schema: Json): boolean {
  if (!isObject(schema)) return false
  return Object.entries(schema).every(([key, value]) => tests.get(key)?.(value) ?? !others.has(key))
}
