import type { Artifact, LockedArtifact, RopewayError } from '@ropeway/core'
import { lockVersion } from '@ropeway/bundle'
import { formatPlatform, formatReference, sha256 } from '@ropeway/oci'
import type { Chain, Step } from '../chain/chain.js'
import { discoverInputs } from '../discover/catalogue.js'
import { serializeLock, stepsOf, type Lock } from '../lock/lock.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Closed } from './found.js'
import { guarded } from './guard.js'
import { destinationsOf } from './names.js'
import type { Closure, Resolution, ResolvedArtifact } from './resolved.js'

export function resolved(
  locked: LockedArtifact,
  artifact: Artifact,
  closure: Closure,
  place: string | undefined,
): ResolvedArtifact {
  const { content, manifests, blobs, manifestBytes } = closure
  return { locked, artifact, content, manifests, blobs, manifestBytes, place }
}

export function resolution(
  chain: Chain,
  artifacts: readonly ResolvedArtifact[],
  inputs: Lock['inputs'],
  beside: Partial<Pick<Resolution, 'companions' | 'failures' | 'unproved'>> & { readonly partial?: boolean } = {},
): Resolution {
  const sorted = [...artifacts].sort((a, b) => (a.locked.id < b.locked.id ? -1 : 1))
  const { companions = [], failures = [], unproved = [], partial = false } = beside
  const lock: Lock = {
    lockVersion,
    chain: { name: chain.name, version: chain.version },
    platforms: chain.platforms.map(formatPlatform),
    steps: stepsOf(chain),
    inputs,
    artifacts: sorted.map(({ locked }) => locked),
    ...(partial ? { absent: absentOf(failures) } : {}),
  }
  const lockBytes = serializeLock(lock)
  return { chain, artifacts: sorted, companions, failures, unproved, lock, lockBytes, lockDigest: sha256(lockBytes) }
}

/** What a lock keeps of what is not there: what it is called, and why. */
function absentOf(failures: readonly RopewayError[]): Lock['absent'] {
  const absent = failures.map(({ about, message, code }) => ({ name: about ?? message, code }))
  return absent.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What sources and transforms say of the local files that they read, by step. */
export async function inputsOf(chain: Chain, runtime: Runtime): Promise<Lock['inputs']> {
  const asked = [
    ...chain.sources.map((step) => ({ step, kind: 'source' as const })),
    ...chain.transforms.map((step) => ({ step, kind: 'transform' as const })),
  ]
  const entries = await Promise.all(asked.map(({ step, kind }) => inputsOfStep(step, kind, chain, runtime)))
  const context = runtime.context(chain, chain.discover.directory)
  const own = await discoverInputs(chain.discover, context)
  const found = Object.keys(own).length === 0 ? [] : [[chain.discover.id, own] as const]
  return Object.fromEntries([...entries.flat(), ...found])
}

async function inputsOfStep(
  step: Step,
  kind: 'source' | 'transform',
  chain: Chain,
  runtime: Runtime,
): Promise<readonly (readonly [string, Readonly<Record<string, string>>])[]> {
  const adapter = await runtime.adapters.load(kind, step.adapter)
  if (adapter.inputs === undefined) return []
  const asked = { kind, adapter: step.adapter, operation: 'reading local files', place: step.place }
  const inputs = await guarded(asked, runtime.signal, async () =>
    adapter.inputs?.(step.options, runtime.context(chain, step.directory)),
  )
  return inputs === undefined || Object.keys(inputs).length === 0 ? [] : [[step.id, inputs] as const]
}

/** What a lock keeps of an artifact. */
export function lockedOf({ id, artifact, step, closure, original }: Closed): LockedArtifact {
  const derived = [
    ...(artifact.derived ?? []),
    ...closure.made.map((made) => platformIndex(made.descriptor.digest, closure)),
  ]
  const { reference, location, locator } = artifact.source
  const some = <T>(list: readonly T[] | undefined) => (list === undefined || list.length === 0 ? undefined : list)
  return {
    id,
    kind: artifact.kind,
    name: artifact.name,
    version: artifact.version,
    source: {
      adapter: step.adapter,
      step: step.id,
      reference: reference === undefined ? undefined : formatReference(reference),
      location,
      locator,
    },
    published: bare(original?.root ?? closure.published),
    root: bare(closure.root),
    platforms: closure.platforms,
    digestMap: Object.keys(closure.digestMap).length === 0 ? undefined : closure.digestMap,
    naming: artifact.naming,
    destinations: destinationsOf(artifact).map(formatReference),
    referrers: closure.referrers,
    derived: some(derived),
    requiredBy: some([...(artifact.requiredBy ?? [])].sort()),
    class: artifact.class ?? 'declared',
    reason: artifact.reason,
    alias: artifact.alias,
    signatures: closure.signatures,
    annotations: artifact.annotations,
    settings: artifact.settings,
    discovered: artifact.discovered,
  }
}

function platformIndex(digest: string, closure: Closure) {
  return {
    digest,
    recipe: { type: 'platform-index', from: closure.published.digest, platforms: closure.platforms ?? [] },
  }
}

/** A root in a lock is what it is, without the facts of the index that it came from. */
function bare({ mediaType, digest, size, artifactType }: Closure['root']): Closure['root'] {
  return artifactType === undefined ? { mediaType, digest, size } : { mediaType, digest, size, artifactType }
}
