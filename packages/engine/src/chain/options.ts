import { didYouMean, type AdapterKind, type OptionsSchema, type RopewayError } from '@ropeway/core'
import { z } from 'zod'
import * as errors from '../errors.js'
import type { Path } from './document.js'

/** The part of JSON Schema that finding a misspelt key needs. */
const SchemaNode = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
})

export function jsonSchemaOf(options: OptionsSchema<unknown>): Record<string, unknown> {
  return options['~standard'].jsonSchema.input({ target: 'draft-07' })
}

/**
 * Checks the options of one step against its adapter's schema. Returns them as the schema gives them back, or every
 * fault with its place and the nearest right name.
 */
export async function checkOptions(
  adapter: { readonly kind: AdapterKind; readonly name: string; readonly options: OptionsSchema<unknown> },
  written: unknown,
  placeOf: (path: Path) => string | undefined,
): Promise<{ readonly options: unknown } | { readonly errors: readonly RopewayError[] }> {
  const value = written ?? {}
  const unknownKeys = unknownOptions(value, jsonSchemaOf(adapter.options), []).map(({ path, near }) =>
    errors.optionUnknown(adapter.kind, adapter.name, path.join('.'), placeOf(path), near),
  )
  if (unknownKeys.length > 0) return { errors: unknownKeys }
  const result = await adapter.options['~standard'].validate(value)
  if (result.issues === undefined) return { options: result.value }
  return {
    errors: result.issues.map((issue) => {
      const path = (issue.path ?? []).map((part) => pathPart(typeof part === 'object' ? part.key : part))
      return errors.optionInvalid(adapter.kind, adapter.name, path.join('.'), issue.message, placeOf(path))
    }),
  }
}

function pathPart(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key)
}

function unknownOptions(value: unknown, schema: unknown, path: Path): { path: Path; near: string | undefined }[] {
  const node = SchemaNode.safeParse(schema)
  if (!node.success || value === null || typeof value !== 'object') return []
  if (Array.isArray(value)) {
    return node.data.items === undefined
      ? []
      : value.flatMap((item, index) => unknownOptions(item, node.data.items, [...path, index]))
  }
  const { properties } = node.data
  if (properties === undefined) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (Object.hasOwn(properties, key)) return unknownOptions(item, properties[key], [...path, key])
    if (node.data.additionalProperties !== false) return []
    return [{ path: [...path, key], near: didYouMean(key, Object.keys(properties)) }]
  })
}
