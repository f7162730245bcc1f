import { GoMap, GoSlice, int64, listType, mapType, typeName, type Value } from '@ropeway/gotemplate'
import { HelmError } from '../helm-error.js'
import { parseJsonPrefix } from '../yaml/from-json.js'

/** How the right side of `key=value` is read. */
export type SetKind = 'typed' | 'string' | 'json' | 'literal' | 'file'

const maxIndex = 65536
const maxDepth = 30

interface Parser {
  readonly text: string
  at: number
  readonly kind: SetKind
  readonly readFile: (path: string) => string
}

/** Ends quietly at the end of the text, as Helm does with `io.EOF`. */
class EndOfText extends Error {}

/**
 * Sets what one `--set`, `--set-string`, `--set-json`, `--set-literal` or `--set-file` says, in place. Throws `HelmError` with the message of
 * Helm's parser, which names neither the flag nor the text.
 */
export function applySet(
  values: GoMap,
  text: string,
  kind: SetKind,
  readFile: (path: string) => string = (path) => {
    throw new HelmError(`open ${path}: no such file or directory`)
  },
): void {
  const parser: Parser = { text, at: 0, kind, readFile }
  try {
    for (;;) readKey(parser, values, 0)
  } catch (error) {
    if (!(error instanceof EndOfText)) throw error
  }
}

interface Found {
  readonly text: string
  /** The character that ended the text; undefined at the end. */
  readonly stop: string | undefined
}

