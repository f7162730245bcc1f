import { GoMap, GoSlice, int64, listType, mapType, quote, quoteRune, typeName, type Value } from '@ropeway/gotemplate'
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

/**
 * Whether the text has come to its end where it may not: Helm hands `io.EOF` upwards then, leaves out what it was about to set on the way, and
 * does not fail.
 */
type Ended = boolean

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
  while (!readKey(parser, values, 0));
}

interface Found {
  readonly text: string
  /** The character that ended the text; undefined at the end. */
  readonly stop: string | undefined
}

/** Reads up to one of the characters; a backslash takes the next one as it is, but in literals. */
function readUntil(parser: Parser, stops: string): Found {
  let out = ''
  while (parser.at < parser.text.length) {
    const char = nextChar(parser)
    if (stops.includes(char)) return { text: out, stop: char }
    if (char !== '\\' || parser.kind === 'literal') out += char
    else if (parser.at === parser.text.length) break
    else out += nextChar(parser)
  }
  return { text: out, stop: undefined }
}

function nextChar(parser: Parser): string {
  const char = String.fromCodePoint(parser.text.codePointAt(parser.at) ?? 0)
  parser.at += char.length
  return char
}

function readKey(parser: Parser, into: GoMap, depth: number): Ended {
  const { text: key, stop } = readUntil(parser, parser.kind === 'literal' ? '=[.' : '=[,.')
  if (stop === '[') return readIndexed(parser, into, key, depth)
  if (stop === '.') return readBelow(parser, into, key, depth + 1)
  if (stop === '=') {
    const { value, ended } = readValue(parser)
    setEntry(into, key, value)
    return ended
  }
  if (stop === undefined && key === '') return true
  throw new HelmError(`key ${quote(key)} has no value${stop === ',' ? ' (cannot end with ,)' : ''}`)
}

function readBelow(parser: Parser, into: GoMap, key: string, depth: number): Ended {
  if (depth > maxDepth) {
    throw new HelmError(`value name nested level is greater than maximum supported nested level of ${String(maxDepth)}`)
  }
  const present = into.entries.get(key)
  if (present !== undefined && !(present instanceof GoMap)) throw notOfType(present, 'map[string]interface {}')
  const inner = present ?? emptyMap()
  const ended = readKey(parser, inner, depth)
  if (inner.entries.size > 0) setEntry(into, key, inner)
  else if (!ended) throw new HelmError(`key map ${quote(key)} has no value`)
  return ended
}

function readIndexed(parser: Parser, into: GoMap, key: string, depth: number): Ended {
  const index = readIndex(parser)
  if (index === undefined) return true
  const present = into.entries.get(key)
  if (present !== undefined && !(present instanceof GoSlice)) throw notOfType(present, '[]interface {}')
  const list = present?.items ?? []
  const ended = readItem(parser, list, index, depth)
  setEntry(into, key, new GoSlice(listType, list))
  return ended
}

/** `undefined` when the text ends before the index does. */
function readIndex(parser: Parser): number | undefined {
  const { text, stop } = readUntil(parser, ']')
  if (stop === undefined) return undefined
  const problem = (what: string) => new HelmError(`error parsing index: strconv.Atoi: parsing ${quote(text)}: ${what}`)
  if (!/^[+-]?\d+$/.test(text)) throw problem('invalid syntax')
  if (int64Of(text) === undefined) throw problem('value out of range')
  return Number(text)
}

function readItem(parser: Parser, list: Value[], index: number, depth: number): Ended {
  if (index < 0) throw new HelmError(`negative ${String(index)} index not allowed`)
  const { text, stop } = readUntil(parser, '[.=')
  if (text !== '') {
    const runes = [...text].map((char) => quoteRune(char.codePointAt(0) ?? 0)).join(' ')
    throw new HelmError(`unexpected data at end of array index: [${runes}]`)
  }
  if (stop === undefined) return true
  if (stop === '[') return readNested(parser, list, index, depth)
  if (stop === '.') return readObject(parser, list, index, depth)
  setIndex(list, index, readValue(parser).value)
  return false
}

