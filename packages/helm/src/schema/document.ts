import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import { jsonView } from '../yaml/json.js'

/** JSON data. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Values as JSON data. */
export function jsonOf(value: Value): Json {
  const view = jsonView(value)
  if (view instanceof GoMap) return objectOf(view.entries)
  if (view instanceof GoSlice) return view.items.map(jsonOf)
  if (typeof view === 'bigint') return Number(view)
  if (typeof view === 'object' && view !== null) return objectOf(view as Iterable<readonly [string, Value]>)
  return view
}

function objectOf(entries: Iterable<readonly [string, Value]>): JsonObject {
  const object = Object.create(null) as Record<string, Json>
  for (const [key, item] of entries) object[key] = jsonOf(item)
  return object
}

export type Draft = 4 | 6 | 7 | 2019 | 2020

/** A schema with what its references lead to. */
export interface SchemaDocument {
  readonly root: Json
  readonly draft: Draft
  /** Whether formats are checked; newer drafts have them as notes. */
  readonly formats: boolean
  /** Schemas by their `$id`, `id` and anchors. */
  readonly named: ReadonlyMap<string, Json>
}

/** The draft that a schema names; the newest when it names none. */
function draftOf(root: Json): Draft {
  const named = isObject(root) && typeof root['$schema'] === 'string' ? root['$schema'] : ''
  const found = /draft-0([467])/.exec(named)?.[1] ?? /draft\/(2019|2020)/.exec(named)?.[1]
  return found === undefined ? 2020 : (Number(found) as Draft)
}

export function readSchema(root: Json, draft: Draft = draftOf(root)): SchemaDocument {
  const named = new Map<string, Json>()
  collectNames(root, named, draft, 0)
  return { root, draft, formats: draft <= 7, named }
}

const deepest = 500

function collectNames(schema: Json, named: Map<string, Json>, draft: Draft, depth: number): void {
  if (depth > deepest) return
  if (isArray(schema)) for (const item of schema) collectNames(item, named, draft, depth + 1)
  if (!isObject(schema)) return
  for (const key of ['$id', 'id']) {
    const id = schema[key]
    if (typeof id === 'string') named.set(id.replace(/#$/, ''), schema)
  }
  for (const key of draft >= 2019 ? ['$anchor', '$dynamicAnchor'] : []) {
    const anchor = schema[key]
    if (typeof anchor === 'string') named.set(`#${anchor}`, schema)
  }
  for (const inner of Object.values(schema)) collectNames(inner, named, draft, depth + 1)
}

/** What a reference leads to; undefined for what lies outside the schema, which is never fetched. */
export function resolveReference({ root, named }: SchemaDocument, reference: string): Json | undefined {
  const [base = '', fragment = ''] = reference.split('#')
  const start = base === '' ? root : (named.get(base) ?? byTail(named, base))
  if (start === undefined) return undefined
  if (fragment === '') return start
  if (!fragment.startsWith('/')) return named.get(`#${fragment}`) ?? named.get(reference)
  let found: Json | undefined = start
  for (const part of fragment.slice(1).split('/')) {
    const key = safeDecode(part).replaceAll('~1', '/').replaceAll('~0', '~')
    found = isArray(found) ? found[Number(key)] : isObject(found) ? found[key] : undefined
  }
  return found
}

/** A relative reference means the schema whose `$id` ends so. */
function byTail(named: ReadonlyMap<string, Json>, base: string): Json | undefined {
  for (const [id, schema] of named) if (id.endsWith(`/${base.replace(/^\.?\//, '')}`)) return schema
  return undefined
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
