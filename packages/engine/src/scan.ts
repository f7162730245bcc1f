import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RopewayError } from '@ropeway/core'
import { readChartArtifact, type ChartFile } from '@ropeway/helm'
import type { Proof } from '@ropeway/images'
import type { Chain } from './chain/chain.js'
import * as errors from './errors.js'
import type { Lock } from './lock/lock.js'
import { replay } from './resolve/replay.js'
import { resolve, type ResolveOptions } from './resolve/resolve.js'
import type { RelocatedArtifact, Resolution, ResolvedArtifact } from './resolve/resolved.js'
import type { Runtime } from './runtime/runtime.js'

export interface ScanOptions extends ResolveOptions {
  /** What a lock says, in place of resolving. */
  readonly locked?: Lock | undefined
  /** What errors call the lock. */
  readonly lockFile?: string | undefined
}

/** A chart as it would be delivered. */
export interface ScannedChart {
  readonly id: string
  readonly name: string
  readonly version: string
  /** `NAME-VERSION` */
  readonly folder: string
  /** Absent for a chart that is not proved and may not travel. */
  readonly chart?: { readonly archive: Uint8Array; readonly files: readonly ChartFile[] } | undefined
  /** The consumer's values, to be given after the user's own; absent for a chart that travels as it is. */
  readonly overlay?: string | undefined
  readonly proof?: Proof | undefined
  readonly markdown?: string | undefined
}

export interface Scan {
  /** Sorted by id. */
  readonly charts: readonly ScannedChart[]
  readonly resolution: Resolution
  readonly failures: readonly RopewayError[]
}

/** What was written of a chart. */
export interface WrittenChart {
  readonly chart: ScannedChart
  readonly directory: string
  /** Paths in it. */
  readonly files: readonly string[]
}

/** Everything but delivery: resolves, discovers, relocates and proves, and returns what would become of each chart. Writes nothing. */
export async function scan(chain: Chain, runtime: Runtime, options: ScanOptions = {}): Promise<Scan> {
  const { locked, lockFile } = options
  const given = { ...options, proveAll: true }
  const resolution =
    locked === undefined ? await resolve(chain, runtime, given) : await replay(chain, locked, runtime, lockFile, given)
  const travelling = resolution.artifacts.filter(({ locked: { kind } }) => kind === 'chart')
  const charts = await Promise.all(travelling.map((resolved) => scanned(resolved, chain, runtime)))
  const here = new Set(charts.map(({ id }) => id))
  const refused = resolution.unproved.map((relocated) => proofOf(relocated, runtime))
  const all = [...charts, ...refused.filter(({ id }) => id.startsWith('chart:') && !here.has(id))]
  return { charts: all.sort((a, b) => (a.id < b.id ? -1 : 1)), resolution, failures: resolution.failures }
}

async function scanned(resolved: ResolvedArtifact, chain: Chain, runtime: Runtime): Promise<ScannedChart> {
  const { relocated } = resolved
  if (relocated?.archive === undefined) {
    const { files, archive } = await readChartArtifact(resolved.artifact, runtime.context(chain))
    return { ...headOf(resolved), chart: { archive, files } }
  }
  const { archive, files, overlay } = relocated
  return { ...proofOf(relocated, runtime), chart: { archive, files }, overlay }
}

function proofOf({ published, proof }: RelocatedArtifact, { analysis }: Runtime): ScannedChart {
  return { ...headOf(published), proof, markdown: analysis.proofMarkdown(proof) }
}

function headOf({ locked: { id, name, version = '0.0.0' } }: ResolvedArtifact) {
  return { id, name, version, folder: `${name}-${version}`.replaceAll(/[^\w.+-]/g, '_') }
}

/**
 * Writes each chart into `DIRECTORY/NAME-VERSION`: archive, `values.yaml`, `proof.json`, `proof.md`, and with `unpack` the chart's
 * files in a folder of its name. Each folder appears whole, in place of the one that was there. Throws `SCAN_NOT_WRITABLE`.
 */
export async function writeScan(
  { charts }: Pick<Scan, 'charts'>,
  directory: string,
  options: { readonly unpack?: boolean | undefined } = {},
): Promise<readonly WrittenChart[]> {
  const written: WrittenChart[] = []
  for (const chart of charts) {
    const target = join(directory, chart.folder)
    const files = filesOf(chart, options.unpack === true)
    await writeFolder(target, files)
    written.push({ chart, directory: target, files: [...files.keys()] })
  }
  return written
}

function filesOf(scannedChart: ScannedChart, unpack: boolean): Map<string, Uint8Array | string> {
  const { chart, overlay, proof, markdown, folder, name } = scannedChart
  const files = new Map<string, Uint8Array | string>()
  if (chart !== undefined) {
    files.set(`${folder}.tgz`, chart.archive)
    if (unpack) for (const { path, bytes } of chart.files) files.set(`${name}/${path}`, bytes)
    if (overlay !== undefined) files.set('values.yaml', overlay)
  }
  if (proof !== undefined) files.set('proof.json', `${JSON.stringify(proof, undefined, 2)}\n`)
  if (markdown !== undefined) files.set('proof.md', markdown)
  return files
}

async function writeFolder(target: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  const partial = `${target}.partial`
  try {
    await rm(partial, { recursive: true, force: true })
    for (const [path, content] of files) {
      await mkdir(dirname(join(partial, path)), { recursive: true })
      await writeFile(join(partial, path), content)
    }
    await mkdir(partial, { recursive: true })
    await rm(target, { recursive: true, force: true })
    await rename(partial, target)
  } catch (thrown) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined)
    throw errors.scanNotWritable(target, thrown)
  }
}
