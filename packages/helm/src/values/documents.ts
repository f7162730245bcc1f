import { GoMap, mapType } from '@ropeway/gotemplate'
import { readYamlMap } from '../yaml/from-yaml.js'
import { HelmError } from '../helm-error.js'
import { mergeMaps } from './coalesce.js'

/** Reads a values file: all its documents, merged in their order. Throws `HelmError`. */
export function readValues(text: string): GoMap {
  let values = new GoMap(mapType, new Map())
  for (const document of documentsOf(text)) {
    try {
      values = mergeMaps(values, readYamlMap(document))
    } catch (error) {
      throw new HelmError(`cannot unmarshal yaml document: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return values
}

/** A line of `---` and blanks parts documents; the first such line of an empty document belongs to it. */
function documentsOf(text: string): string[] {
  if (!text.includes('---')) return [text]
  const documents: string[] = []
  let current = ''
  for (const line of text.split(/(?<=\n)/)) {
    if (line.startsWith('---') && line.slice(3).trim() === '' && current !== '') {
      documents.push(current)
      current = ''
    } else current += line
  }
  if (current !== '') documents.push(current)
  return documents
}
