import { defineSource, isFailure, messageOf, type Artifact, type ArtifactKind, type Context } from '@ropeway/core'
import { reopenReference, resolveReferences } from '@ropeway/distribution'
import { formatReference } from '@ropeway/oci'
import { z } from 'zod'
import { tagMoved } from './errors.js'

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
  async *resolve({ reference, references = [], kind, referrers }, context) {
    const wanted = [...(reference === undefined ? [] : [reference]), ...references]
    const asked: Promise<void>[] = []
    const resolved = resolveReferences(
      wanted.map((text) => ({ reference: text })),
      context,
      { referrers },
    )
    for await (const item of resolved) {
      if (isFailure(item)) {
        yield item
        continue
      }
      asked.push(warnOfMovedTag(item, context))
      yield named(item, kind ?? item.kind)
    }
    await Promise.all(asked)
  },
  async reopen(locked, { referrers }, context) {
    return reopenReference(locked, context, { referrers })
  },
})

/** A chart is called by its name and version, as Helm does; everything else by its reference. */
function named(artifact: Artifact, kind: ArtifactKind): Artifact {
  if (kind !== 'chart') return { ...artifact, kind }
  const { path, tags } = artifact.naming
  const name = path.slice(path.lastIndexOf('/') + 1)
  return { ...artifact, kind, name, version: tags[0]?.replaceAll('_', '+'), naming: { path: name, tags } }
}

/** Of tag and digest the digest decides; that the tag names something else by now is worth a word, never an error. */
async function warnOfMovedTag({ source, root }: Artifact, context: Context): Promise<void> {
  const { reference } = source
  if (reference?.tag === undefined || reference.digest === undefined) return
  try {
    const client = context.registry(reference.registry, 'source')
    const now = await client.find(reference.repository, reference.tag, { signal: context.signal })
    if (now?.digest !== root.digest) context.log.warn(tagMoved(reference.tag, now?.digest, formatReference(reference)))
  } catch (error) {
    context.log.debug(`${formatReference(reference)}: what the tag holds now is not known: ${messageOf(error)}`)
  }
}
