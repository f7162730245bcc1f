import { indexInvalid, indexTooLarge } from '../errors.js'
import { readYaml } from '../yaml/read.js'
import { type ChartVersions, chartVersions } from './entries.js'
import { versionTexts } from './items.js'
import { type Segmenter, createSegmenter } from './segmenter.js'
import { unpacked } from './unpack.js'

/** What an index may have at most, in bytes. */
export const indexLimits = {
  /** A whole index, unpacked. */
  whole: 256 * 1024 * 1024,
  /** An index as JSON, which is parsed as a whole. */
  json: 64 * 1024 * 1024,
  /** An index in a style that cannot be cut by entry: parsing it as a whole takes fifty times its size in memory. */
  exotic: 8 * 1024 * 1024,
} as const

/** Characters of one line: more is no index that a generator wrote. */
const longestLine = 4 * 1024 * 1024

/** What was read of a repository's index. */
export interface RepositoryIndex {
  /** The names of all charts. */
  readonly names: readonly string[]
  /** The wanted charts that exist. */
  readonly charts: ReadonlyMap<string, ChartVersions>
  /** Wanted charts that stand in the index more than once; the last one counts. */
  readonly repeated: readonly string[]
}

/**
 * Reads an index.yaml of a chart repository and parses only the entries of the wanted charts, so that memory does not
 * depend on its size. A body compressed by gzip is unpacked. What cannot be cut by entry (JSON, flow style, anchors) is
 * parsed as a whole. `location` is what errors call it. Throws `INDEX_INVALID` and `INDEX_TOO_LARGE`.
 */
export async function readIndex(
  stream: AsyncIterable<Uint8Array>,
  wanted: readonly string[],
  location: string,
): Promise<RepositoryIndex> {
  const charts = new Map<string, ChartVersions>()
  let uncut: { readonly error?: unknown } | undefined
  const segmenter = createSegmenter(new Set(wanted), (name, lines) => {
    try {
      const versions = readChart(name, lines, location)
      if (versions === undefined) uncut ??= {}
      else charts.set(name, versions)
    } catch (error) {
      uncut ??= { error }
    }
  })
  const body = await readBody(stream, segmenter, location)
  if (body.form === undefined) throw indexInvalid(location, 'it is empty')
  if (body.form === 'json') return parseJson(body.text(), wanted, location)
  const readable = !segmenter.exotic && uncut === undefined && readHeader(segmenter.header, location)
  if (readable) return { names: [...segmenter.names], charts, repeated: wantedOnly(segmenter.repeated, charts) }
  if (!body.kept) throw uncut?.error ?? indexTooLarge(location, indexLimits.exotic, true)
  return parseYaml(body.text(), wanted, location)
}

function wantedOnly(names: ReadonlySet<string>, charts: ReadonlyMap<string, unknown>): string[] {
  return [...names].filter((name) => charts.has(name))
}

interface Body {
  readonly form: 'yaml' | 'json' | undefined
  /** Whether all of it is still there. */
  readonly kept: boolean
  text(): string
}

async function readBody(stream: AsyncIterable<Uint8Array>, segmenter: Segmenter, location: string): Promise<Body> {
  const decoder = new TextDecoder()
  let chunks: Uint8Array[] | undefined = []
  let form: Body['form']
  let rest = ''
  let size = 0
  for await (const chunk of unpackedIndex(stream, location)) {
    size += chunk.byteLength
    if (size > indexLimits.whole) throw indexTooLarge(location, indexLimits.whole)
    const text = decoder.decode(chunk, { stream: true })
    form ??= formOf(text, location)
    if (form === 'json' && size > indexLimits.json) throw indexTooLarge(location, indexLimits.json)
    if (form === 'yaml') {
      rest = feed(segmenter, rest + text)
      if (size > indexLimits.exotic) chunks = undefined
    }
    chunks?.push(chunk)
  }
  if (form === 'yaml') feed(segmenter, `${rest}\n`)
  segmenter.end()
  return { form, kept: chunks !== undefined, text: () => new TextDecoder().decode(Buffer.concat(chunks ?? [])) }
}

