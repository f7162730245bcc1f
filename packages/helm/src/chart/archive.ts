import { createGunzip, gunzipSync } from 'node:zlib'
import { archiveInvalid } from '../errors.js'
import { type ChartMetadata, readMetadata } from './metadata.js'
import { type TarEntry, readTar } from './tar-read.js'

/** What a chart archive may be at most; `unpacked` and `file` are Helm's own limits. Sizes are in bytes. */
export const archiveLimits = {
  packed: 64 * 1024 * 1024,
  unpacked: 100 * 1024 * 1024,
  file: 5 * 1024 * 1024,
  entries: 20_000,
} as const

/** What an archive says of itself. */
export interface ChartArchive {
  readonly metadata: ChartMetadata
  /** Whether `Chart.lock` (or `requirements.lock`) is there. */
  readonly locked: boolean
  /** All files, relative to the chart's folder, in the archive's order. */
  readonly files: readonly string[]
}

/** A file of a chart, relative to the chart's folder. */
export interface ChartFile {
  readonly path: string
  readonly bytes: Uint8Array
}

const wanted: ReadonlySet<string> = new Set(['Chart.yaml', 'requirements.yaml'])

/**
 * Reads the metadata of a packaged chart (.tgz) and checks the whole archive: every entry is inside the chart's folder,
 * there are no links, and the limits hold. `name` is what errors call it.
 * Throws `CHART_ARCHIVE_INVALID` and `CHART_INVALID`.
 */
export async function readChartArchive(bytes: Uint8Array, name: string): Promise<ChartArchive> {
  const files: string[] = []
  const read = new Map<string, Uint8Array>()
  for await (const { path, bytes: content } of chartFiles(bytes, name)) {
    files.push(path)
    if (wanted.has(path)) read.set(path, content)
  }
  if (files.length === 0) throw archiveInvalid(name, 'there are no files in it')
  const chartYaml = read.get('Chart.yaml')
  if (chartYaml === undefined) throw archiveInvalid(name, 'it has no Chart.yaml in the folder of the chart')
  return {
    metadata: readMetadata({ chartYaml, requirements: read.get('requirements.yaml') }, name),
    locked: files.includes('Chart.lock') || files.includes('requirements.lock'),
    files,
  }
}

/** Streams the files of a packaged chart. Throws `CHART_ARCHIVE_INVALID`. */
export async function* chartFiles(bytes: Uint8Array, name: string): AsyncGenerator<ChartFile> {
  const fail = (problem: string, cause?: unknown) => archiveInvalid(name, problem, cause)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw fail(notGzip(bytes))
  const small = unpackedAtOnce(bytes)
  const tar = small === undefined ? gunzipped(bytes, fail) : [small]
  for await (const entry of readTar(tar, archiveLimits, fail)) {
    const path = entryPath(entry, fail)
    if (path !== undefined) yield { path, bytes: entry.bytes }
  }
}

type Fail = (problem: string, cause?: unknown) => ReturnType<typeof archiveInvalid>

/** Up to which sizes all is unpacked in one go, which takes half the time; larger archives would hold up others meanwhile. */
const atOnce = { packed: 2 * 1024 * 1024, unpacked: 16 * 1024 * 1024 }

/** `undefined` for what is large or damaged: reading it piece by piece says what is wrong, and only when it comes to that piece. */
function unpackedAtOnce(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.byteLength > atOnce.packed) return undefined
  try {
    return gunzipSync(bytes, { maxOutputLength: atOnce.unpacked, chunkSize: expectedSize(bytes) })
  } catch {
    return undefined
  }
}

/** The size that gzip notes at its end, within limits: when it is right, all is unpacked into one piece of memory. */
function expectedSize(bytes: Uint8Array): number {
  const noted = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(bytes.byteLength - 4, true)
  // one more, for zlib to see the end without another piece
  return Math.min(Math.max(noted + 1, 16 * 1024), atOnce.unpacked)
}

async function* gunzipped(bytes: Uint8Array, fail: Fail): AsyncGenerator<Uint8Array> {
  let size = 0
  const source = createGunzip()
  source.end(bytes)
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      if (size > archiveLimits.unpacked) {
        throw fail(`it unpacks to more than ${String(archiveLimits.unpacked)} bytes, which Helm refuses`)
      }
      yield chunk
    }
  } catch (error) {
    if (isZlibError(error)) throw fail('its compression is damaged or truncated', error)
    throw error
  } finally {
    source.destroy()
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_|^ERR_(?:_ERROR|.*ZLIB)/.test(String(error.code))
}

function notGzip(bytes: Uint8Array): string {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart()
  return start.startsWith('<') ? 'it is a web page, no archive' : 'it is not compressed by gzip'
}

/** The path inside the chart: the first folder is dropped, whatever its name. */
function entryPath(entry: TarEntry, fail: Fail): string | undefined {
  const { name, kind } = entry
  const shown = JSON.stringify(name)
  if (kind === 'link') throw fail(`${shown} is a link`)
  if (kind === 'other') throw fail(`${shown} is neither a file nor a folder`)
  const parts = name.split(name.includes('\\') ? '\\' : '/')
  if (name.includes('\0') || parts.includes('..')) throw fail(`${shown} leads out of the chart's folder`)
  const rest = parts.slice(1).join('/')
  if (rest.startsWith('/') || /^[a-zA-Z]:\//.test(rest)) throw fail(`${shown} is an absolute path`)
  if (kind === 'folder') return undefined
  const path = rest
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  if (path === '') throw fail(`${shown} lies outside the chart's folder`)
  return path
}
