import type { Context, Discovered, Json, Reference } from '@ropeway/core'
import { chartArtifact, packChart, readChartArtifact, type ChartArtifact } from '@ropeway/helm'
import { manifestArtifact, type Discovery } from '@ropeway/images'
import { fileAnnotations, mediaTypes, withMade } from '@ropeway/oci'
import { inputsOf } from '../analysis/analyst.js'
import { asJson, keptRelocation, parseManifestRelocation, parseRelocation } from '../analysis/kept.js'
import { readManifests } from '../analysis/manifests.js'
import { renderSettings } from '../analysis/settings.js'
import type { RelocatedArtifact, ResolvedArtifact } from '../resolve/resolved.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Destinations } from './destinations.js'
import { bytesOf, type Made } from './made.js'
import { recordFiles, recordOf, type RecordFile } from './record.js'

/** A chart or manifests to be relocated. */
export interface RelocationTask {
  readonly resolved: ResolvedArtifact
  readonly discovered: Discovered
  readonly destinations: Destinations
  /** Where it goes itself. */
  readonly near: Reference | undefined
  readonly mode: 'embed' | 'overlay'
}

/** Throws what reading, rendering and packing throw. */
export async function relocateChartArtifact(
  task: RelocationTask,
  discovery: Discovery,
  { analysis, results }: Pick<Runtime, 'analysis' | 'results'>,
  context: Context,
): Promise<RelocatedArtifact> {
  const { resolved, destinations, mode } = task
  const { locked, artifact } = resolved
  const content = await readChartArtifact(artifact, context)
  const folder = folderOf(task.near)
  const relocate = () =>
    analysis.relocateChart(content.files, {
      settings: renderSettings(artifact.settings),
      mode,
      discovery,
      destination: (reference) => destinations.of(reference),
      excluded: (reference) => destinations.excluded(reference),
      repository: folder,
    })
  const { proof, overlay, files, changed } = await results.recall({
    name: 'relocation of a chart',
    inputs: [...relocationInputs(task, discovery), mode, folder ?? null],
    run: relocate,
    keep: (relocation) => keptRelocation(relocation, content.files),
    parse: (kept) => parseRelocation(kept, content.files),
  })
  const packed = changed ? await packChart(files, locked.name) : undefined
  const archive = packed?.archive ?? content.archive
  const root = packed === undefined ? undefined : madeChart(chartArtifact(packed))
  const record = recordFiles(overlay, proof, analysis.proofMarkdown(proof))
  const title = `${locked.name}-${locked.version ?? '0.0.0'}.tgz`
  const changedFiles = packed === undefined ? [] : [{ title, mediaType: mediaTypes.helmChart, bytes: archive }]
  const dropped = packed !== undefined && content.provenance !== undefined ? (['provenance'] as const) : []
  return { ...{ mode, proof, overlay, archive, files }, ...variants(task, proof, root, record, changedFiles, dropped) }
}

/** Throws what reading throws. */
export async function relocateManifestsArtifact(
  task: RelocationTask,
  discovery: Discovery,
  { analysis, results }: Pick<Runtime, 'analysis' | 'results'>,
  context: Context,
): Promise<RelocatedArtifact> {
  const { resolved, destinations, mode } = task
  const given = await readManifests(resolved.artifact, context)
  const relocate = () =>
    analysis.relocateManifests(given, {
      discovery,
      destination: (reference) => destinations.of(reference),
      excluded: (reference) => destinations.excluded(reference),
    })
  const { texts, proof } = await results.recall({
    name: 'relocation of manifests',
    inputs: relocationInputs(task, discovery),
    run: relocate,
    parse: parseManifestRelocation,
  })
  const files = given.map((file, index) => ({ ...file, text: texts[index] ?? file.text }))
  const moved = files.filter(({ text }, index) => text !== given[index]?.text)
  const root = moved.length === 0 ? undefined : madeManifests(files)
  const record = recordFiles(undefined, proof, analysis.proofMarkdown(proof))
  const bytes = (text: string) => Buffer.from(text)
  const changedFiles = moved.map(({ name, layer, text }) => ({
    title: layer.annotations?.[fileAnnotations.title] ?? name,
    mediaType: layer.mediaType,
    bytes: bytes(text),
  }))
  const named = files.map(({ name, text }) => ({ path: name, bytes: bytes(text) }))
  return {
    ...{ mode, proof, overlay: undefined, archive: undefined, files: named },
    ...variants(task, proof, root, record, changedFiles, []),
  }
}

