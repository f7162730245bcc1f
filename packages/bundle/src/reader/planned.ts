import type { PlannedArtifact, Referrer } from '@ropeway/core'
import { parseReference, walkGraph, type Graph, type ReadDescriptor } from '@ropeway/oci'
import type { BundleLock } from '../lock.js'

/** Artifacts as `planArchive` wants them, with the bytes of their manifests. */
export interface PlannedContents {
  readonly artifacts: readonly PlannedArtifact[]
  readonly manifests: ReadonlyMap<string, Uint8Array>
}

/**
 * Walks everything that a lock names. Foreign layers count as content where `holds` says that they are there.
 * Throws what `read` and `walkGraph` throw.
 */
export async function plannedFromLock(
  lock: BundleLock,
  read: ReadDescriptor,
  holds: (digest: string) => boolean,
): Promise<PlannedContents> {
  const manifests = new Map<string, Uint8Array>()
  const artifacts: PlannedArtifact[] = []
  for (const { id, kind, name, version, root, destinations, referrers } of lock.artifacts) {
    const graphs: Graph[] = []
    for (const descriptor of [root, ...referrers.map((referrer: Referrer) => referrer.descriptor)]) {
      const graph = await walkGraph(descriptor, read, { side: 'verification', about: id })
      graph.bytes.forEach((bytes, digest) => manifests.set(digest, bytes))
      graphs.push(graph)
    }
    const carried = graphs.flatMap(({ blobs, foreign }) => [...blobs, ...foreign.filter(({ digest }) => holds(digest))])
    artifacts.push({
      id,
      kind,
      name,
      version,
      root,
      referrers,
      destinations: destinations.map(parseReference),
      manifests: unique(graphs.flatMap((graph) => graph.manifests)),
      blobs: unique(carried),
    })
  }
  return { artifacts, manifests }
}

function unique<Item extends { readonly digest: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.digest, item])).values()]
}
