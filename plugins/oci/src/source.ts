import { defineSource } from '@ropeway/core'
import { reopenReference, resolveReferences } from '@ropeway/distribution'
import { z } from 'zod'

const options = z
  .strictObject({
    reference: z
      .string()
      .min(1)
      .describe('One image, index or OCI artifact, `registry/repository[:tag][@digest]`.')
      .optional(),
    references: z
      .array(z.string().min(1))
      .min(1)
      .describe('Images, indexes and OCI artifacts, each `registry/repository[:tag][@digest]`.')
      .optional(),
    kind: z
      .enum(['image', 'chart', 'artifact'])
      .describe('What they are. Left out: found out from each manifest.')
      .optional(),
    referrers: z.boolean().describe('Whether signatures, SBOMs and attestations travel with them.').default(true),
  })
  .refine(({ reference, references }) => reference !== undefined || references !== undefined, {
    message: 'name what to carry: references: ["registry/repository:tag"]',
    path: ['references'],
  })

/** Images, indexes and any other OCI artifacts of registries, by tag or digest. */
export const ociSource = defineSource<z.output<typeof options>>({
  name: 'oci',
  summary: 'Images, indexes, charts and other OCI artifacts from registries, by tag or digest.',
  shorthand: 'reference',
  options,
  resolve({ reference, references = [], kind, referrers }, context) {
    const wanted = [...(reference === undefined ? [] : [reference]), ...references]
    return resolveReferences(
      wanted.map((text) => ({ reference: text })),
      context,
      { kind, referrers },
    )
  },
  async reopen(locked, { referrers }, context) {
    return reopenReference(locked, context, { referrers })
  },
})
