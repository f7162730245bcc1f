import { GoMap, GoSlice, makeMap, makeSlice, type Value } from '@ropeway/gotemplate'
import { isValueList, isValueMap, type Value as PlainValue } from '../construct.js'
import { documentsIn } from '../find/documents.js'
import type { Path } from '../path.js'

/** The document that a text at a path is: YAML, JSON or TOML; undefined for other text, and for several documents. */
export function nestedDocument(text: string, path: Path): GoMap | GoSlice | undefined {
  const documents = documentsIn(text, String(path.at(-1) ?? ''))
  const [only] = documents
  const value = only === undefined || documents.length > 1 ? undefined : goValue(only)
  return value instanceof GoMap || value instanceof GoSlice ? value : undefined
}

function goValue(value: PlainValue): Value {
  if (isValueList(value)) return makeSlice(value.map(goValue))
  return isValueMap(value) ? makeMap(Object.entries(value).map(([key, item]) => [key, goValue(item)] as const)) : value
}
