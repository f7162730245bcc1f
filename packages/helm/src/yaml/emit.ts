import { GoMap, GoSlice, LimitError, floatText, makeMap, type Value } from '@ropeway/gotemplate'
import { hasCycle, lengthCounter, partCounter } from '../functions/size.js'
import { emitString } from './emit-scalar.js'
import { MarshalError, jsonNumber, jsonView } from './json.js'
import { orderedKeys } from './key-order.js'

export interface EmitOptions {
  /** As the third version of Go's YAML writes: lists indented, nothing folded, numbers not passed through JSON. */
  readonly pretty?: boolean
}

interface Emitter {
  readonly pretty: boolean
  readonly lines: string[]
  /** The line that is being written, apart from the others so that looking at it costs little. */
  line: string
  depth: number
  readonly count: () => void
  readonly grow: (length: number) => void
}

const deepest = 1000
const unprintable = /[\x7f\x80-\x84\x86-\x9f\ufffe\uffff]/

/** A value as Helm's `toYaml` writes it, without the newline at the end. Throws `MarshalError` for what has no YAML. */
export function emitYaml(value: Value, { pretty = false }: EmitOptions = {}): string {
  const emitter: Emitter = { pretty, lines: [], line: '', depth: 0, count: partCounter(), grow: lengthCounter() }
  try {
    emit(emitter, value, 0, 2)
  } catch (error) {
    throw error instanceof LimitError && hasCycle(value) ? new MarshalError(cycle) : error
  }
  emitter.lines.push(emitter.line)
  return emitter.lines.join('\n')
}

const cycle = 'json: unsupported value: encountered a cycle'

type Item = null | boolean | string | number | bigint | GoMap | GoSlice

function viewOf(value: Value): Item {
  const view = jsonView(value)
  return Array.isArray(view) ? makeMap(view as readonly (readonly [string, Value])[]) : (view as Item)
}

function isEmpty(view: Item): boolean {
  if (view instanceof GoMap) return view.entries.size === 0
  return !(view instanceof GoSlice) || view.items.length === 0
}

/** Writes a value where the line already stands at its indentation. */
function emit(emitter: Emitter, value: Value, indent: number, scalarIndent: number): void {
  emitter.count()
  emitter.depth += 1
  if (emitter.depth > deepest) throw new MarshalError(cycle)
  const view = viewOf(value)
  if (isEmpty(view)) emitter.line += scalarText(emitter, view, scalarIndent)
  else if (view instanceof GoMap) emitMap(emitter, view, indent)
  else emitList(emitter, view as GoSlice, indent)
  emitter.depth -= 1
}

function newLine(emitter: Emitter, indent: number): void {
  emitter.grow(emitter.line.length + 1)
  emitter.lines.push(emitter.line)
  emitter.line = ' '.repeat(indent)
}

function emitMap(emitter: Emitter, map: GoMap, indent: number): void {
  for (const [at, key] of orderedKeys(map.entries.keys(), emitter.pretty).entries()) {
    if (at > 0) newLine(emitter, indent)
    const value = map.entries.get(key) ?? null
    if (isLongKey(key)) emitLongKey(emitter, key, value, indent)
    else {
      emitter.line += `${stringText(emitter, key, indent, true)}:`
      emitBehindKey(emitter, value, indent)
    }
  }
}

function isLongKey(key: string): boolean {
  return key.length > 42
    ? Buffer.byteLength(key) > 128 || /[\n\r\x85\u2028\u2029]/.test(key)
    : /[\n\r\x85\u2028\u2029]/.test(key)
}

function emitLongKey(emitter: Emitter, key: string, value: Value, indent: number): void {
  // Helm reads JSON as YAML, where such a key goes over two lines
  if (!emitter.pretty && key.includes('\x85')) throw new MarshalError("yaml: line 1: did not find expected ',' or '}'")
  emitter.line += '? '
  emitter.line += stringText(emitter, key, indent + 2, false)
  newLine(emitter, indent)
  emitter.line += ': '
  emit(emitter, value, indent + 2, indent + 2)
}

function emitBehindKey(emitter: Emitter, value: Value, indent: number): void {
  const view = viewOf(value)
  if (isEmpty(view)) {
    emitter.line += ' '
    emitter.line += scalarText(emitter, view, indent + 2)
    return
  }
  const inner = view instanceof GoSlice && !emitter.pretty ? indent : indent + 2
  newLine(emitter, inner)
  emit(emitter, view, inner, inner)
}

function emitList(emitter: Emitter, list: GoSlice, indent: number): void {
  for (const [at, item] of list.items.entries()) {
    if (at > 0) newLine(emitter, indent)
    emitter.line += '- '
    emit(emitter, item, indent + 2, indent + 2)
  }
}

function scalarText(emitter: Emitter, view: Item, indent: number): string {
  if (view === null) return 'null'
  if (typeof view === 'string') return stringText(emitter, view, indent, false)
  if (typeof view === 'boolean') return String(view)
  if (typeof view === 'bigint') return String(view)
  if (typeof view === 'number') return emitter.pretty ? floatText(view) : numberText(view)
  return view instanceof GoMap ? '{}' : '[]'
}

/** JSON's text of the number, read again: what has neither point nor exponent is an integer when 64 bits hold it. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '0'
  const text = jsonNumber(value)
  if (!/^-?\d+$/.test(text)) return floatText(value)
  const whole = BigInt(text)
  return whole >= -(2n ** 63n) && whole < 2n ** 64n ? text : floatText(value)
}

function stringText(emitter: Emitter, text: string, indent: number, key: boolean): string {
  const { pretty } = emitter
  return emitString(pretty ? text : throughJson(text), { column: columnOf(emitter), indent, key, pretty })
}

/** What is left of a text when its JSON is read as YAML. */
function throughJson(text: string): string {
  if (!/[\x7f-\x9f\ud800-\udfff\ufffe\uffff]/.test(text)) return text
  if (unprintable.test(text)) throw new MarshalError('yaml: control characters are not allowed')
  const valid = text.toWellFormed()
  return valid.replaceAll(/ *\x85[ \x85]*/g, (found) => {
    const breaks = found.split('\x85').length - 1
    return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
  })
}

function columnOf({ line }: Emitter): number {
  if (line.length <= 20) return line.length
  let column = 0
  for (let at = 0; at < line.length; at++) if ((line.charCodeAt(at) & 0xfc00) !== 0xdc00) column++
  return column
}
