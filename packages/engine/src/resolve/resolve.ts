import {
  isFailure,
  isRopewayError,
  type Artifact,
  type LockedArtifact,
  type Platform,
  type RopewayError,
} from '@ropeway/core'
import { lockVersion } from '@ropeway/bundle'
import { formatPlatform, formatReference, sha256 } from '@ropeway/oci'
import type { Chain, SourceStep } from '../chain/chain.js'
import * as errors from '../errors.js'
import { serializeLock, stepsOf, type Lock } from '../lock/lock.js'
import { createLimiter } from '@ropeway/distribution'
import { selectOnly } from '../plan/select.js'
import type { Runtime } from '../runtime/runtime.js'
import { checkItem } from './answers.js'
import { closureOf } from './closure.js'
import { adapterError, guarded } from './guard.js'
import { applyTransforms, destinationsOf } from './names.js'
import type { Closure, Resolution, ResolvedArtifact } from './resolved.js'

/** Closures that are read at once. */
export const resolveConcurrency = 24

export interface ResolveOptions {
  /** Ids, kinds or globs of the artifacts that are wanted; empty or absent: everything. */
  readonly only?: readonly string[] | undefined
  /** What sources cannot resolve is among the `failures` of the resolution, and the rest goes on. */
  readonly keepGoing?: boolean | undefined
  /** As `keepGoing`, and the lock says what is absent, so that sinks that show all or nothing take the rest too. */
  readonly partial?: boolean | undefined
}

interface Found {
  readonly artifact: Artifact
  readonly step: SourceStep
}

/**
 * Resolves a chain anew: asks every source, applies edits, finds what is below each artifact, names them, and writes the lock.
 * Reads metadata and small content only. Throws one error that holds *all* that cannot be resolved, `ONLY_MATCHES_NOTHING`.
 * What keeps a whole source from being asked is thrown also when the rest is to go on.
 */
export async function resolve(chain: Chain, runtime: Runtime, options: ResolveOptions = {}): Promise<Resolution> {
  const failures: RopewayError[] = []
  const unasked: RopewayError[] = []
  const found = await runtime.phase('resolve', async () => {
    const perStep = await Promise.all(
      chain.sources.map(async (step) => {
        const own: RopewayError[] = []
        return { found: await askSource(chain, step, runtime, own, unasked), own }
      }),
    )
    // In the chain's order, whichever source was the first to fail.
    failures.push(...perStep.flatMap(({ own }) => own))
    const all = perStep.flatMap(({ found }) => found)
    const edited = await applyTransforms(
      all.map(({ artifact }) => artifact),
      chain.transforms,
      'edit',
      chain,
      runtime,
    )
    const stepOf = stepsByArtifact(all)
    const edits = edited.map((artifact): Found => ({ artifact, step: stepOf(artifact) ?? onlyStep(chain) }))
    return closeAll(wanted(merge(edits, chain, failures), options.only), chain, runtime, failures)
  })
  refuse(options.keepGoing === true || options.partial === true ? unasked : failures)
  return runtime.phase('name', () => name(found, failures, chain, runtime, options))
}

/** What `only` keeps: the others are not looked into, so what is wrong with them stops nobody. */
function wanted<T extends Found & { readonly id: string }>(found: readonly T[], only: readonly string[] = []): T[] {
  const heads = found.map((item) => ({ id: item.id, kind: item.artifact.kind, name: item.artifact.name, item }))
  return selectOnly(heads, only).map(({ item }) => item)
}

interface Closed extends Found {
  readonly id: string
  readonly closure: Closure
}

/** The step that found an artifact, also after an edit made another one of it: edits may drop artifacts and change their order. */
function stepsByArtifact(found: readonly Found[]): (artifact: Artifact) => SourceStep | undefined {
  const steps = new Map<unknown, SourceStep>()
  const marksOf = (artifact: Artifact) => [artifact, artifact.source, idOf(artifact), artifact.content]
  for (const { artifact, step } of found.toReversed()) for (const mark of marksOf(artifact)) steps.set(mark, step)
  return (artifact) => {
    const mark = marksOf(artifact).find((each) => steps.has(each))
    return mark === undefined ? undefined : steps.get(mark)
  }
}

/** The step that an artifact is ascribed to which an edit added. */
function onlyStep(chain: Chain): SourceStep {
  const [step] = chain.sources
  if (step === undefined) throw errors.chainNotAMap(chain.file)
  return step
}

function refuse(failures: readonly RopewayError[]): void {
  const [only] = failures
  if (only !== undefined) throw failures.length === 1 ? only : errors.resolveFailed(failures)
}

/** What the source throws in place of yielding it goes to `unasked` too: nothing of it can be known. */
async function askSource(
  chain: Chain,
  step: SourceStep,
  runtime: Runtime,
  failures: RopewayError[],
  unasked: RopewayError[],
): Promise<Found[]> {
  const source = await runtime.adapters.load('source', step.adapter)
  const asked = { kind: 'source' as const, adapter: step.adapter, operation: 'resolving', place: step.place }
  const found: Found[] = []
  try {
    for await (const answer of source.resolve(step.options, runtime.context(chain, step.directory))) {
      const item = checkItem(asked, answer)
      if (!isFailure(item)) found.push({ artifact: item, step })
      else failures.push(adapterError(item.error, { ...asked, operation: `resolving ${item.about}` }))
    }
  } catch (thrown) {
    runtime.signal.throwIfAborted()
    const error = adapterError(thrown, asked)
    failures.push(error)
    unasked.push(error)
  }
  return found
}

