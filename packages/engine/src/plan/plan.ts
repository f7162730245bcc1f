import {
  type ArtifactKind,
  type DeliveryPlan,
  type ExistingPolicy,
  type PlannedArtifact,
  type RopewayError,
  slotKey,
} from '@ropeway/core'
import { planArchive, type Archive } from '@ropeway/bundle'
import { formatReference } from '@ropeway/oci'
import type { SinkStep } from '../chain/chain.js'
import * as errors from '../errors.js'
import { lockDigest, serializeLock, type Lock } from '../lock/lock.js'
import { checkSurvey } from '../resolve/answers.js'
import { guarded } from '../resolve/guard.js'
import { prove } from '../prove/prove.js'
import { applyNames, destinationsOf } from '../resolve/names.js'
import { without } from '../resolve/lacking.js'
import type { Resolution, ResolvedArtifact } from '../resolve/resolved.js'
import type { Runtime } from '../runtime/runtime.js'
import { decideNames, slotsOf } from './decide.js'
import { selectOnly } from './select.js'
import type { Plan, PlanEntry, PlannedSink, PlanWarning } from './types.js'

export interface PlanOptions {
  /** Ids, kinds or globs; empty or absent: everything. */
  readonly only?: readonly string[] | undefined
  /** In place of the sinks' own policies. */
  readonly existing?: ExistingPolicy | undefined
  /** Charts and manifests travel although not every reference in them is proved. */
  readonly allowUnproved?: boolean | undefined
  /**
   * Also proves reachability, credentials and permission to write: of all sinks, or (`needed`) of those that have something to do,
   * after they were asked what they have.
   */
  readonly check?: boolean | 'needed' | undefined
}

/** What a run of this resolution will do: asks each sink what it has, applies policies, computes archives. Writes nothing. */
export async function plan(resolution: Resolution, runtime: Runtime, options: PlanOptions = {}): Promise<Plan> {
  return runtime.phase('plan', async () => {
    const { chain } = resolution
    const kept = selectOnly(
      resolution.artifacts.map((resolved) => ({ ...headOf(resolved), resolved })),
      options.only ?? [],
    )
    const artifacts = kept.map(({ resolved }) => resolved)
    const archives = archiveMaker(resolution)
    const whole = archives(artifacts)
    const sinks: SinkPlanning[] = []
    for (const step of chain.sinks) sinks.push(await planSink(step, artifacts, resolution, archives, runtime, options))
    return {
      chain: { name: chain.name, version: chain.version, file: chain.file },
      lock: resolution.lockDigest,
      platforms: resolution.lock.platforms,
      sources: chain.sources.length,
      artifacts: artifacts.map(entryOf),
      totals: totalsOf(artifacts),
      bundle: { size: whole.archive.size, identity: whole.archive.identity },
      sinks: sinks.map(({ sink }) => sink),
      warnings: [...runtime.warnings(), ...sinks.flatMap(({ warnings }) => warnings)],
      errors: sinks.flatMap((each) => each.errors),
      failures: [...resolution.failures, ...sinks.flatMap((each) => each.failures)],
    }
  })
}

function headOf({ locked }: ResolvedArtifact): { id: string; kind: string; name: string } {
  return { id: locked.id, kind: locked.kind, name: locked.name }
}

export function plannedOf(resolved: ResolvedArtifact): PlannedArtifact {
  const { locked, artifact, manifests, blobs } = resolved
  const { id, kind, name, version, root, referrers } = locked
  return { id, kind, name, version, root, destinations: destinationsOf(artifact), manifests, blobs, referrers }
}

function entryOf(resolved: ResolvedArtifact): PlanEntry {
  const { locked, manifests, blobs } = resolved
  return {
    ...plannedOf(resolved),
    bytes: sum([...manifests, ...blobs]),
    from: locked.source.location,
    signatures: locked.signatures,
    class: locked.class,
    requiredBy: locked.requiredBy ?? [],
    platforms: locked.platforms,
    discovered: locked.discovered,
    relocated: locked.relocated,
  }
}

function sum(descriptors: Iterable<{ readonly size: number }>): number {
  let total = 0
  for (const { size } of descriptors) total += size
  return total
}

function totalsOf(artifacts: readonly ResolvedArtifact[]): Plan['totals'] {
  const kinds: Partial<Record<ArtifactKind, number>> = {}
  for (const { locked } of artifacts) kinds[locked.kind] = (kinds[locked.kind] ?? 0) + 1
  const blobs = new Map(artifacts.flatMap((artifact) => artifact.blobs).map((blob) => [blob.digest, blob]))
  const manifests = new Map(
    artifacts.flatMap((artifact) => artifact.manifests).map((manifest) => [manifest.digest, manifest]),
  )
  return {
    artifacts: kinds,
    blobs: blobs.size,
    bytes: sum(blobs.values()) + sum(manifests.values()),
    bytesBeforeDedupe: sum(artifacts.flatMap((artifact) => [...artifact.blobs, ...artifact.manifests])),
    cacheBytes: sum(manifests.values()),
  }
}

