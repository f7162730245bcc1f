import { FunctionError, GoMap, GoSlice, formatFloat, makeMap, sortedKeys, type Value } from '@ropeway/gotemplate'
import { checkSize } from '../functions/size.js'
import { jsonView } from '../yaml/json.js'

type Item = null | boolean | string | number | bigint | GoMap | GoSlice

function viewOf(value: Value): Item {
  const view = jsonView(value)
  return Array.isArray(view) ? makeMap(view as readonly (readonly [string, Value])[]) : (view as Item)
}

/** A value as Helm's `toToml` writes it; an error is its result. */
export function tomlText(value: Value): string {
  if (value === null) throw new FunctionError('reflect: call of reflect.Value.Type on zero Value')
  if (value instanceof GoMap && value.isNil) return ''
  checkSize(value)
  try {
    const view = viewOf(value)
    if (!(view instanceof GoMap)) return inline(view)
    const out: string[] = []
    writeTable(view, [], out)
    return out.join('')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function isTable(view: Item): view is GoMap {
  return view instanceof GoMap
}

function isTables(view: Item): view is GoSlice {
  return view instanceof GoSlice && view.items.length > 0 && view.items.every((item) => viewOf(item) instanceof GoMap)
}

function writeTable(table: GoMap, path: readonly string[], out: string[]): void {
  const margin = '  '.repeat(path.length)
  const entries = sortedKeys(table.entries).map((key) => [key, viewOf(table.entries.get(key) ?? null)] as const)
  for (const [key, view] of entries) {
    if (view === null || isTable(view) || isTables(view)) continue
    out.push(`${margin}${keyText(key)} = ${inline(view)}\n`)
  }
  for (const [key, view] of entries) {
    const inner = [...path, key]
    const indent = '  '.repeat(path.length)
    const name = inner.map(keyText).join('.')
    if (isTable(view)) {
      if (inner.length === 1 && out.length > 0) out.push('\n')
      out.push(`${indent}[${name}]\n`)
      writeTable(view, inner, out)
    } else if (isTables(view)) {
      for (const item of view.items) {
        if (out.length > 0) out.push('\n')
        out.push(`${indent}[[${name}]]\n`)
        writeTable(viewOf(item) as GoMap, inner, out)
      }
    }
  }
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key)
}

function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '\b': '\\b',
    '\t': '\\t',
    '\n': '\\n',
    '\f': '\\f',
    '\r': '\\r',
    '"': '\\"',
    '\\': '\\\\',
  }
  const escape = (char: string): string => escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `"${text.replaceAll(/["\\\u0000-\u001f\u007f]/g, escape)}"`
}

function inline(view: Item): string {
  if (view === null) throw new FunctionError('toml: cannot encode array with nil element')
  if (typeof view === 'string') return quoted(view)
  if (typeof view === 'number') return floatText(view)
  if (typeof view === 'bigint' || typeof view === 'boolean') return String(view)
  if (view instanceof GoSlice) return `[${view.items.map((item) => inline(viewOf(item))).join(', ')}]`
  return inlineTable(view)
}

/** Tables stand last; a comma follows what is not last, even when only nulls come behind it. */
function inlineTable(table: GoMap): string {
  const entries = sortedKeys(table.entries).map((key) => [key, viewOf(table.entries.get(key) ?? null)] as const)
  const isSub = ([, view]: readonly [string, Item]): boolean => isTable(view) || isTables(view)
  const [plain, tables] = [entries.filter((entry) => !isSub(entry)), entries.filter(isSub)]
  const write = (list: typeof entries, trailing: boolean): string =>
    list
      .map(([key, view], at) => {
        if (view === null) return ''
        return `${keyText(key)} = ${inline(view)}${trailing || at < list.length - 1 ? ', ' : ''}`
      })
      .join('')
  return `{${write(plain, tables.length > 0)}${write(tables, false)}}`
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  const text = formatFloat(value, 'g', -1)
  return /[.e]/.test(text) ? text : `${text}.0`
}
