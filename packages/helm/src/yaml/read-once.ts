import type { Value } from '@ropeway/gotemplate'
import { readYamlValue } from './from-yaml.js'

/** Documents that were read, by their texts: charts that are rendered again and again differ in few of them. */
const read = new Map<string, Value>()
/** Characters of text that are kept; what was read of them takes about ten times as much. */
const mostKept = 12_000_000
let kept = 0

/** Like `readYamlValue`, but reads equal texts once. The value is shared: do not change it. */
export function readOnce(text: string): Value {
  const known = read.get(text)
  if (known !== undefined) return known
  const value = readYamlValue(text)
  if (kept + text.length > mostKept) {
    read.clear()
    kept = 0
  }
  read.set(text, value)
  kept += text.length
  return value
}