/** An archive of some artifacts with the lock of exactly these. */
export interface PlannedArchive {
  readonly archive: Archive
  readonly lockBytes: Uint8Array
}

/** Makes archives of parts of a resolution; equal parts are computed once. */
function archiveMaker(resolution: Resolution): (artifacts: readonly ResolvedArtifact[]) => PlannedArchive {
  const made = new Map<string, PlannedArchive>()
  return (artifacts) => {
    const lock: Lock = { ...resolution.lock, artifacts: artifacts.map(lockedAsNamed) }
    const key = lockDigest(lock)
    const known = made.get(key)
    if (known !== undefined) return known
    const lockBytes = serializeLock(lock)
    const { name, version } = resolution.chain
    const archive = planArchive({
      chain: { name, version },
      lock: lockBytes,
      artifacts: artifacts.map(plannedOf),
      manifests: new Map(artifacts.flatMap(({ manifestBytes }) => [...manifestBytes])),
    })
    const planned = { archive, lockBytes }
    made.set(key, planned)
    return planned
  }
}

function lockedAsNamed({ locked, artifact }: ResolvedArtifact): ResolvedArtifact['locked'] {
  return { ...locked, destinations: destinationsOf(artifact).map(formatReference) }
}

interface SinkPlanning {
  readonly sink: PlannedSink
  readonly warnings: readonly PlanWarning[]
  readonly errors: readonly RopewayError[]
  readonly failures: readonly RopewayError[]
}

async function planSink(
  step: SinkStep,
  artifacts: readonly ResolvedArtifact[],
  resolution: Resolution,
  archives: (artifacts: readonly ResolvedArtifact[]) => PlannedArchive,
  runtime: Runtime,
  options: PlanOptions,
): Promise<SinkPlanning> {
  const sink = await runtime.adapters.load('sink', step.adapter)
  const renamed =
    step.transforms === undefined
      ? { artifacts, failures: [] }
      : await rename(artifacts, step, resolution, runtime, options)
  // A bundle holds what was published, with its relocation beside it; whoever else takes it gets what will be used.
  const named =
    sink.takes === 'bytes'
      ? renamed.artifacts
      : renamed.artifacts.map((resolved) => resolved.relocated?.delivered ?? resolved)
  const taken = named.filter(({ locked }) => sink.accepts.includes(locked.kind))
  const apart = sink.takes === 'store' ? withoutCollisions(taken, step, resolution, options) : undefined
  const accepted = apart?.artifacts ?? taken
  const refused = named.filter((resolved) => !taken.includes(resolved)).map(({ locked }) => locked.id)
  const planned = sink.takes === 'bytes' ? archives(accepted) : undefined
  const delivery: DeliveryPlan = {
    chain: { name: resolution.chain.name, version: resolution.chain.version },
    artifacts: accepted.map(plannedOf),
    archive: planned === undefined ? undefined : { size: planned.archive.size, identity: planned.archive.identity },
  }
  const context = runtime.context(resolution.chain, step.directory)
  const asked = {
    kind: 'sink' as const,
    adapter: step.adapter,
    operation: 'surveying the destination',
    place: step.place,
  }
  if (sink.takes === 'store') refuseNameless(delivery.artifacts, step)
  const check = async (): Promise<boolean> => {
    if (sink.check === undefined) return false
    await guarded({ ...asked, operation: 'checking the destination' }, runtime.signal, async () =>
      sink.check?.(delivery, step.options, context),
    )
    return true
  }
  const first = options.check === true && (await check())
  const survey = await guarded(asked, runtime.signal, async () =>
    checkSurvey(asked, await sink.survey(delivery, step.options, context)),
  )
  const existing = options.existing ?? survey.existing ?? 'skip'
  const decisions = decideNames(delivery.artifacts, survey, existing)
  const space = survey.space !== undefined && survey.space.free < survey.space.needed
  const spaceErrors = space ? [errors.sinkSpace(survey.location, survey.space.needed, survey.space.free)] : []
  const work = workOf(sink.takes, delivery, survey, decisions.names)
  const checked = first || (options.check === 'needed' && !work.nothingToDo && (await check()))
  const unasked = refused.map((id) => errors.kindNotTaken(id, survey.location, step.adapter, sink.accepts))
  return {
    sink: {
      step,
      name: step.adapter,
      takes: sink.takes,
      location: survey.location,
      delivery,
      artifacts: accepted,
      archive: planned?.archive,
      survey,
      names: decisions.names,
      existing,
      checked,
      ...work,
      refused,
    },
    warnings: [...decisions.warnings, ...unasked],
    errors: [...decisions.errors, ...spaceErrors],
    failures: [...renamed.failures, ...(apart?.failures ?? [])],
  }
}

