import {
  GoBytes,
  GoComplex,
  GoMap,
  GoNumber,
  type GoObject,
  GoSlice,
  LimitError,
  isFunction,
  sortedKeys,
  typeName,
  type Value,
} from '@ropeway/gotemplate'
import { hasCycle, lengthCounter, partCounter } from '../functions/size.js'

/** A value has no JSON; the message is Go's. */
export class MarshalError extends Error {}

/** What JSON is written of: like a value, but structs, bytes and small types are gone. */
export type JsonValue =
  null | boolean | string | number | bigint | GoMap | GoSlice | readonly (readonly [string, Value])[]

/** A value as Go's JSON sees it, one level deep. Throws `MarshalError`. */
export function jsonView(value: Value): JsonValue {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw unsupportedNumber(value)
    return typeof value === 'function' ? null : value
  }
  if (value instanceof GoMap || value instanceof GoSlice) return value.isNil ? null : value
  if (value instanceof GoNumber) {
    if (typeof value.value === 'number' && !Number.isFinite(value.value)) throw unsupportedNumber(value.value)
    return value.value
  }
  if (value instanceof GoBytes) return value.isNil ? null : Buffer.from(value.bytes).toString('base64')
  if (value instanceof GoComplex || isFunction(value)) {
    throw new MarshalError(`json: unsupported type: ${typeName(value)}`)
  }
  return value.isNil ? null : objectView(value)
}

function unsupportedNumber(value: number): MarshalError {
  return new MarshalError(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
}

/** Types that write themselves as text carry it in `jsonText` of their native part. */
export interface JsonText {
  readonly jsonText: string
}

function objectView(value: GoObject): JsonValue {
  const { native } = value
  if (typeof native === 'object' && native !== null && 'jsonText' in native) return (native as JsonText).jsonText
  // fields that start in lower case are private in Go
  return [...value.fields].filter(([name]) => !/^[a-z]/.test(name))
}

const unsafe = /["\\\u0000-\u001f\u2028\u2029<>&\ud800-\udfff]/
const unsafeRaw = /["\\\u0000-\u001f\u2028\u2029\ud800-\udfff]/

/** A string as Go's JSON writes it, `<`, `>` and `&` escaped unless `raw`. */
export function jsonString(text: string, raw = false): string {
  if (!(raw ? unsafeRaw : unsafe).test(text)) return `"${text}"`
  const quoted = JSON.stringify(text)
    .replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, '\\ufffd')
    .replaceAll(/[\u2028\u2029]/g, escape)
  return raw ? quoted : quoted.replaceAll(/[<>&]/g, escape)
}

function escape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

export function jsonNumber(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

export interface JsonStyle {
  /** Leaves `<`, `>` and `&` as they are. */
  readonly raw?: boolean
  /** Over several lines, indented by two blanks. */
  readonly pretty?: boolean
}

const deepest = 1000

interface Writer {
  readonly raw: boolean
  readonly pretty: boolean
  readonly parts: string[]
  readonly count: () => void
  readonly grow: (length: number) => void
}

/** A value as JSON in Go's way: keys in the order of their bytes. Throws `MarshalError`, and `LimitError` for what is too large. */
export function writeJson(value: Value, { raw = false, pretty = false }: JsonStyle = {}): string {
  const writer: Writer = { raw, pretty, parts: [], count: partCounter(), grow: lengthCounter() }
  try {
    write(writer, value, 0)
  } catch (error) {
    throw error instanceof LimitError && hasCycle(value) ? cycleError(value) : error
  }
  return writer.parts.join('')
}

function cycleError(item: Value): MarshalError {
  return new MarshalError(`json: unsupported value: encountered a cycle via ${typeName(item)}`)
}

function put({ parts, grow }: Writer, text: string): void {
  grow(text.length)
  parts.push(text)
}

function write(writer: Writer, item: Value, depth: number): void {
  writer.count()
  if (depth > deepest) throw cycleError(item)
  const view = jsonView(item)
  if (view instanceof GoSlice) {
    writeBlock(writer, '[]', view.items, depth, (inner) => write(writer, inner, depth + 1))
  } else if (typeof view === 'object' && view !== null) {
    const fields =
      view instanceof GoMap
        ? sortedKeys(view.entries).map((key) => [key, view.entries.get(key) ?? null] as const)
        : (view as readonly (readonly [string, Value])[])
    writeBlock(writer, '{}', fields, depth, ([key, inner]) => {
      put(writer, `${jsonString(key, writer.raw)}:${writer.pretty ? ' ' : ''}`)
      write(writer, inner, depth + 1)
    })
  } else put(writer, scalarText(view, writer.raw))
}

function scalarText(view: null | boolean | string | number | bigint, raw: boolean): string {
  if (typeof view === 'string') return jsonString(view, raw)
  return typeof view === 'number' || typeof view === 'bigint' ? jsonNumber(view) : String(view)
}

function writeBlock<T>(
  writer: Writer,
  brackets: string,
  items: readonly T[],
  depth: number,
  each: (item: T) => void,
): void {
  const margin = writer.pretty && items.length > 0 ? `\n${'  '.repeat(depth)}` : ''
  put(writer, brackets.charAt(0))
  for (const [at, item] of items.entries()) {
    const comma = at === 0 ? '' : ','
    put(writer, margin === '' ? comma : `${comma}${margin}  `)
    each(item)
  }
  put(writer, margin + brackets.charAt(1))
}