function madeChart({ manifest, config, layers }: ChartArtifact): Made {
  return { root: manifest.descriptor, manifest: manifest.bytes, blobs: [config, ...layers] }
}

function madeManifests(files: Parameters<typeof manifestArtifact>[0]): Made {
  const { manifest, blobs } = manifestArtifact(files)
  return { root: manifest.descriptor, manifest: manifest.bytes, blobs }
}

/**
 * All that decides what becomes of the content: where it comes from, what was found in it, where that goes. What else a relocation is
 * given belongs here too, or results are taken for those of other work.
 */
function relocationInputs({ resolved, destinations }: RelocationTask, discovery: Discovery): readonly Json[] {
  return [...inputsOf(resolved.artifact), asJson(discovery), destinations.table]
}

/** The address of the folder that an artifact goes to: charts below it are looked for there. */
function folderOf(near: Reference | undefined): string | undefined {
  if (near === undefined) return undefined
  return ['oci:/', near.registry, ...near.repository.split('/').slice(0, -1)].join('/')
}

type Variants = Pick<RelocatedArtifact, 'published' | 'delivered' | 'bundled'>

function variants(
  { resolved, mode }: RelocationTask,
  proof: RelocatedArtifact['proof'],
  relocated: Made | undefined,
  files: readonly RecordFile[],
  changedFiles: readonly RecordFile[],
  lost: readonly 'provenance'[],
): Variants {
  const { locked } = resolved
  const root = relocated?.root ?? locked.root
  const beside = recordOf(root, files, proof)
  const within = recordOf(locked.root, [...changedFiles, ...files], proof)
  const unsigned = relocated !== undefined && locked.signatures === 'carried'
  const dropped = [...lost, ...(unsigned ? (['signatures'] as const) : [])]
  const signatures = unsigned ? 'invalidated' : locked.signatures
  const derived = [
    ...(locked.derived ?? []),
    ...(relocated === undefined ? [] : [{ digest: root.digest, recipe: { type: 'relocated', mode } }]),
    { digest: within.root.digest, recipe: { type: 'relocation', mode } },
  ]
  const facts = {
    ...{ mode, proved: proof.proved, root, record: within.root },
    dropped: dropped.length === 0 ? undefined : dropped,
  }
  const base = relocated === undefined ? resolved : madeAlone(resolved, relocated)
  const delivered = withReferrer({ ...base, locked: { ...base.locked, signatures } }, beside)
  const bundled = withReferrer({ ...resolved, locked: { ...locked, signatures, derived, relocated: facts } }, within)
  return { published: resolved, delivered, bundled }
}

/** An artifact that is nothing but what was made of it. */
function madeAlone(resolved: ResolvedArtifact, made: Made): ResolvedArtifact {
  const content = withMade({ open: resolved.content.open.bind(resolved.content) }, bytesOf([made]))
  return {
    ...resolved,
    locked: { ...resolved.locked, root: made.root, referrers: [] },
    artifact: { ...resolved.artifact, root: made.root, content },
    content,
    manifests: [made.root],
    blobs: unique(made.blobs.map(({ descriptor }) => descriptor)),
    manifestBytes: new Map([[made.root.digest, made.manifest]]),
  }
}

function withReferrer(resolved: ResolvedArtifact, record: Made): ResolvedArtifact {
  const { locked, content, manifests, blobs, manifestBytes } = resolved
  const referrer = { descriptor: record.root, subject: locked.root.digest }
  const whole = withMade(content, bytesOf([record]))
  return {
    ...resolved,
    locked: { ...locked, referrers: sorted([...locked.referrers, referrer]) },
    artifact: { ...resolved.artifact, content: whole },
    content: whole,
    manifests: unique([...manifests, record.root]),
    blobs: unique([...blobs, ...record.blobs.map(({ descriptor }) => descriptor)]),
    manifestBytes: new Map([...manifestBytes, [record.root.digest, record.manifest]]),
  }
}

function sorted(referrers: ResolvedArtifact['locked']['referrers']): ResolvedArtifact['locked']['referrers'] {
  const key = ({ subject, descriptor, tag = '' }: (typeof referrers)[number]) =>
    `${subject} ${descriptor.digest} ${tag}`
  return referrers.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function unique(descriptors: readonly Made['root'][]): Made['root'][] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()]
}
