import type { Json } from '@ropeway/core'
import type { Value } from '@ropeway/gotemplate'
import { writeJson } from '../yaml/json.js'

/** A value as JSON data. */
export function toJsonData(value: Value): Json {
  return JSON.parse(writeJson(value)) as Json
}
