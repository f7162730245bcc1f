import { GoMap, mapType } from '@ropeway/gotemplate'
import { readYamlMap } from '../yaml/from-yaml.js'
import { HelmError } from '../helm-error.js'
import { mergeMaps } from './coalesce.js'

/** Reads a values file: all its documents, merged in their order. Throws `HelmError`. */
export function readValues(text: string): GoMap {
  let values = new GoMap(mapType, new Map())
  for (const { start, end } of documentRanges(text)) {
    try {
      values = mergeMaps(values, readYamlMap(text.slice(start, end)))
    } catch (error) {
      throw new HelmError(`cannot unmarshal yaml document: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return values
}

/** A part of a text: offsets of its first character and behind its last. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** A line of `---` and blanks parts documents; the first such line of an empty document belongs to it. */
export function documentRanges(text: string): TextRange[] {
  if (!text.includes('---')) return [{ start: 0, end: text.length }]
  const documents: TextRange[] = []
  let start = 0
  let at = 0
  for (const line of text.split(/(?<=\n)/)) {
    if (line.startsWith('---') && line.slice(3).trim() === '' && at > start) {
      documents.push({ start, end: at })
      start = at + line.length
    }
    at += line.length
  }
  if (at > start) documents.push({ start, end: at })
  return documents
}