function readNested(parser: Parser, list: Value[], index: number, depth: number): Ended {
  const nested = readIndex(parser)
  if (nested === undefined) return true
  const present = list[index] ?? null
  if (present !== null && !(present instanceof GoSlice)) throw notOfType(present, '[]interface {}')
  const inner = present?.items ?? []
  if (readItem(parser, inner, nested, depth)) return true
  setIndex(list, index, new GoSlice(listType, inner))
  return false
}

function readObject(parser: Parser, list: Value[], index: number, depth: number): Ended {
  const present = list[index]
  const inner = present instanceof GoMap ? present : emptyMap()
  if (index < list.length) list[index] = inner
  if (readKey(parser, inner, depth)) return true
  setIndex(list, index, inner)
  return false
}

function setIndex(list: Value[], index: number, value: Value): void {
  if (index > maxIndex)
    throw new HelmError(`index of ${String(index)} is greater than maximum supported index of ${String(maxIndex)}`)
  while (list.length <= index) list.push(null)
  list[index] = value
}

function setEntry(into: GoMap, key: string, value: Value): void {
  if (key !== '') into.entries.set(key, value)
}

function emptyMap(): GoMap {
  return new GoMap(mapType, new Map())
}

function notOfType(value: Value, wanted: string): HelmError {
  const found = value === null ? 'nil' : typeName(value)
  return new HelmError(`unable to parse key: interface conversion: interface {} is ${found}, not ${wanted}`)
}

interface Read {
  readonly value: Value
  readonly ended: Ended
}

function readValue(parser: Parser): Read {
  if (parser.kind === 'literal') return { value: readUntil(parser, '').text, ended: false }
  if (parser.kind === 'json') return { value: readJson(parser), ended: false }
  if (parser.at === parser.text.length) return { value: '', ended: true }
  if (parser.text.charAt(parser.at) === '{') return { value: readList(parser), ended: false }
  return { value: scalar(parser, readUntil(parser, ',').text), ended: false }
}

/** A comma may follow; whatever else does is the next key. */
function readJson(parser: Parser): Value {
  if (skipEmpty(parser)) return null
  const { value, length } = parseJsonPrefix(parser.text.slice(parser.at))
  parser.at += length
  skipEmpty(parser)
  return value
}

/** Skips blanks, and a comma behind them; whether nothing else is there. */
function skipEmpty(parser: Parser): boolean {
  const [blanks = ''] = /^[\p{White_Space}]*/u.exec(parser.text.slice(parser.at)) ?? []
  parser.at += blanks.length
  const next = parser.text.charAt(parser.at)
  if (next === ',') parser.at += 1
  return next === '' || next === ','
}

function readList(parser: Parser): GoSlice {
  parser.at += 1
  const items: Value[] = []
  for (;;) {
    const { text, stop } = readUntil(parser, ',}')
    if (stop === undefined) throw new HelmError("list must terminate with '}'")
    items.push(scalar(parser, text))
    if (stop === '}') break
  }
  if (parser.text.charAt(parser.at) === ',') parser.at += 1
  return new GoSlice(listType, items)
}

function scalar(parser: Parser, text: string): Value {
  if (parser.kind === 'file') return parser.readFile(text)
  return parser.kind === 'string' ? text : typedValue(text)
}

/** What `--set` makes of a text: truth values, null and whole numbers; all else stays text. */
export function typedValue(text: string): Value {
  if (/^true$/iu.test(text)) return true
  if (/^false$/iu.test(text)) return false
  if (/^null$/iu.test(text)) return null
  const whole = text === '0' || (!text.startsWith('0') && /^[+-]?\d+$/.test(text)) ? int64Of(text) : undefined
  return whole === undefined ? text : int64(whole)
}

function int64Of(digits: string): bigint | undefined {
  const value = BigInt(digits.replace(/^\+/, ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}
