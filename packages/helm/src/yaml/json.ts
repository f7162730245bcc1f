import {
  GoBytes,
  GoComplex,
  GoMap,
  GoNumber,
  type GoObject,
  GoSlice,
  isFunction,
  sortedKeys,
  typeName,
  type Value,
} from '@ropeway/gotemplate'
import { partCounter } from '../functions/size.js'

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

/** A value as JSON in Go's way: keys in the order of their bytes. Throws `MarshalError`. */
export function writeJson(value: Value, { raw = false, pretty = false }: JsonStyle = {}): string {
  const count = partCounter()
  const write = (item: Value, depth: number): string => {
    count()
    if (depth > deepest) throw new MarshalError(`json: unsupported value: encountered a cycle via ${typeName(item)}`)
    const view = jsonView(item)
    if (view === null) return 'null'
    if (typeof view === 'string') return jsonString(view, raw)
    if (typeof view === 'number' || typeof view === 'bigint') return jsonNumber(view)
    if (typeof view === 'boolean') return String(view)
    if (view instanceof GoSlice)
      return block(
        '[',
        view.items.map((inner) => write(inner, depth + 1)),
        ']',
        depth,
      )
    const fields =
      view instanceof GoMap
        ? sortedKeys(view.entries).map((key) => [key, view.entries.get(key) ?? null] as const)
        : (view as readonly (readonly [string, Value])[])
    const lines = fields.map(([key, inner]) => `${jsonString(key, raw)}:${pretty ? ' ' : ''}${write(inner, depth + 1)}`)
    return block('{', lines, '}', depth)
  }
  const block = (open: string, items: readonly string[], close: string, depth: number): string => {
    if (!pretty || items.length === 0) return open + items.join(',') + close
    const margin = `\n${'  '.repeat(depth)}`
    return `${open}${margin}  ${items.join(`,${margin}  `)}${margin}${close}`
  }
  return write(value, 0)
}
