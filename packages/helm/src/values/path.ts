import { GoMap, GoSlice, listType, mapType, type Value } from '@ropeway/gotemplate'
import { valuesPathInvalid } from '../errors.js'

/** Where a value stands: keys of maps and positions in lists, from the outside in. */
export type ValuesPath = readonly (string | number)[]

/** A path as `--set` takes it: `a.b[0].c`; dots and the like in keys stand behind a backslash. */
export function formatValuesPath(path: ValuesPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`
    else text += `${text === '' ? '' : '.'}${step.replace(/[\\.,=[\]]/g, '\\$&')}`
  }
  return text
}

const part = /\[(\d+)\]|((?:\\.|[^\\.[])+)|\./gs

/** Reads a path that is written as for `--set`. */
export function parseValuesPath(text: string): ValuesPath {
  return [...text.matchAll(part)].flatMap(([, index, key]): (string | number)[] => {
    if (index !== undefined) return [Number(index)]
    return key === undefined ? [] : [key.replace(/\\(.)/gs, '$1')]
  })
}

/** The index that a step means in a list; undefined when it is none. */
export function indexOf(step: string | number): number | undefined {
  const index = typeof step === 'number' ? step : /^\d{1,5}$/.test(step) ? Number(step) : -1
  return Number.isInteger(index) && index >= 0 ? index : undefined
}

/** The values with one of them set; maps and lists on the way are made where nothing is. Throws `VALUES_PATH_INVALID`. */
export function withValue(base: Value | undefined, path: ValuesPath, value: Value, above: ValuesPath = []): Value {
  const [step, ...rest] = path
  if (step === undefined) return value
  const here = [...above, step]
  if (base instanceof GoMap || ((base ?? null) === null && typeof step === 'string')) {
    const entries = new Map(base instanceof GoMap ? base.entries : [])
    entries.set(String(step), withValue(entries.get(String(step)), rest, value, here))
    return new GoMap(mapType, entries)
  }
  const items = base instanceof GoSlice ? [...base.items] : []
  const index = indexOf(step)
  if (!(base instanceof GoSlice) && (base ?? null) !== null) {
    throw valuesPathInvalid(formatValuesPath([...above, ...path]), `${formatValuesPath(above)} is no map`)
  }
  if (index === undefined || index > items.length) {
    const problem = `${formatValuesPath(above)} is a list of ${String(items.length)}`
    throw valuesPathInvalid(formatValuesPath([...above, ...path]), problem)
  }
  items[index] = withValue(items[index], rest, value, here)
  return new GoSlice(listType, items)
}

/** As `parseValuesPath`, for what a person wrote. Throws `VALUES_PATH_INVALID` for what is no path. */
export function checkedValuesPath(text: string): ValuesPath {
  if (/^(?:[^.[\]\\]|\\.)+(?:\.(?:[^.[\]\\]|\\.)+|\[\d{1,5}\])*$/s.test(text)) return parseValuesPath(text)
  throw valuesPathInvalid(text, 'a path is keys with dots between them, and indexes in brackets: a.b[0].c')
}

/** The value at a path; undefined when there is none. */
export function valueAt(values: Value | undefined, path: ValuesPath): Value | undefined {
  return path.reduce<Value | undefined>((value, step) => {
    if (value instanceof GoMap) return value.entries.get(String(step))
    return value instanceof GoSlice ? value.items[indexOf(step) ?? -1] : undefined
  }, values)
}
