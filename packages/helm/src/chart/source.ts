import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { archiveInvalid, chartPathMissing, chartTooLarge, chartUnreadable } from '../errors.js'
import { HelmError } from '../helm-error.js'
import { archiveLimits, chartFiles, type ChartFile } from './archive.js'
import { readChartFolder } from './folder.js'

/** A folder or archive by its path, the bytes of an archive, or files with paths relative to the chart's folder. */
export type ChartSource = string | Uint8Array | readonly ChartFile[]

/**
 * The files of a chart. `.helmignore` counts in folders only. `name` is what errors call bytes.
 * Throws `CHART_ARCHIVE_INVALID`, `CHART_PATH_MISSING`, `CHART_UNREADABLE`, `CHART_INVALID` and `CHART_TOO_LARGE`, and `HelmError` for
 * a `.helmignore` that Helm refuses.
 */
export async function readChartFiles(source: ChartSource, name = 'chart'): Promise<readonly ChartFile[]> {
  if (typeof source === 'string') return readPath(source)
  return source instanceof Uint8Array ? unpacked(source, name) : source
}

async function readPath(path: string): Promise<readonly ChartFile[]> {
  const facts = await stat(path).catch((error: unknown) => {
    throw isMissing(error) ? chartPathMissing(path, error) : chartUnreadable(path, error)
  })
  if (facts.isDirectory()) {
    return readChartFolder(path, path, (line, problem) => new HelmError(problem, { template: '.helmignore', line }))
  }
  if (facts.size > archiveLimits.packed) throw chartTooLarge(path, archiveLimits.packed)
  return unpacked(await readFile(path), basename(path))
}

async function unpacked(bytes: Uint8Array, name: string): Promise<readonly ChartFile[]> {
  const files: ChartFile[] = []
  for await (const file of chartFiles(bytes, name)) files.push(file)
  if (files.length === 0) throw archiveInvalid(name, 'there are no files in it')
  return files
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