/** `kind:name[:version]`; an image's name holds its version already. */
export function idOf(artifact: Pick<Artifact, 'kind' | 'name' | 'version'>): string {
  const { kind, name, version } = artifact
  return version === undefined || name.endsWith(`:${version}`) ? `${kind}:${name}` : `${kind}:${name}:${version}`
}

/** One artifact for each id: equal ones merge, different ones of one id are told apart by their digest. */
function merge(found: readonly Found[], chain: Chain, failures: RopewayError[]): (Found & { id: string })[] {
  const merged = new Map<string, Found & { id: string }>()
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
    else merged.set(id, { ...before, artifact: withRequirers(before.artifact, item.artifact) })
  }
  return [...merged.values()]
}

/** Platforms that are kept of an artifact; empty: all. */
function platformsOf({ artifact, step }: Found, chain: Chain): readonly Platform[] {
  return artifact.kind === 'image' ? (step.platforms ?? chain.platforms) : []
}

function platformsKey(found: Found, chain: Chain): string {
  return platformsOf(found, chain).map(formatPlatform).sort().join(',')
}

function withRequirers(artifact: Artifact, other: Artifact): Artifact {
  const requiredBy = [...new Set([...(artifact.requiredBy ?? []), ...(other.requiredBy ?? [])])]
  return requiredBy.length === 0 ? artifact : { ...artifact, requiredBy }
}

async function closeAll(
  found: readonly (Found & { id: string })[],
  chain: Chain,
  runtime: Runtime,
  failures: RopewayError[],
): Promise<Closed[]> {
  const limiter = createLimiter(resolveConcurrency)
  const closed = await Promise.all(
    found.map((item) =>
      limiter.run(async (): Promise<Closed | RopewayError> => {
        const { artifact, step, id } = item
        const asked = {
          kind: 'source' as const,
          adapter: step.adapter,
          operation: `reading ${artifact.name}`,
          place: step.place,
        }
        const platforms = platformsOf(item, chain)
        const context = runtime.context(chain, step.directory)
        try {
          const closure = await closureOf(
            { about: artifact.name, root: artifact.root, content: artifact.content },
            platforms,
            context,
          )
          context.emit({
            type: 'artifact:resolved',
            kind: artifact.kind,
            name: artifact.name,
            digest: closure.root.digest,
          })
          return { ...item, id, closure, artifact: { ...artifact, root: closure.root, content: closure.content } }
        } catch (thrown) {
          runtime.signal.throwIfAborted()
          return adapterError(thrown, asked)
        }
      }),
    ),
  )
  failures.push(...closed.filter(isRopewayError))
  return closed.filter((item): item is Closed => !isRopewayError(item))
}

async function name(
  found: readonly Closed[],
  failures: readonly RopewayError[],
  chain: Chain,
  runtime: Runtime,
  { partial = false }: ResolveOptions,
): Promise<Resolution> {
  const named = await applyTransforms(
    found.map(({ artifact }) => artifact),
    chain.transforms,
    'name',
    chain,
    runtime,
  )
  const artifacts = found.map((item, index): ResolvedArtifact => {
    const artifact = named[index] ?? item.artifact
    return resolved(lockedOf({ ...item, artifact }), artifact, item.closure, item.step.place)
  })
  return resolution(chain, artifacts, await inputsOf(chain, runtime), { failures, partial })
}

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
  { failures = [], partial = false }: { readonly failures?: readonly RopewayError[]; readonly partial?: boolean } = {},
): Resolution {
  const sorted = [...artifacts].sort((a, b) => (a.locked.id < b.locked.id ? -1 : 1))
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
  return { chain, artifacts: sorted, failures, lock, lockBytes, lockDigest: sha256(lockBytes) }
}

/** What a lock keeps of what is not there: what it is called, and why. */
function absentOf(failures: readonly RopewayError[]): Lock['absent'] {
  const absent = failures.map(({ about, message, code }) => ({ name: about ?? message, code }))
  return absent.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What the sources say of the local files that they read, by step. */
export async function inputsOf(chain: Chain, runtime: Runtime): Promise<Lock['inputs']> {
  const entries = await Promise.all(
    chain.sources.map(async (step) => {
      const source = await runtime.adapters.load('source', step.adapter)
      if (source.inputs === undefined) return []
      const asked = {
        kind: 'source' as const,
        adapter: step.adapter,
        operation: 'reading local files',
        place: step.place,
      }
      const inputs = await guarded(asked, runtime.signal, async () =>
        source.inputs?.(step.options, runtime.context(chain, step.directory)),
      )
      return inputs === undefined || Object.keys(inputs).length === 0 ? [] : [[step.id, inputs] as const]
    }),
  )
  return Object.fromEntries(entries.flat())
}

function lockedOf({ id, artifact, step, closure }: Closed): LockedArtifact {
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
    published: bare(closure.published),
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
    signatures: closure.signatures,
    annotations: artifact.annotations,
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
