import {
  slotKey,
  type ExistingPolicy,
  type PlannedArtifact,
  type Reference,
  type RopewayError,
  type Slot,
  type Survey,
} from '@ropeway/core'
import { formatReference } from '@ropeway/oci'
import * as errors from '../errors.js'
import type { NameDecision, PlanWarning } from './types.js'

export interface Decisions {
  readonly names: readonly NameDecision[]
  readonly warnings: readonly PlanWarning[]
  readonly errors: readonly RopewayError[]
}

/**
 * Applies the policy for names that the destination has already. Equal content is never touched; another content is kept with
 * one warning (`skip`), refused (`verify`, `fail`) or replaced (`overwrite`). With `fail` equal content passes too.
 */
export function decideNames(
  artifacts: readonly PlannedArtifact[],
  survey: Survey,
  existing: ExistingPolicy,
): Decisions {
  const held = new Map(
    (survey.names ?? []).map(({ id, destination, digest }) => [`${id} ${formatReference(destination)}`, digest]),
  )
  const names: NameDecision[] = []
  const warnings: PlanWarning[] = []
  const refused: RopewayError[] = []
  for (const artifact of artifacts) {
    for (const reference of artifact.destinations) {
      const destination = formatReference(reference)
      const digest = held.get(`${artifact.id} ${destination}`)
      const decision = { id: artifact.id, destination, existing: digest }
      if (digest === undefined) names.push({ ...decision, action: 'deliver' })
      else if (digest === artifact.root.digest)
        names.push({ ...decision, action: lacks(artifact, reference, survey) ? 'deliver' : 'present' })
      else if (existing === 'overwrite') names.push({ ...decision, action: 'deliver' })
      else if (existing === 'skip') {
        names.push({ ...decision, action: 'keep' })
        warnings.push(errors.destinationKept(destination, digest, artifact.id))
      } else {
        names.push({ ...decision, action: 'keep' })
        refused.push(errors.destinationTaken(existing, destination, digest, artifact.root.digest))
      }
    }
  }
  return { names, warnings, errors: refused }
}

/** Whether a name that holds the right root lacks something that belongs to it: a signature that was added later. */
function lacks(artifact: PlannedArtifact, { registry, repository }: Reference, survey: Survey): boolean {
  const { missing } = survey
  if (missing === undefined || missing.size === 0) return false
  return [...artifact.manifests, ...artifact.blobs].some((descriptor) =>
    missing.has(slotKey({ registry, repository, descriptor })),
  )
}

/** Every slot that an artifact needs at its destinations that are to be delivered; each once. */
export function slotsOf(artifact: PlannedArtifact, decisions: readonly NameDecision[]): Slot[] {
  const wanted = new Set(
    decisions
      .filter(({ id, action }) => id === artifact.id && action === 'deliver')
      .map(({ destination }) => destination),
  )
  const slots = new Map<string, Slot>()
  for (const reference of artifact.destinations) {
    if (!wanted.has(formatReference(reference))) continue
    for (const descriptor of [...artifact.blobs, ...artifact.manifests]) {
      const slot = { registry: reference.registry, repository: reference.repository, descriptor }
      slots.set(slotKey(slot), slot)
    }
  }
  return [...slots.values()]
}
