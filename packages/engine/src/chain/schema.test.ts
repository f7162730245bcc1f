import { defineSink, type Sink } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { adapterTable } from '../adapters/table.js'
import { imagesSource, moveTransform, storeSink } from '../world.fixture.js'
import { chainSchema } from './schema.js'

const file = defineSink<unknown>({
  ...(storeSink as Sink<unknown>),
  name: 'file',
  options: z.strictObject({ path: z.string().describe('Where to') }),
})

/** Follows keys and indexes down a schema. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value)
}

describe('the schema of chains', () => {
  it('holds one step for each installed adapter, with its own options and those of the engine', async () => {
    const schema = await chainSchema(adapterTable([imagesSource, moveTransform, storeSink, file]))
    const source = at(schema, 'properties', 'sources', 'items', 'anyOf', 0)
    expect(source).toMatchObject({ type: 'object', additionalProperties: false, required: ['images'] })
    expect(at(source, 'properties', 'images')).toMatchObject({
      description: 'images of a registry',
      additionalProperties: false,
      required: ['references'],
      properties: { references: { type: 'array' }, platforms: {} },
    })
    expect(at(schema, 'properties', 'transforms', 'items', 'anyOf', 0, 'required')).toEqual(['move'])
    const [store, path, names] = at(schema, 'properties', 'sinks', 'items', 'anyOf') as unknown[]
    expect(at(store, 'properties', 'store', 'anyOf', 1)).toEqual({ type: 'null' })
    expect(at(path, 'properties', 'file', 'properties', 'path', 'description')).toBe('Where to')
    expect(at(path, 'properties', 'file', 'properties', 'transforms', '$ref')).toBe('#/properties/transforms')
    expect(names).toEqual({ type: 'string', enum: ['store', 'file'] })
  })
  it('lets a chain that extends another leave out all else', async () => {
    const schema = await chainSchema(adapterTable([imagesSource]))
    expect(schema).toMatchObject({ additionalProperties: false, anyOf: [{}, { required: ['extends'] }] })
    expect(schema['required']).toBeUndefined()
    expect(JSON.parse(JSON.stringify(schema))).toBeTypeOf('object')
  })
  it('is a schema even where a kind has no adapter', async () => {
    const schema = await chainSchema(adapterTable([imagesSource]))
    // An empty enum is no JSON Schema.
    expect(JSON.stringify(schema)).not.toContain('"enum":[]')
    expect(at(schema, 'properties', 'sinks', 'items')).toBe(false)
  })
})
