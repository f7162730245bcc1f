import { HelmError } from '../helm-error.js'
import { isArray, isObject, resolveReference, type Json, type JsonObject, type SchemaDocument } from './document.js'
import { metaschemaOf } from './metaschemas.js'
import { isPlainSchema } from './plain.js'
import { problemText, validateJson } from './validate.js'

const itself = 'file:///values.schema.json'

/**
 * Checks that a schema is one, before any value is checked by it: by what its draft says of schemas, and that what it refers to in itself is
 * there. Throws `HelmError` with the message of Helm's validator.
 */
export function checkSchema(document: SchemaDocument): void {
  if (!isPlainSchema(document.root)) checkByDraft(document)
  followReferences(document)
}

function checkByDraft({ draft, root }: SchemaDocument): void {
  const { url, document: metaschema } = metaschemaOf(draft)
  const problems = validateJson(metaschema, root, () => undefined)
  if (problems.length === 0) return
  const text = problemText(problems)
  throw new HelmError(
    `"${itself}#" is not valid against metaschema: jsonschema validation failed with '${url}'\n${text}`,
  )
}

/** Goes through all that a value can be checked by. */
function followReferences(document: SchemaDocument): void {
  const seen = new Set<Json>()
  const left: Json[] = [document.root]
  for (let schema = left.pop(); schema !== undefined; schema = left.pop()) {
    if (!isObject(schema) || seen.has(schema)) continue
    seen.add(schema)
    const { $ref } = schema
    if (typeof $ref === 'string') {
      const target = resolveReference(document, $ref)
      if (target === undefined) checkOutside(document, $ref)
      else left.push(target)
      if (document.draft <= 7) continue
    }
    left.push(...below(schema))
  }
}

const single = [
  ...['additionalProperties', 'additionalItems', 'items', 'not', 'contains', 'propertyNames', 'if', 'then', 'else'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
]
const lists = ['allOf', 'anyOf', 'oneOf', 'items', 'prefixItems']
const maps = ['properties', 'patternProperties', 'dependentSchemas', 'dependencies']

function below(schema: JsonObject): Json[] {
  const inLists = lists.flatMap((key) => schema[key]).filter((inner) => inner !== undefined)
  const inMaps = maps.flatMap((key) => (isObject(schema[key]) ? Object.values(schema[key]) : []))
  return [...single.flatMap((key) => schema[key] ?? []), ...inLists, ...inMaps].filter((inner) => !isArray(inner))
}

/** What lies in the schema has to be there; a file beside it is never read, as Helm finds none. Addresses are another matter. */
function checkOutside({ root }: SchemaDocument, reference: string): void {
  if (reference.startsWith('#/')) throw new HelmError(`json-pointer in "${itself}${reference}" not found`)
  if (reference.startsWith('#'))
    throw new HelmError(`anchor in "${itself}${reference}" not found in schema "${itself}"`)
  const named = isObject(root) ? (root['$id'] ?? root['id']) : undefined
  const address = new URL(reference, typeof named === 'string' && URL.canParse(named) ? named : itself)
  if (address.protocol !== 'file:') return
  address.hash = ''
  throw new HelmError(
    `failing loading "${address.href}": open ${decodeURIComponent(address.pathname)}: no such file or directory`,
  )
}
