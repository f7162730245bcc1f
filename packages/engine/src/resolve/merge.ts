import type { Artifact, Platform, RopewayError } from '@ropeway/core'
import { canonicalJson, formatPlatform } from '@ropeway/oci'
import type { Chain } from '../chain/chain.js'
import * as errors from '../errors.js'
import { idOf, type Found, type Identified } from './found.js'

/** One artifact for each id: equal ones merge, different ones of one id are told apart by their digest. */
export function merge(found: readonly Found[], chain: Chain, failures: RopewayError[]): Identified[] {
  const merged = new Map<string, Identified>()
  for (const item of found) {
    const plain = idOf(item.artifact)
    const taken = merged.get(plain)
    const same = taken?.artifact.root.digest === item.artifact.root.digest
    const id =
      taken === undefined || same ? plain : `${plain}@${item.artifact.root.digest.slice(0, 'sha256:'.length + 12)}`
    const before = merged.get(id)
    if (before === undefined) merged.set(id, { ...item, id })
    else if (platformsKey(before, chain) !== platformsKey(item, chain))
      failures.push(errors.platformsDisagree(id, before.step.place, item.step.place))
    else if (settingsKey(before) !== settingsKey(item))
      failures.push(errors.settingsDisagree(id, before.step.place, item.step.place))
    else merged.set(id, { ...before, artifact: withRequirers(before.artifact, item.artifact) })
  }
  return [...merged.values()]
}

function settingsKey({ artifact }: Found): string {
  return canonicalJson(artifact.settings ?? null)
}

/** Platforms that are kept of an artifact; empty: all. */
export function platformsOf({ artifact, step }: Found, chain: Chain): readonly Platform[] {
  return artifact.kind === 'image' ? (step.platforms ?? chain.platforms) : []
}

function platformsKey(found: Found, chain: Chain): string {
  return platformsOf(found, chain).map(formatPlatform).sort().join(',')
}

function withRequirers(artifact: Artifact, other: Artifact): Artifact {
  const requiredBy = [...new Set([...(artifact.requiredBy ?? []), ...(other.requiredBy ?? [])])]
  return requiredBy.length === 0 ? artifact : { ...artifact, requiredBy }
}
