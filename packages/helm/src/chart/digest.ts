import { createHash } from 'node:crypto'
import { writeJson } from '../yaml/json.js'
import type { LoadedChart } from './load.js'

const digests = new WeakMap<LoadedChart, string>()

/** A digest of a chart's files, as they are loaded; without its values and subcharts. */
export function digestOf(loaded: LoadedChart): string {
  const known = digests.get(loaded)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  const add = (part: string | Uint8Array): void => void hash.update(`${String(part.length)} `).update(part)
  add(JSON.stringify(loaded.metadata))
  for (const { path, text } of loaded.templates) {
    add(path)
    add(Buffer.from(text, 'utf16le'))
  }
  for (const { path, bytes } of loaded.files) {
    add(path)
    add(bytes)
  }
  const digest = hash.digest('hex')
  digests.set(loaded, digest)
  return digest
}

/** A digest of all that a chart is made of, its values and subcharts too; undefined for values that cannot be told as JSON. */
export function wholeDigest(loaded: LoadedChart): string | undefined {
  const hash = createHash('sha256')
  const add = (chart: LoadedChart): void => {
    hash.update(`${digestOf(chart)} ${String(chart.charts.length)} ${writeJson(chart.values)}\n`)
    for (const inner of chart.charts) add(inner)
  }
  try {
    add(loaded)
  } catch {
    return undefined
  }
  return hash.digest('hex')
}
