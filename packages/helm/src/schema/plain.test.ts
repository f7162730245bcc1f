import { describe, expect, it } from 'vitest'
import { isArray, isObject, type Draft, type Json } from './document.js'
import { metaschemaOf } from './metaschemas.js'
import { isPlainSchema } from './plain.js'
import { validateJson } from './validate.js'

const drafts: readonly Draft[] = [4, 6, 7, 2019, 2020]

function keywordsOf(schema: Json): string[] {
  if (isArray(schema)) return schema.flatMap(keywordsOf)
  if (!isObject(schema)) return []
  const { properties } = schema
  return [...(isObject(properties) ? Object.keys(properties) : []), ...Object.values(schema).flatMap(keywordsOf)]
}

const parts: readonly Json[] = [
  ...[null, true, false, 0, 1, -1, 1.5, '', 'x', 'string', '(', '#/a', '#/definitions/a', 'a b', '%', 'http://a b'],
  ...[{}, [], [1], [''], ['a', 'a'], ['string'], ['null', 'x'], [{}], [true], [[]], { a: {} }, { a: true }, { a: 1 }],
  ...[{ a: ['b'] }, { type: 'x' }, { type: 'string' }, [{ type: 1 }], { '(': {} }, { a: { $ref: 1 } }],
]

describe('isPlainSchema', () => {
  it('takes nothing for a schema that is none in any draft', () => {
    const keywords = [...new Set(drafts.flatMap((draft) => keywordsOf(metaschemaOf(draft).document.root)))]
    expect(keywords.length).toBeGreaterThan(50)
    const schemas = [...parts, ...keywords.flatMap((key) => parts.map((value): Json => ({ [key]: value })))]
    const plain = schemas.filter(isPlainSchema)
    expect(plain.length).toBeGreaterThan(100)
    for (const draft of drafts) {
      const { document } = metaschemaOf(draft)
      expect(plain.filter((schema) => validateJson(document, schema, () => undefined).length > 0)).toEqual([])
    }
  })
  it('knows the schemas of most charts', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['image'],
      properties: {
        image: { type: 'string', minLength: 1, description: 'x', form: true },
        replicas: { type: ['integer', 'null'], minimum: 0, default: 1 },
        list: { type: 'array', items: { $ref: '#/definitions/item' } },
      },
      definitions: { item: { anyOf: [{ type: 'string' }, { enum: ['a', 'b'] }] } },
      additionalProperties: false,
    }
    expect(isPlainSchema(schema)).toBe(true)
  })
})
