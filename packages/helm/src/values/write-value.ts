import { GoMap, GoSlice, textOf, type Value } from '@ropeway/gotemplate'
import { emitString, quoteString } from '../yaml/emit-scalar.js'
import { jsonNumber } from '../yaml/json.js'

/** A map or list that has something in it: what takes lines of its own. */
export function isBlock(value: Value): value is GoMap | GoSlice {
  return value instanceof GoMap ? value.entries.size > 0 : value instanceof GoSlice && value.items.length > 0
}

/** A map or list that is not empty as lines of YAML, each with its indentation; keys in their order. */
export function blockLines(value: GoMap | GoSlice, indent: number): string[] {
  return value instanceof GoMap
    ? [...value.entries].flatMap(([key, item]) => pairLines(key, item, indent))
    : value.items.flatMap((item) => itemLines(item, indent))
}

/** A key and its value as lines. */
export function pairLines(key: string, value: Value, indent: number): string[] {
  const start = `${' '.repeat(indent)}${plainly(key)}:`
  return isBlock(value) ? [start, ...blockLines(value, indent + 2)] : [`${start} ${inline(value)}`]
}

/** An item of a list as lines. */
export function itemLines(value: Value, indent: number): string[] {
  const start = `${' '.repeat(indent)}- `
  if (!isBlock(value)) return [start + inline(value)]
  const [first = '', ...rest] = blockLines(value, indent + 2)
  return [start + first.trimStart(), ...rest]
}

/** A scalar or an empty collection on one line. */
function inline(value: Value): string {
  return typeof value === 'string' ? plainly(value) : flowText(value)
}

/** A text on one line, quoted where it has to be. */
function plainly(text: string): string {
  return emitString(text, { column: 0, indent: 0, key: true, pretty: true })
}

/**
 * A scalar or an empty collection, quoted as what it replaces was. A text of several lines is a literal whose lines are indented so far;
 * undefined: there is no room for one.
 */
export function inlineLike(value: Value, before: string, indent: number | undefined): string {
  if (typeof value !== 'string') return flowText(value)
  if (before.startsWith('"')) return quoteString(value)
  if (before.startsWith("'") && /^[ -~\xa0-\ud7ff]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`
  return indent === undefined ? plainly(value) : emitString(value, { column: 0, indent, key: false, pretty: true })
}

/** A value on one line, to stand between brackets too. */
export function flowText(value: Value): string {
  if (value instanceof GoMap) {
    return `{${[...value.entries].map(([key, item]) => `${flowString(key)}: ${flowText(item)}`).join(', ')}}`
  }
  if (value instanceof GoSlice) return `[${value.items.map(flowText).join(', ')}]`
  if (typeof value === 'string') return flowString(value)
  if (typeof value === 'number' || typeof value === 'bigint') return jsonNumber(value)
  return value === null ? 'null' : textOf(value)
}

function flowString(text: string): string {
  return /[^\w ./@=+-]/.test(text) ? quoteString(text) : plainly(text)
}