function refuseNameless(artifacts: readonly PlannedArtifact[], step: SinkStep): void {
  const nameless = artifacts.filter(({ destinations }) => destinations.length === 0)
  if (nameless.length > 0) {
    throw errors.noDestination(
      nameless.map(({ id }) => id),
      step.place,
    )
  }
}

/** Of two contents with one tag, the one that is delivered last would silently win: neither is delivered. */
function withoutCollisions(
  artifacts: readonly ResolvedArtifact[],
  step: SinkStep,
  { chain }: Resolution,
  { allowUnproved = chain.allowUnproved }: PlanOptions,
) {
  const owners = new Map<string, ResolvedArtifact>()
  const collided = new Set<ResolvedArtifact>()
  const failures: RopewayError[] = []
  for (const resolved of artifacts) {
    for (const { registry, repository, tag } of destinationsOf(resolved.artifact)) {
      if (tag === undefined) continue
      const destination = formatReference({ registry, repository, tag })
      const owner = owners.get(destination) ?? resolved
      owners.set(destination, owner)
      if (owner.locked.root.digest === resolved.locked.root.digest) continue
      failures.push(errors.destinationCollision(destination, owner.locked.id, resolved.locked.id, step.place))
      collided.add(owner).add(resolved)
    }
  }
  const left = without(artifacts, [...collided], { allowUnproved })
  return { artifacts: left.artifacts, failures: [...failures, ...left.failures] }
}

/** Names for one sink alone, and charts and manifests relocated to them. */
async function rename(
  artifacts: readonly ResolvedArtifact[],
  step: SinkStep,
  { chain, companions }: Resolution,
  runtime: Runtime,
  options: PlanOptions,
): Promise<{ readonly artifacts: readonly ResolvedArtifact[]; readonly failures: readonly RopewayError[] }> {
  const published = [...artifacts, ...companions].map((resolved) => resolved.relocated?.published ?? resolved)
  const plain = published.map(({ artifact }) => {
    const { destinations: _, alias: __, relocation: ___, ...rest } = artifact
    return rest
  })
  const named = await applyNames(plain, step.transforms ?? [], chain, runtime)
  const renamed = published.map((resolved, index) => {
    const artifact = named.artifacts[index] ?? resolved.artifact
    return { ...resolved, artifact, locked: { ...resolved.locked, alias: artifact.alias } }
  })
  const refused = renamed.filter((_, index) => named.refused.has(index))
  const { allowUnproved = chain.allowUnproved } = options
  const own = without(renamed.slice(0, artifacts.length), refused, { allowUnproved })
  const beside = renamed.slice(artifacts.length).filter((each) => !refused.includes(each))
  const proved = await prove({ artifacts: own.artifacts, companions: beside }, chain, runtime, options)
  return { artifacts: proved.artifacts, failures: [...named.failures, ...own.failures, ...proved.failures] }
}

/** How much a sink has to take. */
function workOf(
  takes: PlannedSink['takes'],
  delivery: DeliveryPlan,
  survey: PlannedSink['survey'],
  names: PlannedSink['names'],
) {
  const blobs = new Map(delivery.artifacts.flatMap((artifact) => artifact.blobs).map((blob) => [blob.digest, blob]))
  if (takes === 'bytes') {
    const complete = survey.complete === true
    return {
      blobs: blobs.size,
      presentBlobs: complete ? blobs.size : 0,
      bytesToSend: complete ? 0 : (delivery.archive?.size ?? 0),
      nothingToDo: complete,
    }
  }
  const missing = new Map<string, number>()
  for (const slot of delivery.artifacts.flatMap((artifact) => slotsOf(artifact, names))) {
    if (survey.present?.has(slotKey(slot)) !== true) missing.set(slot.descriptor.digest, slot.descriptor.size)
  }
  const presentBlobs = [...blobs.keys()].filter((digest) => !missing.has(digest)).length
  const bytesToSend = [...missing.values()].reduce((total, size) => total + size, 0)
  const nothingToDo =
    survey.complete === true || (takes === 'store' && names.every(({ action }) => action !== 'deliver'))
  return { blobs: blobs.size, presentBlobs, bytesToSend, nothingToDo }
}
