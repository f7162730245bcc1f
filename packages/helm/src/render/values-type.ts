import {
  FunctionError,
  GoMap,
  makeMap,
  mapType,
  method,
  namedType,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'
import { emitYaml } from '../yaml/emit.js'
import { pathValue, tableAt } from './dependencies.js'

function table(values: GoMap, path: string): GoMap {
  const found = tableAt(values, path)
  if (found === undefined) throw new FunctionError(`"${missing(values, path)}" is not a table`)
  return new GoMap(valuesType, found.entries)
}

function missing(values: GoMap, path: string): string {
  const parts = path.split('.')
  const at = parts.findIndex((_, index) => tableAt(values, parts.slice(0, index + 1).join('.')) === undefined)
  return parts[at] ?? path
}

function value(values: GoMap, path: string): Value {
  if (path === '') throw new FunctionError('"" is not a value')
  const found = pathValue(values, path)
  if (found === undefined) throw new FunctionError(`"${path}" is not a value`)
  return found
}

const methods = new Map<string, GoFunction>([
  [
    'AsMap',
    method('', (values: GoMap) => (values.entries.size === 0 ? makeMap() : new GoMap(mapType, values.entries)), {
      result: 'map[string]any',
    }),
  ],
  ['Table', method('string', table)],
  ['PathValue', method('string', value)],
  ['YAML', method('', (values: GoMap) => `${emitYaml(values)}\n`, { result: 'string' })],
])

/** The type of the root and of `.Values`. */
export const valuesType = namedType('common.Values', mapType, { methods })