/** Reads up to one of the characters; a backslash takes the next one as it is. */
function readUntil(parser: Parser, stops: string): Found {
  let out = ''
  while (parser.at < parser.text.length) {
    const char = String.fromCodePoint(parser.text.codePointAt(parser.at) ?? 0)
    parser.at += char.length
    if (stops.includes(char)) return { text: out, stop: char }
    if (char === '\\') {
      const next = parser.text.codePointAt(parser.at)
      if (next === undefined) return { text: out, stop: undefined }
      out += String.fromCodePoint(next)
      parser.at += String.fromCodePoint(next).length
    } else out += char
  }
  return { text: out, stop: undefined }
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function readKey(parser: Parser, into: GoMap, depth: number): void {
  const literal = parser.kind === 'literal'
  const { text: key, stop } = readUntil(parser, literal ? '=[.' : '=[,.')
  if (stop === undefined) {
    if (key === '') throw new EndOfText()
    throw new HelmError(`key ${quoted(key)} has no value`)
  }
  if (stop === '[') return readIndexed(parser, into, key, depth)
  if (stop === '=') return readAssigned(parser, into, key)
  if (stop === ',') {
    into.entries.set(key, '')
    throw new HelmError(`key ${quoted(key)} has no value (cannot end with ,)`)
  }
  if (depth + 1 > maxDepth) {
    throw new HelmError(`value name nested level is greater than maximum supported nested level of ${String(maxDepth)}`)
  }
  const present = into.entries.get(key)
  if (present !== undefined && present !== null && !(present instanceof GoMap)) throw notATable(present)
  const inner = present instanceof GoMap ? present : new GoMap(mapType, new Map())
  const emptyMap = (): void => {
    if (inner.entries.size === 0) throw new HelmError(`key map ${quoted(key)} has no value`)
  }
  try {
    readKey(parser, inner, depth + 1)
  } catch (error) {
    if (error instanceof EndOfText) emptyMap()
    throw error
  } finally {
    setEntry(into, key, inner)
  }
  emptyMap()
}

function notATable(value: Value): HelmError {
  return new HelmError(
    `unable to parse key: interface conversion: interface {} is ${typeName(value)}, not map[string]interface {}`,
  )
}

function setEntry(into: GoMap, key: string, value: Value): void {
  if (key !== '') into.entries.set(key, value)
}

function readAssigned(parser: Parser, into: GoMap, key: string): void {
  const { value, ended } = readValue(parser)
  setEntry(into, key, value)
  if (ended) throw new EndOfText()
}

function readIndexed(parser: Parser, into: GoMap, key: string, depth: number): void {
  const index = readIndex(parser)
  const present = into.entries.get(key)
  if (present !== undefined && present !== null && !(present instanceof GoSlice)) {
    throw new HelmError(
      `unable to parse key: interface conversion: interface {} is ${typeName(present)}, not []interface {}`,
    )
  }
  const list = present instanceof GoSlice ? present.items : []
  let end: unknown
  try {
    readItem(parser, list, index, depth)
  } catch (error) {
    if (!(error instanceof EndOfText)) throw error
    end = error
  }
  setEntry(into, key, new GoSlice(listType, list))
  if (end !== undefined) throw end as EndOfText
}

function readIndex(parser: Parser): number {
  const { text, stop } = readUntil(parser, ']')
  if (stop === undefined) throw new HelmError('error parsing index: EOF')
  if (!/^[+-]?\d+$/.test(text))
    throw new HelmError(`error parsing index: strconv.Atoi: parsing ${quoted(text)}: invalid syntax`)
  return Number(text)
}

function setIndex(list: Value[], index: number, value: Value): void {
  if (index < 0) throw new HelmError(`negative ${String(index)} index not allowed`)
  if (index > maxIndex)
    throw new HelmError(`index of ${String(index)} is greater than maximum supported index of ${String(maxIndex)}`)
  while (list.length <= index) list.push(null)
  list[index] = value
}

function readItem(parser: Parser, list: Value[], index: number, depth: number): void {
  if (index < 0) throw new HelmError(`negative ${String(index)} index not allowed`)
  const { text, stop } = readUntil(parser, '[.=')
  if (text !== '') throw new HelmError(`unexpected data at end of array index: ${quoted(text)}`)
  if (stop === undefined) throw new EndOfText()
  const present = index < list.length ? list[index] : undefined
  if (stop === '=') {
    const { value, ended } = readValue(parser)
    setIndex(list, index, value)
    if (ended) throw new EndOfText()
  } else if (stop === '[') {
    const nested = readIndex(parser)
    if (present !== undefined && present !== null && !(present instanceof GoSlice)) {
      throw new HelmError(`interface conversion: interface {} is ${typeName(present)}, not []interface {}`)
    }
    const inner = present instanceof GoSlice ? present.items : []
    runToEnd(
      () => readItem(parser, inner, nested, depth),
      () => setIndex(list, index, new GoSlice(listType, inner)),
    )
  } else {
    if (present !== undefined && present !== null && !(present instanceof GoMap)) throw notATable(present)
    const inner = present instanceof GoMap ? present : new GoMap(mapType, new Map())
    runToEnd(
      () => readKey(parser, inner, depth),
      () => setIndex(list, index, inner),
    )
  }
}

/** Runs the second also when the first comes to the end of the text. */
function runToEnd(first: () => void, then: () => void): void {
  try {
    first()
  } catch (error) {
    if (error instanceof EndOfText) then()
    throw error
  }
  then()
}

interface Read {
  readonly value: Value
  readonly ended: boolean
}

function readValue(parser: Parser): Read {
  if (parser.kind === 'literal') {
    const value = parser.text.slice(parser.at)
    parser.at = parser.text.length
    return { value, ended: true }
  }
  if (parser.kind === 'json') return readJson(parser)
  if (parser.text.charAt(parser.at) === '{') return readList(parser)
  const { text, stop } = readUntil(parser, ',')
  return { value: scalar(parser, text), ended: stop === undefined }
}

function readJson(parser: Parser): Read {
  const rest = parser.text.slice(parser.at)
  if (rest === '' || rest.startsWith(',')) {
    parser.at += rest === '' ? 0 : 1
    return { value: null, ended: rest === '' }
  }
  const { value, length } = parseJsonPrefix(rest)
  parser.at += length
  const { text, stop } = readUntil(parser, ',')
  if (text.trim() !== '')
    throw new HelmError(`invalid character ${quoted(text.trim().charAt(0)).replaceAll('"', "'")} after top-level value`)
  return { value, ended: stop === undefined }
}

function readList(parser: Parser): Read {
  parser.at += 1
  const items: Value[] = []
  for (;;) {
    const { text, stop } = readUntil(parser, ',}')
    if (stop === undefined) throw new HelmError("list must terminate with '}'")
    items.push(scalar(parser, text))
    if (stop === '}') break
  }
  if (parser.text.charAt(parser.at) === ',') parser.at += 1
  return { value: new GoSlice(listType, items), ended: parser.at >= parser.text.length }
}

function scalar(parser: Parser, text: string): Value {
  if (parser.kind === 'file') return parser.readFile(text)
  return parser.kind === 'string' ? text : typedValue(text)
}

/** What `--set` makes of a text: truth values, null and whole numbers; all else stays text. */
export function typedValue(text: string): Value {
  const lower = text.toLowerCase()
  if (lower === 'true') return true
  if (lower === 'false') return false
  if (lower === 'null') return null
  if (text === '0') return int64(0)
  if (!text.startsWith('0') && /^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''))
    if (BigInt.asIntN(64, value) === value) return int64(value)
  }
  return text
}
