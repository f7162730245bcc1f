import type { LockedArtifact } from '@ropeway/core'
import { canonicalJson } from '@ropeway/oci'
import type { Lock } from './lock.js'

/** What changed from one lock to another. */
export interface LockDiff {
  readonly equal: boolean
  readonly added: readonly LockedArtifact[]
  readonly removed: readonly LockedArtifact[]
  readonly changed: readonly {
    readonly id: string
    /** One phrase a change: `root sha256:… → sha256:…`. */
    readonly what: readonly string[]
    readonly from: LockedArtifact
    readonly to: LockedArtifact
  }[]
  /** Changes besides the artifacts: name, version, platforms. */
  readonly head: readonly string[]
}

export function diffLocks(from: Lock, to: Lock): LockDiff {
  const before = new Map(from.artifacts.map((artifact) => [artifact.id, artifact]))
  const after = new Map(to.artifacts.map((artifact) => [artifact.id, artifact]))
  const added = to.artifacts.filter(({ id }) => !before.has(id))
  const removed = from.artifacts.filter(({ id }) => !after.has(id))
  const changed = from.artifacts.flatMap((old) => {
    const now = after.get(old.id)
    if (now === undefined) return []
    const what = changesOf(old, now)
    return what.length === 0 ? [] : [{ id: old.id, what, from: old, to: now }]
  })
  const head = headChanges(from, to)
  return { equal: added.length + removed.length + changed.length + head.length === 0, added, removed, changed, head }
}

function headChanges(from: Lock, to: Lock): string[] {
  const pairs: [string, string, string][] = [
    ['name', from.chain.name, to.chain.name],
    ['version', from.chain.version, to.chain.version],
    ['platforms', from.platforms.join(', ') || 'all', to.platforms.join(', ') || 'all'],
  ]
  return pairs.filter(([, a, b]) => a !== b).map(([name, a, b]) => `${name} ${a} → ${b}`)
}

function changesOf(from: LockedArtifact, to: LockedArtifact): string[] {
  const what: string[] = []
  const say = (name: string, a: string, b: string) => {
    if (a !== b) what.push(`${name} ${a} → ${b}`)
  }
  say('root', from.root.digest, to.root.digest)
  if (from.root.digest === to.root.digest) say('published', from.published.digest, to.published.digest)
  say('from', from.source.location, to.source.location)
  say('to', from.destinations.join(', ') || 'nowhere', to.destinations.join(', ') || 'nowhere')
  say('class', from.class, to.class)
  say('signatures', from.signatures, to.signatures)
  const referrers = (artifact: LockedArtifact) => new Set(artifact.referrers.map(({ descriptor }) => descriptor.digest))
  const gone = referrers(from).difference(referrers(to)).size
  const come = referrers(to).difference(referrers(from)).size
  if (gone > 0) what.push(`${gone} referrers gone`)
  if (come > 0) what.push(`${come} referrers added`)
  if (what.length === 0 && canonicalJson(from) !== canonicalJson(to)) what.push('details')
  return what
}
