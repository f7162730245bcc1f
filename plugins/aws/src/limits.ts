import {
  slotKey,
  type DeliveryPlan,
  type PlannedArtifact,
  type Reference,
  type RopewayError,
  type Slot,
} from '@ropeway/core'
import { formatReference } from '@ropeway/oci'
import * as errors from './errors.js'
import type { EcrRegistry } from './hosts.js'

const mib = 1024 * 1024
const largestLayer = { private: 52_000 * mib, public: 10_000 * mib }
const longestName = { private: 256, public: 205 }

const repositoryName = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/

/** What cannot be stored where, and why: whole repositories, and single slots. The rest of a plan is delivered. */
export interface Refusals {
  of(slot: Slot): RopewayError | undefined
  /** Whether anything can be stored in the repository. */
  takes(registry: string, repository: string): boolean
  refuse(registry: string, repository: string, error: RopewayError): void
  all(): readonly RopewayError[]
}

/** Everything of a plan that ECR has no room for: names that it does not allow, layers that are too large. */
export function refusalsOf(plan: DeliveryPlan, registryOf: (host: string) => EcrRegistry): Refusals {
  const repositories = new Map<string, RopewayError>()
  const slots = new Map<string, RopewayError>()
  const key = (registry: string, repository: string) => `${registry}/${repository}`
  for (const artifact of plan.artifacts) {
    for (const destination of artifact.destinations) {
      const { registry, repository } = destination
      const { kind } = registryOf(registry)
      if (!isName(repository, kind)) {
        repositories.set(key(registry, repository), errors.nameInvalid(repository, formatReference(destination)))
      }
      for (const [slot, error] of largeLayers(artifact, destination, kind)) slots.set(slotKey(slot), error)
    }
  }
  return {
    of: (slot) => repositories.get(key(slot.registry, slot.repository)) ?? slots.get(slotKey(slot)),
    takes: (registry, repository) => !repositories.has(key(registry, repository)),
    refuse: (registry, repository, error) => void repositories.set(key(registry, repository), error),
    all: () => [...repositories.values(), ...slots.values()],
  }
}

function isName(repository: string, kind: EcrRegistry['kind']): boolean {
  return repository.length >= 2 && repository.length <= longestName[kind] && repositoryName.test(repository)
}

function largeLayers(
  { blobs }: PlannedArtifact,
  destination: Reference,
  kind: EcrRegistry['kind'],
): readonly (readonly [Slot, RopewayError])[] {
  const limit = largestLayer[kind]
  return blobs
    .filter(({ size }) => size > limit)
    .map((descriptor) => [
      { registry: destination.registry, repository: destination.repository, descriptor },
      errors.layerTooLarge(formatReference(destination), descriptor.digest, descriptor.size, limit),
    ])
}
