import { isRopewayError, type Artifact, type Content, type LockedArtifact, type RopewayError } from '@ropeway/core'
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
import { originals } from './ask.js'
import { resolveConcurrency } from './close.js'
import { applyEdits } from './names.js'
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
  const reopened = await runtime.phase('resolve', () => reopenAll(lock, wanted, chain, runtime, lockFile))
  const { artifacts } = reopened
  const ids = new Set(wanted.map(({ id }) => id))
  const companions = lock.artifacts.filter(({ id }) => !ids.has(id)).map(companionOf)
  const proved = await prove({ artifacts, companions }, chain, runtime, options)
  const made = new Map(proved.artifacts.map((artifact) => [artifact.locked.id, artifact]))
  const failures = [...reopened.failures, ...proved.failures]
  for (const locked of wanted) {
    const now = made.get(locked.id)
    // A proof of what moves nowhere is asked for here, and no lock has it.
    const beside = options.proveAll === true && locked.relocated === undefined
    if (now !== undefined && !beside) refuseOther(locked, now)
  }
  return resolution(chain, proved.artifacts, inputs, { companions, failures, unproved: proved.unproved })
}

async function reopenAll(
  lock: Lock,
  wanted: readonly LockedArtifact[],
  chain: Chain,
  runtime: Runtime,
  lockFile: string | undefined,
): Promise<{ readonly artifacts: readonly ResolvedArtifact[]; readonly failures: readonly RopewayError[] }> {
  const limiter = createLimiter(resolveConcurrency)
  const failures: RopewayError[] = []
  // Edits are made again with all that they were made with, and what nobody edits need not be opened for them.
  const edits = await hasEdits(chain, runtime)
  const opened = new Map<LockedArtifact, Opened>()
  const each = async (
    items: readonly LockedArtifact[],
    work: (locked: LockedArtifact, step: SourceStep) => Promise<void>,
  ) => {
    await Promise.all(
      items.map((locked) =>
        limiter.run(async () => {
          const step = stepOf(locked, chain, lockFile)
          try {
            await work(locked, step)
          } catch (thrown) {
            runtime.signal.throwIfAborted()
            failures.push(lockedError(thrown, locked, step))
          }
        }),
      ),
    )
  }
  await each(edits ? lock.artifacts : wanted, async (locked, step) => {
    const content = await contentOf(locked, step, chain, runtime)
    opened.set(locked, {
      artifact: artifactOf(locked, { root: locked.published, content: withoutReferrers(content) }),
      step,
    })
  })
  refuse(failures)
  const edited = edits ? await editAgain(opened, chain, runtime) : { opened, failures: [] }
  const closed = new Map<LockedArtifact, ResolvedArtifact>()
  await each(
    wanted.filter((locked) => edited.opened.has(locked)),
    async (locked, step) => {
      const { artifact } = edited.opened.get(locked) ?? {}
      if (artifact !== undefined) closed.set(locked, await closeAgain(locked, artifact, step, chain, runtime))
    },
  )
  refuse(failures)
  return { artifacts: wanted.flatMap((locked) => closed.get(locked) ?? []), failures: edited.failures }
}

interface Opened {
  readonly artifact: Artifact
  readonly step: SourceStep
}

function refuse(failures: readonly RopewayError[]): void {
  const [only] = failures
  if (only !== undefined) throw failures.length === 1 ? only : errors.resolveFailed(failures)
}

function stepOf({ source: { step: id } }: LockedArtifact, chain: Chain, lockFile: string | undefined): SourceStep {
  const step = id === chain.discover.id ? discoverStep(chain) : chain.sources.find((each) => each.id === id)
  if (step === undefined) throw errors.lockDrift([`${id} is gone`], lockFile)
  return step
}

async function hasEdits(chain: Chain, runtime: Runtime): Promise<boolean> {
  const transforms = await Promise.all(
    chain.transforms.map(({ adapter }) => runtime.adapters.load('transform', adapter)),
  )
  return transforms.some(({ stage }) => stage === 'edit')
}

/** Applies the chain's edits to what was reopened; what discovery found was not there when they were made first. */
async function editAgain(
  opened: ReadonlyMap<LockedArtifact, Opened>,
  chain: Chain,
  runtime: Runtime,
): Promise<{ readonly opened: ReadonlyMap<LockedArtifact, Opened>; readonly failures: readonly RopewayError[] }> {
  const own = [...opened].filter(([{ source }]) => source.step !== chain.discover.id)
  const items = own.map(([locked, { artifact, step }]) => ({ locked, artifact, step }))
  const originalOf = originals(items)
  const edited = await applyEdits(
    items.map(({ artifact }) => artifact),
    chain,
    runtime,
  )
  const refused = new Set(edited.failures.map(({ about }) => about))
  // What an edit dropped stood in the lock all the same: nobody edited it then.
  const again = new Map([...opened].filter(([{ id, name }]) => !refused.has(id) && !refused.has(name)))
  for (const artifact of edited.artifacts) {
    const item = originalOf(artifact)
    if (item !== undefined) again.set(item.locked, { artifact, step: item.step })
  }
  return { opened: again, failures: edited.failures }
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

async function closeAgain(
  locked: LockedArtifact,
  artifact: Artifact,
  step: SourceStep,
  chain: Chain,
  runtime: Runtime,
): Promise<ResolvedArtifact> {
  const context = runtime.context(chain, step.directory)
  const platforms = (locked.platforms ?? []).map(parsePlatform)
  const subject = { about: locked.name, root: artifact.root, content: artifact.content }
  const closure = await closureOf(subject, platforms, context, referrersOf(locked))
  if (closure.root.digest !== locked.root.digest) {
    throw errors.derivedMismatch(locked.id, locked.root.digest, closure.root.digest, step.place)
  }
  context.emit({ type: 'artifact:resolved', kind: locked.kind, name: locked.name, digest: closure.root.digest })
  return resolved(publishedOf(locked), artifactOf(locked, closure), closure, step.place)
}

async function contentOf(locked: LockedArtifact, step: SourceStep, chain: Chain, runtime: Runtime): Promise<Content> {
  const context = runtime.context(chain, step.directory)
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
