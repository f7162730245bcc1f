import { TomlDate, parse, type TomlValueWithoutBigInt } from 'smol-toml'
import { GoMap, GoSlice, int64, listType, mapType, type Value } from '@ropeway/gotemplate'

type TomlValue = TomlValueWithoutBigInt | bigint | readonly TomlValue[] | { readonly [key: string]: TomlValue }

/** Reads TOML: integers are int64, other numbers float64. Throws for what is none. */
export function readToml(text: string): Value {
  return toValue(parse(text, { integersAsBigInt: true }))
}

function toValue(value: TomlValue): Value {
  if (typeof value === 'bigint') return int64(value)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof TomlDate) return value.toISOString()
  if (Array.isArray(value)) return new GoSlice(listType, (value as readonly TomlValue[]).map(toValue))
  const entries = Object.entries(value as { readonly [key: string]: TomlValue })
  return new GoMap(mapType, new Map(entries.map(([key, item]) => [key, toValue(item)])))
}
