import { isRopewayError, type Artifact, type LockedArtifact, type RopewayError } from '@ropeway/core'
import { parsePlatform, parseReference } from '@ropeway/oci'
import type { Chain, SourceStep } from '../chain/chain.js'
import * as errors from '../errors.js'
import { refuseDrift } from '../lock/drift.js'
import type { Lock } from '../lock/lock.js'
import { createLimiter } from '@ropeway/distribution'
import { selectOnly } from '../plan/select.js'
import type { Runtime } from '../runtime/runtime.js'
import { closureOf } from './closure.js'
import { adapterError } from './guard.js'
import { inputsOf, resolution, resolveConcurrency, resolved, type ResolveOptions } from './resolve.js'
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
  return runtime.phase('resolve', async () => {
    const inputs = await inputsOf(chain, runtime)
    refuseDrift(chain, inputs, lock, lockFile)
    const limiter = createLimiter(resolveConcurrency)
    const failures: RopewayError[] = []
    const reopened = await Promise.all(
      selectOnly(lock.artifacts, options.only ?? []).map((locked) =>
        limiter.run(async () => {
          const step = chain.sources.find(({ id }) => id === locked.source.step)
          if (step === undefined) throw errors.lockDrift([`${locked.source.step} is gone`], lockFile)
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
    return resolution(
      chain,
      reopened.filter((item) => item !== undefined),
      inputs,
    )
  })
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
  const source = await runtime.adapters.load('source', step.adapter)
  const content = await source.reopen(locked, step.options, context)
  const platforms = (locked.platforms ?? []).map(parsePlatform)
  const subject = { about: locked.name, root: locked.published, content: withoutReferrers(content) }
  const closure = await closureOf(subject, platforms, context, locked.referrers)
  if (closure.root.digest !== locked.root.digest) {
    throw errors.derivedMismatch(locked.id, locked.root.digest, closure.root.digest, step.place)
  }
  context.emit({ type: 'artifact:resolved', kind: locked.kind, name: locked.name, digest: closure.root.digest })
  return resolved(locked, artifactOf(locked, closure), closure, step.place)
}

/** The lock holds the complete closure of referrers: the far side is not asked again. */
function withoutReferrers(content: Artifact['content']): Artifact['content'] {
  return { open: content.open.bind(content) }
}

function artifactOf(locked: LockedArtifact, { root, content }: Pick<Artifact, 'root' | 'content'>): Artifact {
  const { kind, name, version, naming, destinations, derived, requiredBy, reason, annotations } = locked
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
  }
}
