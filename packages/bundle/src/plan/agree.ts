import { isRopewayError, type LockedArtifact, type PlannedArtifact } from '@ropeway/core'
import { parseReference } from '@ropeway/oci'
import { bundleLockMismatch } from '../errors.js'
import { compareText } from '../format.js'
import { readLock, type BundleLock } from '../lock.js'
import type { ArchiveInput } from './archive.js'

/**
 * The lock, its artifacts in the order of their ids, if it says the same as chain and artifacts; what a bundle says of
 * itself is taken from it alone. Throws `BUNDLE_LOCK_MISMATCH`.
 */
export function agreedLock({ chain, lock: bytes, artifacts }: ArchiveInput): BundleLock {
  const reading = readLock(bytes)
  if (!('lock' in reading)) {
    throw bundleLockMismatch('tooNew' in reading ? `the lock has version ${reading.tooNew}` : reading.reason)
  }
  const { lock } = reading
  if (lock.chain.name !== chain.name || lock.chain.version !== chain.version) {
    throw bundleLockMismatch(`the lock is that of ${lock.chain.name} ${lock.chain.version}`)
  }
  const planned = new Map(artifacts.map((artifact) => [artifact.id, artifact]))
  const locked = new Set(lock.artifacts.map(({ id }) => id))
  const surplus = artifacts.find(({ id }) => !locked.has(id))
  if (surplus !== undefined) throw bundleLockMismatch(`the lock does not have ${surplus.id}`)
  if (locked.size !== lock.artifacts.length) throw bundleLockMismatch('the lock has one id twice')
  for (const artifact of lock.artifacts) compare(artifact, planned.get(artifact.id))
  return { ...lock, artifacts: lock.artifacts.toSorted((a, b) => compareText(a.id, b.id)) }
}

function compare(locked: LockedArtifact, planned: PlannedArtifact | undefined): void {
  const { id, root, referrers, destinations } = locked
  if (planned === undefined) throw bundleLockMismatch(`${id} of the lock is not to be packed`)
  const held = new Set(planned.manifests.map(({ digest }) => digest))
  const missing = [root, ...referrers.map(({ descriptor }) => descriptor)].find(({ digest }) => !held.has(digest))
  if (planned.root.digest !== root.digest || missing !== undefined) {
    throw bundleLockMismatch(`${id} does not hold ${missing?.digest ?? root.digest}`)
  }
  destinations.forEach((destination) => checkDestination(id, destination))
}

function checkDestination(id: string, destination: string): void {
  try {
    parseReference(destination)
  } catch (error) {
    throw bundleLockMismatch(`${id} goes to ${isRopewayError(error) ? error.message : JSON.stringify(destination)}`)
  }
}
