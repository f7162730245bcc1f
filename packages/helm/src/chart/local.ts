import { readFile, stat } from 'node:fs/promises'
import { chartPathMissing, chartTooLarge, chartUnreadable } from '../errors.js'
import { archiveLimits, readChartArchive, type ChartFile } from './archive.js'
import type { ChartParts } from './artifact.js'
import { readChartFolder } from './folder.js'
import { packChart } from './pack.js'
import { checkProvenance, isProvenance } from './provenance.js'

/** A chart from disk. */
export interface LocalChart extends ChartParts {
  /** It is a folder, and the archive was made here. */
  readonly packed: boolean
}

export interface LocalChartOptions {
  /** Whether the `.prov` beside an archive is read. */
  readonly provenance: boolean
  /** Brings what the `charts/` of a folder lacks, before it is packed. */
  readonly complete?: ((files: readonly ChartFile[]) => Promise<readonly ChartFile[]>) | undefined
  /** Whether a folder may lack dependencies. */
  readonly incomplete?: boolean | undefined
}

/**
 * Reads a chart from disk: a folder is packed, an archive is taken as it is, with the `.prov` beside it. `name` is what
 * errors call it. Throws `CHART_PATH_MISSING`, `CHART_UNREADABLE`, and what packing and reading throw.
 */
export async function readLocalChart(path: string, name: string, options: LocalChartOptions): Promise<LocalChart> {
  const facts = await asLocal(stat(path), name)
  if (facts.isDirectory()) {
    const files = await readChartFolder(path, name)
    const { complete = () => Promise.resolve(files), incomplete } = options
    return { ...(await packChart(await complete(files), name, { incomplete })), packed: true }
  }
  if (facts.size > archiveLimits.packed) throw chartTooLarge(name, archiveLimits.packed)
  const archive = await asLocal(readFile(path), name)
  const { metadata } = await readChartArchive(archive, name)
  const beside = options.provenance ? await readFile(`${path}.prov`).catch(missing) : undefined
  const provenance = beside !== undefined && isProvenance(beside) ? beside : undefined
  if (provenance !== undefined) checkProvenance(provenance, archive, name)
  return { metadata, archive, provenance, packed: false }
}

async function asLocal<T>(work: Promise<T>, name: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw isMissing(error) ? chartPathMissing(name, error) : chartUnreadable(name, error)
  }
}

function missing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
