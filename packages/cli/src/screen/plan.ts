import type { ChartTree, FoundImage } from '@ropeway/core'
import type { Plan, PlanEntry, PlannedSink } from '@ropeway/engine'
import type { PlannedArtifactResult, PlannedSinkResult, PlanResult } from '../results.js'
import { count, exactSize, shortDigest, size } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'
import { chainTitle, kindsText, nextLines, placeText, platformsText } from './summary.js'
import { warningScreen } from './warnings.js'

export interface PlanScreenOptions {
  readonly paint: Paint
  readonly columns: number
  /** Commands that may come after the plan. */
  readonly next: readonly string[]
}

/** A plan before bytes: what travels, how much of it is shared, what each sink has already, and what to look at. */
export function planScreen(plan: Plan, { paint, columns, next }: PlanScreenOptions): string[] {
  const { chain, platforms, sources, totals, warnings } = plan
  const shared = totals.bytesBeforeDedupe - totals.bytes
  const lines = [
    [paint.bold(chainTitle(chain)), count(sources, 'source'), platformsText(platforms)].join(' · '),
    '',
    ...artifactTable(plan.artifacts, paint, columns),
    '',
    `  ${kindsText(totals.artifacts)} · ${count(totals.blobs, 'blob')}, ${size(totals.bytes)}`,
  ]
  if (shared > 0) {
    lines.push(
      `  ${size(totals.bytesBeforeDedupe)} before sharing; ${size(shared)} shared between artifacts, moved once`,
    )
  }
  lines.push('', ...sinkTable(plan, columns), ...checkedLines(plan, paint))
  if (totals.cacheBytes > 0)
    lines.push(paint.dim(`  ${size(totals.cacheBytes)} of charts and manifests stay in the cache of this machine`))
  if (warnings.length > 0) {
    lines.push('', ...warningScreen(warnings, { paint, columns }))
  }
  if (next.length > 0) lines.push('', ...nextLines(next))
  return lines
}

/** One row an artifact: kind, name, size, where from, and what is special about it. */
export function artifactTable(artifacts: readonly PlanEntry[], paint: Paint, columns: number): string[] {
  const rows = artifacts.flatMap((artifact) => [
    [
      artifact.kind,
      printableLine(titleOf(artifact)),
      size(artifact.bytes),
      paint.dim(notesOf(artifact).map(printableLine).join(', ')),
    ],
    ...treeLines(artifact).map((line) => ['', paint.dim(printableLine(line)), '', '']),
  ])
  return table(rows, { indent: '  ', right: [2], columns })
}

/** The charts below a chart, and the images behind it. */
function treeLines({ discovered }: PlanEntry): string[] {
  if (discovered === undefined) return []
  return [
    ...chartLines(discovered.dependencies ?? [], '  '),
    ...discovered.images.map((image) => `  ${imageLine(image)}`),
  ]
}

function chartLines(charts: readonly ChartTree[], indent: string): string[] {
  return charts.flatMap(({ name, version, dependencies = [] }) => [
    `${indent}└ ${name} ${version}`,
    ...chartLines(dependencies, `${indent}  `),
  ])
}

function imageLine({ reference, class: own, switch: flipped = {}, artifact, excluded }: FoundImage): string {
  const switches = Object.entries(flipped).map(([path, value]) => (value === true ? path : `${path}=${String(value)}`))
  const left = excluded === true ? 'excluded' : artifact === undefined ? 'not carried' : undefined
  const notes = [own === 'used' ? undefined : own, ...switches, left].filter((note) => note !== undefined)
  return notes.length === 0 ? `- ${reference}` : `- ${reference} (${notes.join(', ')})`
}

function titleOf({ name, version }: Pick<PlanEntry, 'name' | 'version'>): string {
  const title = version === undefined || name.endsWith(`:${version}`) ? name : `${name} ${version}`
  return title.replace(/sha(256|512):[0-9a-f]+/, shortDigest)
}

function notesOf(artifact: PlanEntry): string[] {
  const { from, name, signatures, referrers, requiredBy } = artifact
  const notes: string[] = []
  if (from !== name && artifact.kind !== 'image') notes.push(from)
  if (artifact.class !== 'declared') notes.push(artifact.class)
  if (signatures === 'carried')
    notes.push(
      referrers.length === 0
        ? 'signed'
        : `signed, ${count(referrers.length, 'referrer')} ${referrers.length === 1 ? 'travels' : 'travel'}`,
    )
  if (artifact.relocated !== undefined)
    notes.push(artifact.relocated.proved ? 'relocated and proved' : 'relocated, not proved')
  if (signatures === 'invalidated') notes.push('signatures no longer hold')
  if (requiredBy.length > 0)
    notes.push(`for ${requiredBy.length > 2 ? count(requiredBy.length, 'place') : requiredBy.join(', ')}`)
  return notes
}

