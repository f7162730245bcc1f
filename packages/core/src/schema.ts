import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/**
 * The options of an adapter: a Standard Schema that can also print itself as JSON Schema (zod 4.3 and later can).
 * Structural on purpose: an installed plugin brings its own copy of its schema library.
 */
export interface OptionsSchema<Options> {
  readonly '~standard': StandardSchemaV1.Props<unknown, Options> & StandardJSONSchemaV1.Props<unknown, Options>
}
export type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
