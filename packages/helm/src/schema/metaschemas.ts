import { readSchema, type Draft, type Json, type JsonObject, type SchemaDocument } from './document.js'

/** What a schema may look like itself, by the drafts of JSON Schema. */
interface Metaschema {
  /** As messages call it. */
  readonly url: string
  readonly document: SchemaDocument
}

const self: JsonObject = { $ref: '#' }
const text: JsonObject = { type: 'string' }
const number: JsonObject = { type: 'number' }
const flag: JsonObject = { type: 'boolean' }
const list: JsonObject = { type: 'array' }
const regex: JsonObject = { type: 'string', format: 'regex' }
const reference: JsonObject = { type: 'string', format: 'uri-reference' }
const address: JsonObject = { type: 'string', format: 'uri' }
const schemas: JsonObject = { type: 'object', additionalProperties: self }
const positive: JsonObject = { type: 'number', exclusiveMinimum: 0 }
const kinds: JsonObject = { type: ['object', 'boolean'] }

const shared = (name: string): JsonObject => ({ $ref: `#/definitions/${name}` })
const someSchemas = shared('schemaArray')
const texts = shared('stringArray')
const count = shared('count')
const countFromZero = shared('countFromZero')
const simple = shared('simpleTypes')
const types: JsonObject = {
  anyOf: [simple, { type: 'array', items: simple, minItems: 1, uniqueItems: true }],
}

const definitions: JsonObject = {
  schemaArray: { type: 'array', minItems: 1, items: self },
  stringArray: { type: 'array', items: text, uniqueItems: true },
  count: { type: 'integer', minimum: 0 },
  countFromZero: { allOf: [count, {}] },
  simpleTypes: { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] },
}

const described: JsonObject = { title: text, description: text }
const applied: JsonObject = {
  properties: schemas,
  patternProperties: schemas,
  additionalProperties: self,
  allOf: someSchemas,
  anyOf: someSchemas,
  oneOf: someSchemas,
  not: self,
}
const validated: JsonObject = {
  ...{ type: types, multipleOf: positive, maximum: number, minimum: number, uniqueItems: flag, pattern: regex },
  ...{ exclusiveMaximum: number, exclusiveMinimum: number, required: texts },
  ...{ maxLength: count, minLength: countFromZero, maxItems: count, minItems: countFromZero },
  ...{ maxProperties: count, minProperties: countFromZero },
}
const dependencies: JsonObject = { type: 'object', additionalProperties: { anyOf: [self, texts] } }
const someValues: JsonObject = { type: 'array', minItems: 1, uniqueItems: true }

/** What drafts 4 to 7 have in common. */
const early: JsonObject = {
  ...described,
  ...applied,
  ...validated,
  ...{ $schema: address, definitions: schemas, dependencies, enum: someValues, format: text, additionalItems: self },
  items: { anyOf: [self, someSchemas] },
}
const flagOrSchema: JsonObject = { anyOf: [flag, self] }
const draft4: JsonObject = {
  type: 'object',
  definitions: { ...definitions, stringArray: { type: 'array', items: text, minItems: 1, uniqueItems: true } },
  properties: {
    ...early,
    ...{ id: text, $ref: text, exclusiveMaximum: flag, exclusiveMinimum: flag },
    ...{ additionalItems: flagOrSchema, additionalProperties: flagOrSchema },
    multipleOf: { type: 'number', minimum: 0, exclusiveMinimum: true },
  },
  dependencies: { exclusiveMaximum: ['maximum'], exclusiveMinimum: ['minimum'] },
}
const properties6: JsonObject = { ...early, $id: reference, $ref: reference, contains: self, propertyNames: self }
const draft6: JsonObject = { ...kinds, definitions, properties: properties6 }
const draft7: JsonObject = {
  ...kinds,
  definitions,
  properties: {
    ...properties6,
    patternProperties: { ...schemas, propertyNames: { format: 'regex' } },
    ...{
      $comment: text,
      readOnly: flag,
      writeOnly: flag,
      examples: list,
      contentMediaType: text,
      contentEncoding: text,
    },
    ...{ if: self, then: self, else: self },
  },
}

/** Since 2019 a schema is described by vocabularies, each of which says its own of it. */
function vocabularies(parts: readonly JsonObject[], properties: JsonObject): JsonObject {
  const names = parts.map((_, at) => `vocabulary${String(at)}`)
  const described = Object.fromEntries(parts.map((part, at) => [names[at] ?? '', { ...kinds, properties: part }]))
  return {
    allOf: names.map(shared),
    ...kinds,
    properties: { definitions: schemas, dependencies, ...properties },
    definitions: { ...definitions, countFromZero: count, ...described },
  }
}

const applied2019: JsonObject = {
  ...applied,
  patternProperties: { ...schemas, propertyNames: { format: 'regex' } },
  ...{ contains: self, dependentSchemas: schemas, propertyNames: self, if: self, then: self, else: self },
}
const unevaluated: JsonObject = { unevaluatedItems: self, unevaluatedProperties: self }
const validated2019: JsonObject = {
  ...validated,
  ...{ enum: list, maxContains: count, minContains: count },
  dependentRequired: { type: 'object', additionalProperties: texts },
}
const metadata: JsonObject = { ...described, deprecated: flag, readOnly: flag, writeOnly: flag, examples: list }
const content: JsonObject = { contentMediaType: text, contentEncoding: text, contentSchema: self }
const vocabulary: JsonObject = { type: 'object', propertyNames: address, additionalProperties: flag }
const core: JsonObject = {
  $id: { ...reference, pattern: '^[^#]*#?$' },
  ...{ $schema: address, $ref: reference, $vocabulary: vocabulary, $comment: text, $defs: schemas },
}
const anchor2019: JsonObject = { type: 'string', pattern: '^[A-Za-z][-A-Za-z0-9.:_]*$' }
const anchor2020: JsonObject = { type: 'string', pattern: '^[A-Za-z_][-A-Za-z0-9._]*$' }

const draft2019 = vocabularies(
  [
    { ...core, $anchor: anchor2019, $recursiveRef: reference, $recursiveAnchor: flag },
    { ...applied2019, ...unevaluated, additionalItems: self, items: { anyOf: [self, someSchemas] } },
    validated2019,
    metadata,
    { format: text },
    content,
  ],
  {},
)
const draft2020 = vocabularies(
  [
    { ...core, $anchor: anchor2020, $dynamicAnchor: anchor2020, $dynamicRef: reference },
    { ...applied2019, prefixItems: someSchemas, items: self },
    unevaluated,
    validated2019,
    metadata,
    { format: text },
    content,
  ],
  { $recursiveAnchor: anchor2020, $recursiveRef: reference },
)

const sources: Readonly<Record<Draft, { readonly url: string; readonly root: Json }>> = {
  4: { url: 'http://json-schema.org/draft-04/schema#', root: draft4 },
  6: { url: 'http://json-schema.org/draft-06/schema#', root: draft6 },
  7: { url: 'http://json-schema.org/draft-07/schema#', root: draft7 },
  2019: { url: 'https://json-schema.org/draft/2019-09/schema#', root: draft2019 },
  2020: { url: 'https://json-schema.org/draft/2020-12/schema#', root: draft2020 },
}

const read = new Map<Draft, Metaschema>()

/** What schemas of a draft are checked by; formats count in it, whatever they do in that draft. */
export function metaschemaOf(draft: Draft): Metaschema {
  const { url, root } = sources[draft]
  const known = read.get(draft) ?? { url, document: { ...readSchema(root, draft), formats: true } }
  read.set(draft, known)
  return known
}