function sinkTable(plan: Plan, columns: number): string[] {
  const sinks = plan.sinks.map((sink) => [sink.name, placeText(sink.location), ...sinkCells(sink)])
  const bundle = plan.sinks.some(({ takes }) => takes === 'bytes')
    ? []
    : [['bundle', 'if you export it', exactSize(plan.bundle.size), '']]
  return table([...sinks, ...bundle], { indent: '  ', right: [2], columns })
}

function checkedLines({ sinks }: Plan, paint: Paint): string[] {
  return sinks
    .filter(({ checked }) => checked)
    .map(({ location, takes }) => {
      const proved = takes === 'store' ? 'is reached, takes the credentials, and may be written' : 'may be written'
      return `  ${paint.green('✓')} ${placeText(location)} ${proved}`
    })
}

function sinkCells(sink: PlannedSink): [string, string] {
  if (sink.takes === 'bytes') {
    const { archive } = sink.delivery
    const free = sink.survey.space === undefined ? '' : `${size(sink.survey.space.free)} free`
    return [exactSize(archive?.size ?? sink.bytesToSend), sink.nothingToDo ? 'there already' : free]
  }
  if (sink.nothingToDo) return ['nothing to do', presentText(sink)]
  return [`${size(sink.bytesToSend)} to send`, presentText(sink)]
}

function presentText({ blobs, presentBlobs, survey, delivery, bytesToSend }: PlannedSink): string {
  const free = survey.space === undefined ? [] : [`${size(survey.space.free)} free`]
  const there = Math.max(0, bytesIn(delivery) - bytesToSend)
  const present = presentBlobs === 0 ? [] : [`${presentBlobs} of ${count(blobs, 'blob')} there already, ${size(there)}`]
  return [...present, ...free].join(', ')
}

function bytesIn({ artifacts }: PlannedSink['delivery']): number {
  const each = new Map(
    artifacts.flatMap(({ blobs, manifests }) => [...blobs, ...manifests]).map(({ digest, size }) => [digest, size]),
  )
  let total = 0
  for (const bytes of each.values()) total += bytes
  return total
}

/** One line that says what a run is about, for standard error. `lock` is the digest of the lock that it comes from. */
export function planHeadline({ chain, totals }: Plan, lock: string): string {
  return `${chainTitle(chain)}, from lock ${lock.slice('sha256:'.length, 'sha256:'.length + 12)}…, ${kindsText(totals.artifacts)}`
}

/** The plan as `--json` prints it: plain data, without what only the engine needs. */
export function planJson(plan: Plan): PlanResult {
  return {
    chain: plan.chain,
    lock: plan.lock,
    platforms: plan.platforms,
    sources: plan.sources,
    artifacts: plan.artifacts.map(entryJson),
    totals: plan.totals,
    bundle: plan.bundle,
    sinks: plan.sinks.map(sinkJson),
    warnings: plan.warnings,
  }
}

function entryJson(entry: PlanEntry): PlannedArtifactResult {
  const { id, kind, name, version, root, bytes, from, signatures, requiredBy, platforms, referrers } = entry
  return {
    id,
    kind,
    name,
    version,
    digest: root.digest,
    mediaType: root.mediaType,
    bytes,
    manifests: entry.manifests.length,
    blobs: entry.blobs.length,
    referrers: referrers.map(({ descriptor, subject, tag }) => ({ digest: descriptor.digest, subject, tag })),
    from,
    destinations: entry.destinations.map(referenceText),
    signatures,
    class: entry.class,
    requiredBy,
    platforms,
    discovered: entry.discovered,
    relocated: entry.relocated,
  }
}

function referenceText({ registry, repository, tag, digest }: PlanEntry['destinations'][number]): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

function sinkJson(sink: PlannedSink): PlannedSinkResult {
  const {
    step,
    name,
    takes,
    location,
    existing,
    blobs,
    presentBlobs,
    bytesToSend,
    nothingToDo,
    checked,
    names,
    refused,
    survey,
  } = sink
  return {
    step: step.id,
    name,
    takes,
    location,
    existing,
    blobs,
    presentBlobs,
    bytesToSend,
    bytesPresent: Math.max(0, bytesIn(sink.delivery) - bytesToSend),
    nothingToDo,
    checked,
    archive: sink.delivery.archive,
    space: survey.space,
    names,
    refused,
    notes: survey.notes,
  }
}
