import { didYouMean, messageOf } from '@ropeway/core'
import { GoMap } from '@ropeway/gotemplate'
import { overridesInvalid } from '../errors.js'
import { decodeYaml } from '../yaml/decode.js'
import { emitYaml } from '../yaml/emit.js'

/** The file of overrides that is taken when it is there and no other is named. */
export const defaultOverrides = 'chart-overrides.yaml'

/** Chart's name → the values that it is rendered with, as the text of a values file. */
export type Overrides = ReadonlyMap<string, string>

/** Reads `overrides: {<chart>: values}`. `name` is what errors call the file. Throws `OVERRIDES_INVALID`. */
export function readOverrides(text: string, name: string): Overrides {
  const all = decoded(text, name)
  if (all === null) return new Map()
  if (!(all instanceof GoMap)) throw overridesInvalid(name, 'it is no map')
  const strange = [...all.entries.keys()].find((key) => key !== 'overrides')
  if (strange !== undefined) {
    throw overridesInvalid(name, `the key ${JSON.stringify(strange)} is unknown`, didYouMean(strange, ['overrides']))
  }
  const charts = all.entries.get('overrides') ?? null
  if (charts === null) return new Map()
  if (!(charts instanceof GoMap)) throw overridesInvalid(name, '"overrides" is no map of charts')
  const overrides = new Map<string, string>()
  for (const [chart, values] of charts.entries) {
    if (values === null) continue
    if (!(values instanceof GoMap)) throw overridesInvalid(name, `what stands below "${chart}" is no map of values`)
    if (values.entries.size > 0) overrides.set(chart, `${emitYaml(values)}\n`)
  }
  return overrides
}

function decoded(text: string, name: string) {
  try {
    return decodeYaml(text)
  } catch (error) {
    throw overridesInvalid(name, messageOf(error))
  }
}

/** What overrides say of a chart: by its name, else by its name in another case. */
export function overrideOf(overrides: Overrides, chart: string): string | undefined {
  const exact = overrides.get(chart)
  if (exact !== undefined) return exact
  for (const [name, values] of overrides) if (name.toLowerCase() === chart.toLowerCase()) return values
  return undefined
}
