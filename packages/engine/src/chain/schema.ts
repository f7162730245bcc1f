import type { AdapterTable } from '../adapters/table.js'
import { z } from 'zod'
import { ChainFile } from './load.js'
import { jsonSchemaOf } from './options.js'

const reserved = {
  sources: {
    platforms: { description: 'Platforms of this step alone', type: ['string', 'array'], items: { type: 'string' } },
  },
  transforms: {},
  sinks: { transforms: { description: 'Names for this sink alone', $ref: '#/properties/transforms' } },
} as const

/** JSON Schema (draft-07) of the chain file, its steps from the installed adapters. */
export async function chainSchema(adapters: AdapterTable): Promise<Record<string, unknown>> {
  const file = z.toJSONSchema(ChainFile, { io: 'input', target: 'draft-07' }) as { properties: Record<string, object> }
  const properties = { ...file.properties }
  for (const [key, kind] of [
    ['sources', 'source'],
    ['transforms', 'transform'],
    ['sinks', 'sink'],
  ] as const) {
    const entries = adapters.list().filter((entry) => entry.kind === kind)
    const steps = await Promise.all(
      entries.map(async ({ name }) => {
        const adapter = await adapters.load(kind, name)
        const { $schema: _, ...options } = jsonSchemaOf(adapter.options)
        const own = (options['properties'] ?? {}) as Record<string, unknown>
        const step = { ...options, description: adapter.summary, properties: { ...own, ...reserved[key] } }
        return { type: 'object', additionalProperties: false, required: [name], properties: { [name]: nullable(step) } }
      }),
    )
    properties[key] = {
      ...properties[key],
      items: steps.length > 0 && { anyOf: [...steps, { type: 'string', enum: entries.map(({ name }) => name) }] },
    }
  }
  // A chain that extends another may leave everything to it.
  return {
    ...file,
    title: 'Ropeway chain',
    properties,
    required: undefined,
    anyOf: [{ required: ['name', 'sources'] }, { required: ['extends'] }],
  }
}

/** A step without options may be written `- registry:`, when none is required. */
function nullable(schema: Record<string, unknown>): Record<string, unknown> {
  const required = schema['required']
  if (Array.isArray(required) && required.length > 0) return schema
  return { anyOf: [schema, { type: 'null' }] }
}
