import { GoMap, GoSlice, type Value as GoValue } from '@ropeway/gotemplate'
import { decodeYaml, splitDocuments } from '@ropeway/helm'
import { parse as parseToml } from 'smol-toml'
import type { Value } from '../construct.js'

/** Longer texts are searched line by line only. */
const longest = 1_000_000

/** A value of Helm's as plain data. */
export function plainValue(value: GoValue): Value {
  if (value instanceof GoMap) {
    return Object.fromEntries([...value.entries].map(([key, item]) => [key, plainValue(item)]))
  }
  if (value instanceof GoSlice) return value.items.map(plainValue)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return typeof value === 'bigint' ? Number(value) : null
}

/** The documents that a text holds: JSON, YAML or TOML; none when it is other text. */
export function documentsIn(text: string, name: string): readonly Value[] {
  if (text.length > longest) return []
  const trimmed = text.trimStart()
  if (/^[{[]/.test(trimmed)) {
    const json = attempt(() => JSON.parse(text) as unknown)
    if (json !== undefined) return compound([plainJson(json)])
  }
  if (/\.toml$/i.test(name) || /^\s*\[{1,2}[A-Za-z_][\w.-]*\]{1,2}\s*$/m.test(text)) {
    const toml = attempt(() => parseToml(text))
    if (toml !== undefined) return compound([plainJson(toml)])
  }
  if (!/^\s*(?:-\s+)?["']?[\w./-]+["']?\s*:(?:\s|$)/m.test(text) && !/^\s*[{[]/.test(text)) return []
  const documents = attempt(() => splitDocuments(text).map((part) => plainValue(decodeYaml(part))))
  return compound(documents ?? [])
}

function compound(values: readonly Value[]): readonly Value[] {
  return values.every((value) => typeof value === 'object') ? values.filter((value) => value !== null) : []
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** Outside data as plain values: dates and the like become text. */
function plainJson(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (Array.isArray(value)) return value.map(plainJson)
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object') return null
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainJson(item)]))
}
