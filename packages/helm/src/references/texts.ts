import { GoMap, GoSlice, type Value, type ast } from '@ropeway/gotemplate'
import { parseFile } from '../render/engine.js'
import { pathOf, type Place } from './known.js'

/** Texts beyond this number, below one place, are not looked at. */
const mostTexts = 200

/** Finds default values that are templates, for `tpl`. What does not parse is left out. */
export function textsOf(defaults: GoMap): (place: Place) => readonly ast.Tree[] {
  const found = new Map<string, readonly ast.Tree[]>()
  return (place) => {
    const key = pathOf(place)
    let trees = found.get(key)
    if (trees === undefined) {
      trees = stringsBelow(valuesAt(defaults, place)).flatMap((text) => treeOf(key, text))
      found.set(key, trees)
    }
    return trees
  }
}

function treeOf(name: string, text: string): ast.Tree[] {
  try {
    const template = parseFile(name, text).templates.get(name)
    return template === undefined ? [] : [template.tree]
  } catch {
    return []
  }
}

function valuesAt(values: Value, [key, ...rest]: Place): Value[] {
  if (key === undefined) return [values]
  const inside = values instanceof GoMap ? values.entries : undefined
  if (key !== '*') {
    const next = inside?.get(key)
    return next === undefined ? [] : valuesAt(next, rest)
  }
  const all = inside === undefined ? (values instanceof GoSlice ? values.items : []) : [...inside.values()]
  return all.slice(0, mostTexts).flatMap((value) => valuesAt(value, rest))
}

function stringsBelow(values: readonly Value[]): string[] {
  const texts: string[] = []
  const waiting = [...values]
  for (let value = waiting.pop(); value !== undefined && texts.length < mostTexts; value = waiting.pop()) {
    if (typeof value === 'string' && value.includes('{{')) texts.push(value)
    if (value instanceof GoMap) waiting.push(...value.entries.values())
    if (value instanceof GoSlice) waiting.push(...value.items)
  }
  return texts
}
