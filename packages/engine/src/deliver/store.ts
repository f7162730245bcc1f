import { slotKey, type ManifestContent, type PlannedArtifact, type Slot, type StoreDelivery } from '@ropeway/core'
import { formatReference, parseReference } from '@ropeway/oci'
import type { NameDecision } from '../plan/types.js'
import type { ResolvedArtifact } from '../resolve/resolved.js'

/**
 * Makes one artifact visible at one store, its blobs being there: manifests children first, then the tags of its referrers,
 * its own tags last of all.
 */
export async function publish(
  artifact: PlannedArtifact,
  resolved: ResolvedArtifact,
  decisions: readonly NameDecision[],
  delivery: StoreDelivery,
  present: ReadonlySet<string>,
): Promise<void> {
  const wanted = decisions
    .filter(({ id, action }) => id === artifact.id && action === 'deliver')
    .map(({ destination }) => parseReference(destination))
  const repositories = new Map(wanted.map((reference) => [`${reference.registry}/${reference.repository}`, reference]))
  for (const { registry, repository } of repositories.values()) {
    const slotOf = (descriptor: Slot['descriptor']): Slot => ({ registry, repository, descriptor })
    for (const descriptor of artifact.manifests) {
      const slot = slotOf(descriptor)
      if (!present.has(slotKey(slot))) await delivery.manifest(slot, contentOf(slot, resolved))
    }
    for (const { descriptor, tag } of artifact.referrers) {
      if (tag !== undefined) await delivery.tag(slotOf(descriptor), contentOf(slotOf(descriptor), resolved), [tag])
    }
    const names = new Set(
      wanted
        .filter((reference) => reference.registry === registry && reference.repository === repository)
        .flatMap(({ tag }) => tag ?? []),
    )
    if (names.size > 0)
      await delivery.tag(slotOf(artifact.root), contentOf(slotOf(artifact.root), resolved), [...names])
  }
}

function contentOf({ descriptor }: Slot, resolved: ResolvedArtifact): ManifestContent {
  return { descriptor, bytes: resolved.manifestBytes.get(descriptor.digest) ?? new Uint8Array() }
}

/** Repositories that a plan writes to, each once. */
export function repositoriesOf(
  artifacts: readonly PlannedArtifact[],
  decisions: readonly NameDecision[],
): { registry: string; repository: string }[] {
  const wanted = new Set(decisions.filter(({ action }) => action === 'deliver').map(({ destination }) => destination))
  const found = new Map<string, { registry: string; repository: string }>()
  for (const reference of artifacts.flatMap(({ destinations }) => destinations)) {
    const { registry, repository } = reference
    if (wanted.has(formatReference(reference))) found.set(`${registry}/${repository}`, { registry, repository })
  }
  return [...found.values()]
}
