import { defineTransform, type Artifact, type Reference } from '@ropeway/core'
import { dockerHub, formatReference } from '@ropeway/oci'
import { z } from 'zod'
import { collisionsOf } from './collisions.js'
import { following, relocationOptions } from './relocation.js'

const normaliseOptions = z.strictObject(relocationOptions)
export type NormaliseOptions = z.output<typeof normaliseOptions>

/**
 * Names without a registry, for clusters whose nodes look images up in mirrors: `quay.io/a/b:1` → `a/b:1`, `nginx` →
 * `library/nginx`. All registries share one namespace then.
 */
export const normalise = defineTransform<NormaliseOptions>({
  name: 'normalise',
  summary: 'Names images without their registry, for clusters whose nodes use mirrors.',
  stage: 'name',
  options: normaliseOptions,
  async apply(artifacts, options) {
    const named = artifacts.map((artifact) =>
      following(isPulled(artifact) ? withoutRegistry(artifact) : artifact, options),
    )
    return { artifacts: named, findings: collisionsOf(named.filter(isPulled)) }
  },
})

/** What a node of a cluster pulls by a reference. */
function isPulled({ kind, source }: Artifact): boolean {
  return (kind === 'image' || kind === 'artifact') && source.reference !== undefined
}

function withoutRegistry(artifact: Artifact): Artifact {
  const { naming, source, root } = artifact
  const repository = naming.path.includes('/') ? naming.path : `library/${naming.path}`
  const tags = naming.tags.length === 0 ? [undefined] : naming.tags
  const destinations = tags.map((tag): Reference => {
    const pinned = tag === undefined || source.reference?.digest !== undefined
    return { registry: dockerHub, repository, tag, ...(pinned ? { digest: root.digest } : {}) }
  })
  const [first] = destinations
  return first === undefined ? artifact : { ...artifact, destinations, alias: formatReference(first) }
}
