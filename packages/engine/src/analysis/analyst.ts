import type { Artifact, ChartSettings, Context, Json } from '@ropeway/core'
import { readChartArtifact } from '@ropeway/helm'
import type { Discovery } from '@ropeway/images'
import type { Runtime } from '../runtime/runtime.js'
import { asJson, parseDiscovery } from './kept.js'
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
 * What is behind a chart or manifests. Each is looked through once a run, whoever asks: discovery, and proof for every naming;
 * and not again in later runs while nothing changes that it depends on. Throws what reading and rendering throw.
 */
export function discoveryOf(
  subject: Subject,
  catalogue: string | undefined,
  runtime: Runtime,
  context: Context,
): Promise<Discovery> {
  const known = done.get(runtime) ?? new Map<string, Promise<Discovery>>()
  done.set(runtime, known)
  const inputs = [...inputsOf(subject), catalogue ?? null]
  const key = JSON.stringify(inputs)
  const running = known.get(key)
  if (running !== undefined) return running
  const run = () => look(subject, catalogue, runtime, context)
  const started = runtime.results.recall({ name: 'discovery', inputs, parse: parseDiscovery, run })
  known.set(key, started)
  return started
}

/** All that decides what a chart or manifests say: content, settings, and for manifests how their files are called. */
export function inputsOf({ kind, root, source, settings }: Omit<Subject, 'name' | 'content'>): readonly Json[] {
  return [kind, root.digest, asJson(settings ?? null), kind === 'chart' ? null : source.location]
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
