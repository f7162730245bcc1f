import {
  isRopewayError,
  type Artifact,
  type Content,
  type Context,
  type LockedArtifact,
  type RopewayError,
} from '@ropeway/core'
import { parsePlatform, parseReference } from '@ropeway/oci'
import type { Chain, SourceStep } from '../chain/chain.js'
import * as errors from '../errors.js'
import { refuseDrift } from '../lock/drift.js'
import type { Lock } from '../lock/lock.js'
import { createLimiter, reopenReference } from '@ropeway/distribution'
import { selectOnly } from '../plan/select.js'
import type { Runtime } from '../runtime/runtime.js'
import { closureOf } from './closure.js'
import { adapterError } from './guard.js'
import { discoverStep, discovered } from '../discover/step.js'
import { prove } from '../prove/prove.js'
import { resolveConcurrency } from './close.js'
import { inputsOf, resolution, resolved } from './resolution.js'
import type { ResolveOptions } from './resolve.js'
import type { Resolution, ResolvedArtifact } from './resolved.js'

/**
 * Opens exactly what a lock says, resolving nothing. Throws `LOCK_DRIFT` when the chain or a file that it reads changed since,
 * `DERIVED_MISMATCH` or `SOURCE_CHANGED` when content is no longer what was locked; all failures together.
 */
export async function replay(
  chain: Chain,
  lock: Lock,
  runtime: Runtime,
  lockFile?: string,
  options: ResolveOptions = {},
): Promise<Resolution> {
  const inputs = await inputsOf(chain, runtime)
  refuseDrift(chain, inputs, lock, lockFile)
  const wanted = selectOnly(lock.artifacts, options.only ?? [])
  const artifacts = await runtime.phase('resolve', () => reopenAll(wanted, chain, runtime, lockFile))
  const ids = new Set(wanted.map(({ id }) => id))
  const companions = lock.artifacts.filter(({ id }) => !ids.has(id)).map(companionOf)
  const proved = await prove({ artifacts, companions }, chain, runtime, options)
  const made = new Map(proved.artifacts.map((artifact) => [artifact.locked.id, artifact]))
  const failures = [...proved.failures]
  for (const locked of wanted) {
    const now = made.get(locked.id)
    if (now !== undefined) refuseOther(locked, now)
  }
  return resolution(chain, proved.artifacts, inputs, { companions, failures })
}

async function reopenAll(
  wanted: readonly LockedArtifact[],
  chain: Chain,
  runtime: Runtime,
  lockFile: string | undefined,
): Promise<ResolvedArtifact[]> {
  const limiter = createLimiter(resolveConcurrency)
  const failures: RopewayError[] = []
  const reopened = await Promise.all(
    wanted.map((locked) =>
      limiter.run(async () => {
        const { step: id } = locked.source
        const step = id === discovered.adapter ? discoverStep(chain) : chain.sources.find((each) => each.id === id)
        if (step === undefined) throw errors.lockDrift([`${id} is gone`], lockFile)
        try {
          return await reopen(locked, step, chain, runtime)
        } catch (thrown) {
          runtime.signal.throwIfAborted()
          failures.push(lockedError(thrown, locked, step))
          return undefined
        }
      }),
    ),
  )
  const [only] = failures
  if (only !== undefined) throw failures.length === 1 ? only : errors.resolveFailed(failures)
  return reopened.filter((item) => item !== undefined)
}

/** What was relocated has to become what the lock says. */
function refuseOther(locked: LockedArtifact, { locked: now, place }: ResolvedArtifact): void {
  const before = locked.relocated?.record.digest
  const after = now.relocated?.record.digest
  if (before !== after) throw errors.derivedMismatch(locked.id, before ?? 'nothing', after ?? 'nothing', place)
}