async function* unpackedIndex(stream: AsyncIterable<Uint8Array>, location: string): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked(stream)
  } catch (error) {
    const damaged = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    throw damaged ? indexInvalid(location, 'its compression is damaged', error) : error
  }
}

/** What the first character that is not blank tells. */
function formOf(text: string, location: string): Body['form'] {
  const start = text.trimStart()
  if (start.startsWith('<')) {
    throw indexInvalid(location, 'it is a web page; perhaps a login page, or not the address of a chart repository')
  }
  return start === '' ? undefined : start.startsWith('{') ? 'json' : 'yaml'
}

/** Hands over the complete lines and returns the rest. */
function feed(segmenter: Segmenter, text: string): string {
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    const line = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end)
    if (!segmenter.line(line)) return ''
    start = end + 1
  }
  const rest = text.slice(start)
  if (rest.length <= longestLine) return rest
  segmenter.giveUp()
  return ''
}

/** False when the entries stand in the header, in a style that has to be parsed as a whole. Checks the rest of it. */
function readHeader(lines: readonly string[], location: string): boolean {
  const header = parsed(lines.join('\n'), location) ?? {}
  if (!isMap(header)) throw indexInvalid(location, 'it is no map')
  if (header['entries'] !== undefined && header['entries'] !== null) return false
  checkApiVersion(header, location)
  return true
}

/** `undefined` when the entries of the chart are written in a style that has to be parsed as a whole. */
function readChart(name: string, lines: readonly string[], location: string): ChartVersions | undefined {
  const items: unknown[] = []
  for (const text of versionTexts(lines)) {
    const found = itemsOf(parsed(text, location), name)
    if (found === undefined) return undefined
    items.push(...found)
  }
  return chartVersions(items)
}

/** The list of a chart's versions, or of one item of it. */
function itemsOf(value: unknown, name: string): readonly unknown[] | undefined {
  if (value === null) return []
  if (Array.isArray(value)) return listOf(value)
  return isMap(value) && Object.keys(value).length === 1 ? itemsOf(value[name] ?? null, name) : undefined
}

function parseJson(text: string, wanted: readonly string[], location: string): RepositoryIndex {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    if (text.length > indexLimits.exotic) throw indexTooLarge(location, indexLimits.exotic, true)
    return parseYaml(text, wanted, location)
  }
  return fromRoot(value, wanted, location)
}

function parseYaml(text: string, wanted: readonly string[], location: string): RepositoryIndex {
  return fromRoot(parsed(text, location), wanted, location)
}

/** Unquoted scalars stay as written: `version: 1.10` is "1.10". */
function parsed(text: string, location: string): unknown {
  const plain = (scalar: string) => (/^(?:~|null|Null|NULL|)$/.test(scalar) ? null : scalar)
  return readYaml(text, ({ message }) => indexInvalid(location, message), plain)
}

function fromRoot(root: unknown, wanted: readonly string[], location: string): RepositoryIndex {
  if (!isMap(root)) throw indexInvalid(location, 'it is no map')
  checkApiVersion(root, location)
  const entries = root['entries'] ?? {}
  if (!isMap(entries)) throw indexInvalid(location, 'its "entries" are no map')
  const found = wanted.filter((name) => Object.hasOwn(entries, name))
  return {
    names: Object.keys(entries),
    charts: new Map(found.map((name) => [name, chartVersions(listOf(entries[name]))])),
    repeated: [],
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function checkApiVersion(root: Readonly<Record<string, unknown>>, location: string): void {
  const apiVersion = root['apiVersion']
  if (apiVersion === undefined || apiVersion === null || apiVersion === '') {
    throw indexInvalid(location, 'it has no apiVersion, which every index of a chart repository has')
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
