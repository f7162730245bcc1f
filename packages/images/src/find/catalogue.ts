import { messageOf } from '@ropeway/core'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { catalogueInvalid } from '../errors.js'
import type { Path } from '../path.js'
import { isValueList, isValueMap, type Value } from '../construct.js'
import type { ObjectName } from '../find-images.js'

const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])

/** One line of the catalogue: where objects of a kind hold references. */
export const catalogueEntrySchema = z.strictObject({
  apiVersion: z.string().min(1).describe('API group and version; * stands for any text: "monitoring.coreos.com/*"'),
  kind: names.describe('kinds of objects; * stands for any text'),
  name: z.string().min(1).optional().describe('names of objects; * stands for any text'),
  path: names.describe('fields: keys joined by dots; * is any key, [*] any item of a list, ** any keys between'),
  shape: z
    .enum(['reference', 'parts', 'none'])
    .default('reference')
    .describe('a whole reference; a map that holds its parts; or none, whatever it looks like'),
  parts: z
    .strictObject({
      registry: names.optional(),
      repository: names.optional(),
      image: names.optional(),
      tag: names.optional(),
      digest: names.optional(),
    })
    .optional()
    .describe('keys of the parts in the map; of several the first that is there counts'),
})

export type CatalogueEntry = z.output<typeof catalogueEntrySchema>

/** What a file that extends the catalogue holds. */
export const catalogueSchema = z.strictObject({ catalogue: z.array(catalogueEntrySchema) })

/** Reads a file that extends the catalogue. Throws `CATALOGUE_INVALID`. */
export function parseCatalogue(text: string, file: string): readonly CatalogueEntry[] {
  let content: unknown
  try {
    content = parseYaml(text)
  } catch (error) {
    throw catalogueInvalid(file, `it is no YAML: ${messageOf(error)}`, error)
  }
  const read = catalogueSchema.safeParse(content)
  if (read.success) return read.data.catalogue
  const [issue] = read.error.issues
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `
  throw catalogueInvalid(file, `${place}${issue?.message ?? 'it is empty'}`, read.error)
}

export interface CataloguePlace {
  readonly path: Path
  readonly entry: CatalogueEntry
  readonly value: Value
}

type Step = { readonly kind: 'key'; readonly matches: (key: string) => boolean } | { readonly kind: 'item' | 'deep' }

/** The places of an object that the catalogue names and that are there; of several entries for one place the first counts. */
export function cataloguePlaces(
  catalogue: readonly CatalogueEntry[],
  object: ObjectName,
  value: Value,
): readonly CataloguePlace[] {
  const places = new Map<string, CataloguePlace>()
  for (const entry of catalogue) {
    if (!applies(entry, object)) continue
    for (const pattern of listed(entry.path)) {
      walk(value, parsePattern(pattern), 0, [], (path, found) => {
        const key = JSON.stringify(path)
        if (!places.has(key)) places.set(key, { path, entry, value: found })
      })
    }
  }
  return [...places.values()]
}

export function listed(text: string | readonly string[] | undefined): readonly string[] {
  if (text === undefined) return []
  return typeof text === 'string' ? [text] : text
}

function applies({ apiVersion, kind, name }: CatalogueEntry, object: ObjectName): boolean {
  return (
    glob(apiVersion)(object.apiVersion) &&
    listed(kind).some((each) => glob(each)(object.kind)) &&
    (name === undefined || glob(name)(object.name ?? ''))
  )
}

function walk(
  value: Value,
  steps: readonly Step[],
  at: number,
  path: Path,
  found: (path: Path, value: Value) => void,
): void {
  const step = steps[at]
  if (step === undefined) return found(path, value)
  if (step.kind === 'deep') walk(value, steps, at + 1, path, found)
  const next = step.kind === 'deep' ? at : at + 1
  if (isValueList(value) && step.kind !== 'key') {
    for (const [index, item] of value.entries()) walk(item, steps, next, [...path, index], found)
  }
  if (!isValueMap(value) || step.kind === 'item') return
  for (const [key, item] of Object.entries(value)) {
    if (step.kind !== 'key' || step.matches(key)) walk(item, steps, next, [...path, key], found)
  }
}

const patterns = new Map<string, readonly Step[]>()

function parsePattern(pattern: string): readonly Step[] {
  let steps = patterns.get(pattern)
  if (steps === undefined) {
    steps = [...pattern.matchAll(/\[\*\]|\["([^"]*)"\]|[^.[\]]+/g)].map(([text, quoted]): Step => {
      if (text === '[*]') return { kind: 'item' }
      if (text === '**') return { kind: 'deep' }
      return { kind: 'key', matches: quoted === undefined ? glob(text) : (key) => key === quoted }
    })
    patterns.set(pattern, steps)
  }
  return steps
}

const globs = new Map<string, (text: string) => boolean>()

/** A test for texts in which `*` stands for any text. */
function glob(pattern: string): (text: string) => boolean {
  let test = globs.get(pattern)
  if (test === undefined) {
    if (pattern.includes('*')) {
      const expression = new RegExp(`^${pattern.split('*').map(escape).join('.*')}$`)
      test = (text) => expression.test(text)
    } else test = (text) => text === pattern
    globs.set(pattern, test)
  }
  return test
}

function escape(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
}