/** An artifact of the lock that is not wanted now, but may be referred to: its names are all that matters. */
function companionOf(locked: LockedArtifact): ResolvedArtifact {
  const content = { open: () => nothing() }
  const artifact = artifactOf(locked, { root: locked.root, content })
  return { locked, artifact, content, manifests: [], blobs: [], manifestBytes: new Map() }
}

async function* nothing(): AsyncIterable<Uint8Array> {
  // Nobody opens what does not travel.
}

function lockedError(thrown: unknown, locked: LockedArtifact, step: SourceStep): RopewayError {
  const asked = {
    kind: 'source' as const,
    adapter: step.adapter,
    operation: `opening ${locked.name} as locked`,
    place: step.place,
  }
  if (isRopewayError(thrown) && (thrown.code === 'DIGEST_MISMATCH' || thrown.code === 'SIZE_MISMATCH')) {
    return errors.sourceChanged(locked.id, thrown, step.place)
  }
  return adapterError(thrown, asked)
}

async function reopen(
  locked: LockedArtifact,
  step: SourceStep,
  chain: Chain,
  runtime: Runtime,
): Promise<ResolvedArtifact> {
  const context = runtime.context(chain, step.directory)
  const content = await contentOf(locked, step, chain, runtime, context)
  const platforms = (locked.platforms ?? []).map(parsePlatform)
  const subject = { about: locked.name, root: locked.published, content: withoutReferrers(content) }
  const closure = await closureOf(subject, platforms, context, referrersOf(locked))
  if (closure.root.digest !== locked.root.digest) {
    throw errors.derivedMismatch(locked.id, locked.root.digest, closure.root.digest, step.place)
  }
  context.emit({ type: 'artifact:resolved', kind: locked.kind, name: locked.name, digest: closure.root.digest })
  return resolved(publishedOf(locked), artifactOf(locked, closure), closure, step.place)
}

async function contentOf(
  locked: LockedArtifact,
  step: SourceStep,
  chain: Chain,
  runtime: Runtime,
  context: Context,
): Promise<Content> {
  if (step.adapter === discovered.adapter)
    return reopenReference(locked, context, { referrers: chain.discover.referrers })
  const source = await runtime.adapters.load('source', step.adapter)
  return source.reopen(locked, step.options, context)
}

/** All but the record of a relocation, which is made again. */
function referrersOf({ referrers, relocated }: LockedArtifact): LockedArtifact['referrers'] {
  return referrers.filter(({ descriptor }) => descriptor.digest !== relocated?.record.digest)
}

/** A locked artifact as it was before it was relocated. */
function publishedOf(locked: LockedArtifact): LockedArtifact {
  const { relocated, derived, signatures } = locked
  if (relocated === undefined) return locked
  const own = new Set(['relocated', 'relocation'])
  const left = (derived ?? []).filter(({ recipe }) => !own.has(recipe.type))
  return {
    ...locked,
    referrers: referrersOf(locked),
    derived: left.length === 0 ? undefined : left,
    signatures: relocated.dropped?.includes('signatures') === true ? 'carried' : signatures,
    relocated: undefined,
  }
}

/** The lock holds the complete closure of referrers: the far side is not asked again. */
function withoutReferrers(content: Artifact['content']): Artifact['content'] {
  return { open: content.open.bind(content) }
}

function artifactOf(locked: LockedArtifact, { root, content }: Pick<Artifact, 'root' | 'content'>): Artifact {
  const { kind, name, version, naming, destinations, derived, requiredBy, reason, annotations } = locked
  const { alias, settings, discovered: found } = locked
  return {
    kind,
    name,
    version,
    source: {
      reference: locked.source.reference === undefined ? undefined : parseReference(locked.source.reference),
      location: locked.source.location,
      locator: locked.source.locator,
    },
    root,
    content,
    naming,
    destinations: destinations.map(parseReference),
    derived,
    requiredBy,
    class: locked.class,
    reason,
    annotations,
    alias,
    settings,
    discovered: found,
  }
}
