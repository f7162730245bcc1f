// Reads both registries by plain HTTP, without Ropeway's own client, and compares what they hold.
import type { LockedArtifact } from '@ropeway/core'
import type { Lock } from '@ropeway/engine'
import { parseReference, tagOrDigest } from '@ropeway/oci'
import { pullFixture, type Pulled } from '@ropeway/testkit'

/** One artifact, as it arrived. */
export interface Arrival {
  readonly kind: string
  /** `repository:tag` in the second registry. */
  readonly name: string
  readonly digest: string
  readonly manifests: number
  readonly blobs: number
  readonly referrers: number
}

export interface Comparison {
  readonly arrivals: readonly Arrival[]
  /** One sentence each; empty when all is equal. */
  readonly differences: readonly string[]
}

/** Compares all that a lock says: where it came from, and where an import with `prefix` has put it. */
export async function compare(lock: Lock, from: string, to: string, prefix: string): Promise<Comparison> {
  const arrivals: Arrival[] = []
  const differences: string[] = []
  for (const artifact of lock.artifacts) {
    const repository = `${prefix}/${artifact.naming.path}`
    const [tag = artifact.root.digest] = artifact.naming.tags
    const there = await pullFixture(to, { repository, reference: tag })
    // What refers to images that travel was relocated on its arrival, and has a digest of its own.
    const follows = artifact.discovered?.images.some(({ artifact: id }) => id !== undefined) === true
    const differ = [
      ...(follows || there.digest === artifact.root.digest
        ? []
        : [`is ${there.digest}, the lock says ${artifact.root.digest}`]),
      ...(await differencesFromSource(artifact, from, there)),
    ]
    const referrers = await Promise.all(
      artifact.referrers.map(({ descriptor, tag: own }) =>
        pullFixture(to, { repository, reference: own ?? descriptor.digest }).then(({ digest }) => digest),
      ),
    )
    const lost = artifact.referrers.filter(({ descriptor }) => !referrers.includes(descriptor.digest))
    differ.push(...lost.map(({ descriptor }) => `lacks its referrer ${descriptor.digest}`))
    differences.push(...differ.map((text) => `${repository}:${tag} ${text}`))
    arrivals.push({
      kind: artifact.kind,
      name: `${repository}:${tag}`,
      digest: there.digest,
      manifests: there.manifests.size,
      blobs: there.blobs.size,
      referrers: referrers.length,
    })
  }
  return { arrivals, differences }
}

async function differencesFromSource({ source }: LockedArtifact, from: string, there: Pulled): Promise<string[]> {
  // Files and manifests came from a folder; the digest in the lock is all there is to compare with.
  if (source.reference === undefined) return []
  const reference = parseReference(source.reference)
  const here = await pullFixture(from, { repository: reference.repository, reference: tagOrDigest(reference) })
  const missing = [...here.manifests.keys(), ...here.blobs.keys()].filter(
    (digest) => !there.manifests.has(digest) && !there.blobs.has(digest),
  )
  return [
    ...(here.digest === there.digest ? [] : [`is ${there.digest}, but ${source.reference} is ${here.digest}`]),
    ...missing.map((digest) => `lacks ${digest}`),
  ]
}
