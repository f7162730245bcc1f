import { GoMap, GoSlice, nilMap, type Value } from '@ropeway/gotemplate'
import { YamlError } from './problem.js'
import { decodeYaml, UnsupportedKeyError, UnsupportedNumberError } from './decode.js'

/** A text cannot be read; the message is Helm's. */
export class UnmarshalError extends Error {}

/** The first document of a text. Throws `UnmarshalError` with `error converting YAML to JSON: …`. */
export function readYamlValue(text: string): Value {
  try {
    return decodeYaml(text)
  } catch (error) {
    if (error instanceof YamlError) throw new UnmarshalError(`error converting YAML to JSON: yaml: ${error.message}`)
    if (error instanceof UnsupportedKeyError || error instanceof UnsupportedNumberError) {
      throw new UnmarshalError(`error converting YAML to JSON: ${error.message}`)
    }
    throw error
  }
}

/** The name of a value's JSON type as Go's decoder gives it in messages. */
export function jsonTypeName(value: Value): string {
  if (value instanceof GoMap) return 'object'
  if (value instanceof GoSlice) return 'array'
  if (typeof value === 'string') return 'string'
  return typeof value === 'boolean' ? 'bool' : 'number'
}

export function mismatch(value: Value, target: string): string {
  return `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ${target}`
}

const decoding = 'error unmarshaling JSON: while decoding JSON: '

/** The first document of a text as a map; empty when there is none. Throws `UnmarshalError`. */
export function readYamlMap(text: string, read = readYamlValue): GoMap {
  const value = read(text)
  if (value === null) return nilMap()
  if (!(value instanceof GoMap)) throw new UnmarshalError(decoding + mismatch(value, 'map[string]interface {}'))
  return value
}

/** The first document of a text as a list; empty when there is none. Throws `UnmarshalError`. */
export function readYamlList(text: string): GoSlice | null {
  const value = readYamlValue(text)
  if (value === null) return null
  if (!(value instanceof GoSlice)) throw new UnmarshalError(decoding + mismatch(value, '[]interface {}'))
  return value
}
