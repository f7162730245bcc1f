import { isValueList, isValueMap, type Value, type ValueMap } from '../construct.js'
import { containerLists } from '../find-images.js'
import { imageText } from '../image-text.js'
import type { Path } from '../path.js'
import { scanArguments } from './arguments.js'
import { documentsIn } from './documents.js'
import { judge } from './judge.js'
import { meaningOf } from './keys.js'
import { pairsOf, partsOf, type NamedText } from './parts.js'
import { recognise } from './recognise.js'
import { embedded, type Sink, type Walk } from './sink.js'
import { scanText } from './text.js'

/** Documents within texts of documents within texts. */
const deepest = 4

/**
 * Finds references in a value and all below it: pod specs by their structure, variables and arguments of programs, maps that
 * hold the parts of a reference, and texts, which may be documents themselves. `name` is the key that the value goes by.
 */
export function walkValue(value: Value, path: Path, name: string, walk: Walk): void {
  if (walk.sink.consumed(path)) return
  if (typeof value === 'string') return walkText(value, path, name, walk)
  if (isValueList(value)) return walkList(value, path, name, walk)
  if (!isValueMap(value)) return
  if (walk.depth > 0 && value['kind'] === 'CustomResourceDefinition') return
  podSpecs(value, path, walk.sink)
  const parts = partsOf(value, name)
  if (parts !== undefined) {
    walk.sink.found(path, { place: 'split', ...parts })
    if (parts.parts.image === undefined) nameAlone(parts.reference, parts.parts.repository, path, value, walk.sink)
    for (const part of Object.values(parts.parts)) walk.sink.consume([...path, ...part])
  }
  for (const [key, item] of Object.entries(value)) {
    const inner = key === 'annotations' && isValueMap(item) ? { ...walk, place: 'annotation' } : walk
    walkValue(item, [...path, key], key, inner)
  }
}

/** The name of an image whose tag stands beside it is a reference in its own right, for those who look for such texts. */
export function nameAlone(reference: string, part: Path | undefined, path: Path, map: ValueMap, sink: Sink): void {
  const text = part === undefined ? undefined : map[String(part[0])]
  const found = typeof text === 'string' ? recognise(text) : undefined
  if (part === undefined || found?.hosted !== true || !found.deep || found.pinned) return
  const reason = `it is the name alone of ${reference}, whose tag stands beside it`
  sink.found([...path, ...part], {
    place: 'split',
    reference: found.reference,
    class: 'suspected',
    reason,
    partOf: reference,
  })
}

function walkList(list: readonly Value[], path: Path, name: string, walk: Walk): void {
  const pairs = namedTexts(list)
  if (pairs.length > 0) walkPairs(pairs, path, /env|vars/i.test(name) ? { ...walk, place: 'env' } : walk)
  if (list.some((item) => typeof item === 'string')) {
    if (/^(?:command|args|arguments)$|args$/i.test(name)) scanArguments(list, path, walk)
  }
  for (const [index, item] of list.entries()) walkValue(item, [...path, index], name, walk)
}

/** Lists of variables: maps with a name and a value. */
function namedTexts(list: readonly Value[]): NamedText[] {
  return list.flatMap((item, index) => {
    if (!isValueMap(item)) return []
    const { name, value } = item
    return typeof name === 'string' && typeof value === 'string' ? [{ name, text: value, path: [index, 'value'] }] : []
  })
}

/** Variables, each under its own name, and pairs of them. */
export function walkPairs(texts: readonly NamedText[], path: Path, walk: Walk): void {
  for (const { parts, ...joined } of pairsOf(texts)) {
    walk.sink.found(path, { place: walk.place, ...joined, parts })
    if (parts.repository !== undefined) walk.sink.consume([...path, ...parts.repository])
  }
  for (const { name, text, path: own } of texts) {
    const at = [...path, ...own]
    if (walk.sink.consumed(at)) continue
    walkText(text, at, name, walk)
    walk.sink.consume(at)
  }
}

/** The image fields of the pod specs that a map holds. */
function podSpecs(map: ValueMap, path: Path, sink: Sink): void {
  for (const key of containerLists) {
    for (const [index, item] of entriesOf(map[key])) {
      if (isValueMap(item) && 'name' in item && 'image' in item) {
        certain(item['image'], [...path, key, index, 'image'], 'container', sink)
      }
    }
  }
  for (const [index, item] of entriesOf(map['volumes'])) {
    if (!isValueMap(item) || item['name'] === undefined || !isValueMap(item['image'])) continue
    certain(item['image']['reference'], [...path, 'volumes', index, 'image', 'reference'], 'volume', sink)
  }
}

/** A place that can hold nothing but a reference. */
export function certain(value: Value | undefined, path: Path, place: string, sink: Sink): void {
  if (sink.consumed(path)) return
  sink.consume(path)
  const text = imageText(value)
  if ('reference' in text) sink.found(path, { place, reference: text.reference, class: 'used' })
  else sink.unresolved(path, place, value, text.reason)
}

function entriesOf(value: Value | undefined): Iterable<readonly [number, Value]> {
  return isValueList(value) ? value.entries() : []
}

/** A text: a reference, a document, or other text that may hold some. */
export function walkText(text: string, path: Path, name: string, walk: Walk): void {
  if (text.length < 3 || !/[/:@]/.test(text)) return
  const { sink, place } = walk
  if (!/\s/.test(text)) {
    const found = recognise(text)
    const judgement = found && judge(found, name)
    if (found !== undefined && judgement !== undefined) {
      const range = found.start === 0 ? undefined : ([found.start, text.length] as const)
      return sink.found(path, { place, reference: found.reference, ...judgement, range })
    }
  }
  if (walk.depth < deepest && mayHold(text)) {
    const documents = documentsIn(text, name)
    if (documents.length > 0) {
      const inner = { ...walk, sink: embedded(sink, path, text), depth: walk.depth + 1 }
      for (const document of documents) walkValue(document, [], meaningOf(name) === 'image' ? name : '', inner)
      return
    }
  }
  scanText(text, name, path, place, sink)
}

/** A cheap look at whether reading a text as a document may find anything. */
function mayHold(text: string): boolean {
  return /[\n{[]/.test(text) && /image|repositor|registry|[a-z0-9]\/[a-z0-9]/i.test(text)
}
