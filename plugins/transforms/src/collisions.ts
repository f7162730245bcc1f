import type { Artifact, Finding } from '@ropeway/core'
import { formatReference } from '@ropeway/oci'
import { destinationCollision } from './errors.js'

/** Names that two different contents would share. A digest that is written beside a tag makes no difference to it. */
export function collisionsOf(artifacts: readonly Artifact[]): Finding[] {
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
