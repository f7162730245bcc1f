import type { Discovery, Proof } from '@ropeway/images'
import { z } from 'zod'

const path = z.array(z.union([z.string(), z.number()]))
const flips = z.record(z.string(), z.union([z.boolean(), z.number(), z.string()]))

const site = z.object({
  template: z.string(),
  document: z.number(),
  object: z.object({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().optional(),
    name: z.string().optional(),
  }),
  path,
  place: z.string(),
  reference: z.string(),
  parts: z.partialRecord(z.enum(['registry', 'repository', 'image', 'tag', 'digest']), path).optional(),
  inner: path.optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
})

const image = z.object({
  reference: z.string(),
  class: z.enum(['used', 'optional', 'suspected']),
  switch: flips.optional(),
  reason: z.string().optional(),
  partOf: z.string().optional(),
  provenance: z.array(site.extend({ chart: z.string(), line: z.number().optional(), values: z.array(z.string()) })),
})

/** `Discovery` of `images`, as it is kept. */
export const discoverySchema: z.ZodType<Discovery> = z.object({
  images: z.array(image),
  unresolved: z.array(site.extend({ reason: z.string() })),
  filled: z.record(z.string(), z.unknown()),
  warnings: z.array(z.string()),
})

const difference = { place: z.string(), before: z.string(), after: z.string() }

/** `Proof` of `images`, as it is kept. */
export const proofSchema: z.ZodType<Proof> = z.object({
  chart: z.string(),
  version: z.string(),
  mode: z.enum(['embed', 'overlay']),
  proved: z.boolean(),
  references: z.array(
    z.object({
      before: z.string(),
      after: z.string(),
      how: z.enum(['values', 'template', 'excluded', 'unmoved']),
      proved: z.boolean(),
      reason: z.string().optional(),
      hint: z.string().optional(),
      switch: flips.optional(),
      values: z.array(z.string()).optional(),
      patched: z.array(z.string()).optional(),
      places: z.array(z.string()),
    }),
  ),
  computed: z.array(z.object({ ...difference, why: z.string() })),
  differences: z.array(z.object(difference)),
  renders: z.array(z.object({ switch: flips.optional(), objects: z.number() })),
})
