import type { Artifact, ChartSettings, Context } from '@ropeway/core'
import { readChartArtifact } from '@ropeway/helm'
import type { Discovery } from '@ropeway/images'
import { canonicalJson, sha256 } from '@ropeway/oci'
import type { Runtime } from '../runtime/runtime.js'
import { readManifests } from './manifests.js'
import { settingsFor, renderSettings } from './settings.js'

/** A chart or manifests as they are looked through: with settings that hold all that the chain says. */
export type Subject = Pick<Artifact, 'kind' | 'name' | 'root' | 'content' | 'source' | 'settings'>

const done = new WeakMap<Runtime, Map<string, Promise<Discovery>>>()

/** Whether there may be images behind it. */
export function isSubject({ kind }: Pick<Artifact, 'kind'>): boolean {
  return kind === 'chart' || kind === 'manifests'
}

/**
 * What is behind a chart or manifests. Each is looked through once a run, whoever asks: discovery, and proof for every naming.
 * Throws what reading and rendering throw.
 */
export function discoveryOf(
  subject: Subject,
  catalogue: string | undefined,
  runtime: Runtime,
  context: Context,
): Promise<Discovery> {
  const known = done.get(runtime) ?? new Map<string, Promise<Discovery>>()
  done.set(runtime, known)
  const key = sha256(canonicalJson([subject.kind, subject.root.digest, subject.settings ?? null, catalogue ?? null]))
  const running = known.get(key)
  if (running !== undefined) return running
  const started = look(subject, catalogue, runtime, context)
  known.set(key, started)
  return started
}

async function look(
  subject: Subject,
  catalogue: string | undefined,
  { analysis }: Runtime,
  context: Context,
): Promise<Discovery> {
  if (subject.kind !== 'chart') {
    return analysis.discoverManifests(await readManifests(subject, context), { catalogue })
  }
  const { files } = await readChartArtifact(subject, context)
  return analysis.discoverChart(files, { settings: renderSettings(subject.settings), catalogue })
}

/** An artifact with what its chain says of all charts. */
export function withSettings<T extends Artifact>(artifact: T, shared: Parameters<typeof settingsFor>[1]): T {
  if (artifact.kind !== 'chart' || artifact.discovered !== undefined) return artifact
  const settings: ChartSettings | undefined = settingsFor(artifact.settings, shared)
  return settings === undefined ? artifact : { ...artifact, settings }
}
