import { defineTransform, isRopewayError, type Artifact, type Finding, type Reference } from '@ropeway/core'
import { formatReference, parseReference } from '@ropeway/oci'
import { destinationCollision, destinationInvalid } from './errors.js'
import { createMapping } from './mapping.js'
import { namesFor } from './names.js'
import { rewriteOptions, type RewriteOptions } from './options.js'

/** Names destinations by one rule: `HOST[/prefix]/<the artifact's own path>:<its tags>`. */
export const rewrite = defineTransform<RewriteOptions>({
  name: 'rewrite',
  summary: 'Gives destinations: another registry, a prefix, names of their own for single artifacts.',
  shorthand: 'registry',
  stage: 'name',
  options: rewriteOptions,
  async apply(artifacts, options) {
    const mapping = createMapping(options.map)
    const findings: Finding[] = []
    const named = artifacts.map((artifact) => {
      const names = namesFor(artifact, options, mapping.valueFor(artifact))
      const destinations = (Array.isArray(names) ? names : [names]).flatMap((name) => {
        const read = typeof name === 'string' ? readDestination(name, artifact) : name
        if ('registry' in read) return [read]
        findings.push(read)
        return []
      })
      return destinations.length === 0 ? artifact : { ...artifact, destinations }
    })
    return { artifacts: named, findings: [...findings, ...mapping.unused(artifacts), ...collisionsOf(named)] }
  },
})

function readDestination(name: string, { name: about }: Artifact): Reference | Finding {
  try {
    return parseReference(name)
  } catch (error) {
    if (!isRopewayError(error)) throw error
    return destinationInvalid(name, about, error.message)
  }
}

/** Names that two different contents would share. A digest that is written beside a tag makes no difference to it. */
function collisionsOf(artifacts: readonly Artifact[]): Finding[] {
  const taken = new Map<string, Artifact>()
  const findings: Finding[] = []
  for (const artifact of artifacts) {
    for (const { registry, repository, tag } of artifact.destinations ?? []) {
      if (tag === undefined) continue
      const destination = formatReference({ registry, repository, tag })
      const other = taken.get(destination)
      if (other === undefined) taken.set(destination, artifact)
      else if (other.root.digest !== artifact.root.digest) {
        findings.push(destinationCollision(destination, other, artifact))
      }
    }
  }
  return findings
}
