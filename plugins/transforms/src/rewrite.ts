import { defineTransform, isRopewayError, type Artifact, type Finding, type Reference } from '@ropeway/core'
import { parseReference } from '@ropeway/oci'
import { collisionsOf } from './collisions.js'
import { destinationInvalid } from './errors.js'
import { createMapping } from './mapping.js'
import { namesFor } from './names.js'
import { rewriteOptions, type RewriteOptions } from './options.js'
import { following } from './relocation.js'

/**
 * Names destinations by one rule: `HOST[/prefix]/<the artifact's own path>:<its tags>`. References in charts and manifests follow them
 * (the engine does that).
 */
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
      return following(destinations.length === 0 ? artifact : { ...artifact, destinations }, options)
    })
    return { artifacts: named, findings: [...findings, ...mapping.unused(artifacts), ...collisionsOf(named)] }
  },
})

function readDestination(name: string, artifact: Artifact): Reference | Finding {
  try {
    return parseReference(name)
  } catch (error) {
    if (!isRopewayError(error)) throw error
    return destinationInvalid(name, artifact, error.message)
  }
}
