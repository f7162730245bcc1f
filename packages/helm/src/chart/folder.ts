import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveLimits, type ChartFile } from './archive.js'
import { chartInvalid, chartPathMissing, chartUnreadable } from '../errors.js'
import { type IgnoreTest, parseIgnore } from './ignore.js'

/** Makes the error for a line, with Helm's message. */
type Refused = (line: number, problem: string) => Error

/**
 * Reads the files of a chart's folder that belong into its archive: what `.helmignore` leaves, links followed, names in
 * the order of their bytes. `name` is what errors call it; `refused` makes the error for a rule of `.helmignore` that Helm refuses.
 * Throws `CHART_PATH_MISSING`, `CHART_UNREADABLE` and `CHART_INVALID`.
 */
export async function readChartFolder(
  folder: string,
  name: string,
  refused: Refused = (line, problem) => chartInvalid(name, `.helmignore, line ${String(line)}: ${problem}`),
): Promise<ChartFile[]> {
  const files: ChartFile[] = []
  try {
    const ignore = await ignoreOf(folder, refused)
    await walk({ folder, name, ignore, files, size: 0 }, '', [await realpath(folder)])
  } catch (error) {
    throw asUnreadable(error, name)
  }
  return files
}

interface Walk {
  readonly folder: string
  readonly name: string
  readonly ignore: IgnoreTest
  readonly files: ChartFile[]
  size: number
}

async function ignoreOf(folder: string, refused: Refused): Promise<IgnoreTest> {
  const text = await readFile(join(folder, '.helmignore'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return ''
    throw error
  })
  return parseIgnore(text, refused)
}

/** `above` holds the real folders that are being walked: a link to one of them would never end. */
async function walk(state: Walk, inside: string, above: readonly string[]): Promise<void> {
  const names = await readdir(join(state.folder, inside))
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const entry of names) {
    const path = inside === '' ? entry : `${inside}/${entry}`
    const absolute = join(state.folder, path)
    const facts = await stat(absolute)
    if (state.ignore(path, facts.isDirectory())) continue
    if (facts.isDirectory()) {
      const real = await realpath(absolute)
      if (above.includes(real)) throw chartInvalid(state.name, `the link ${path} leads to a folder above it`)
      await walk(state, path, [...above, real])
    } else if (facts.isFile()) {
      checkSize(state, path, facts.size)
      state.files.push({ path, bytes: await readFile(absolute) })
    } else {
      throw chartInvalid(state.name, `${path} is neither a file nor a folder`)
    }
  }
}

function checkSize(state: Walk, path: string, size: number): void {
  state.size += size
  if (size > archiveLimits.file) {
    throw chartInvalid(state.name, `${path} is larger than the ${String(archiveLimits.file)} bytes that Helm allows`)
  }
  if (state.size > archiveLimits.unpacked) {
    throw chartInvalid(state.name, `it is larger than the ${String(archiveLimits.unpacked)} bytes that Helm allows`)
  }
}

function asUnreadable(error: unknown, name: string): unknown {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return chartPathMissing(name, error)
  return code === undefined || !/^E[A-Z]+$/.test(code) ? error : chartUnreadable(name, error)
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
