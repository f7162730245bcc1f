import { GoMap, type Value } from '@ropeway/gotemplate'
import { decodeMerge, decodeNode, isMerge, keyText } from '../yaml/decode.js'
import type { AliasNode, MappingNode, SequenceNode, YamlNode } from '../yaml/node.js'
import { indexOf, withValue, type ValuesPath } from './path.js'

/** A node with what it stands in. */
export interface Place {
  readonly node: YamlNode
  /** The key before it, when it is the value of a map. */
  readonly key: YamlNode | undefined
  /** Whether it stands between brackets. */
  readonly flow: boolean
  /** Offset of its key or of the dash before it; undefined for the root. */
  readonly entry: number | undefined
}

/** What an edit comes down to in the text: a node gets another value, a map another key, a list another item. */
export type Target = {
  readonly place: Place
  readonly value: Value
  /** All nodes from the root to where the edit takes place. */
  readonly nodes: readonly YamlNode[]
} & (
  | { readonly type: 'replace' }
  | { readonly type: 'key'; readonly map: MappingNode; readonly key: string }
  | { readonly type: 'item'; readonly list: SequenceNode }
)

/** Finds what has to change so that the value at the path becomes another one. Throws `VALUES_PATH_INVALID`. */
export function findTarget(root: YamlNode, text: string, path: ValuesPath, value: Value): Target {
  const nodes: YamlNode[] = []
  let place: Place = { node: root, key: undefined, flow: false, entry: undefined }
  for (const [at, step] of path.entries()) {
    const { node } = place
    nodes.push(node)
    const rest = path.slice(at + 1)
    if (node.kind === 'mapping') {
      const key = String(step)
      const found = findPair(node, key)
      if (found instanceof Array)
        place = { ...below(place, text), node: found[1], key: found[0], entry: found[0].start }
      else
        return {
          type: 'key',
          map: node,
          key,
          place,
          nodes,
          value: withValue(found, rest, value, path.slice(0, at + 1)),
        }
    } else {
      const item = node.kind === 'sequence' ? node.items[indexOf(step) ?? -1] : undefined
      // an alias is replaced by a copy, since what it names belongs to others too
      const changed = item === undefined ? withValue(decodeNode(node), path.slice(at), value, path.slice(0, at)) : null
      if (node.kind !== 'sequence') return { type: 'replace', place, nodes, value: changed }
      if (item === undefined) return { type: 'item', list: node, place, nodes, value: withValue(null, rest, value) }
      place = { ...below(place, text), node: item, key: undefined, entry: dashBefore(text, item.start) }
    }
  }
  return { type: 'replace', place, nodes: [...nodes, place.node], value }
}

function below({ node, flow }: Place, text: string): Pick<Place, 'flow'> {
  return { flow: flow || isFlow(node, text) }
}

/** Whether a collection is written with brackets. */
export function isFlow(node: YamlNode, text: string): boolean {
  return (node.kind === 'mapping' || node.kind === 'sequence') && /[{[]/.test(text.charAt(node.content))
}

function dashBefore(text: string, at: number): number {
  return text.lastIndexOf('-', at - 1)
}

/** The key and value nodes of what counts in a map, or the value that a merge key brings. */
function findPair({ items }: MappingNode, key: string): readonly [YamlNode, YamlNode] | Value | undefined {
  let found: readonly [YamlNode, YamlNode] | Value | undefined
  for (let at = 0; at < items.length; at += 2) {
    const [name, value] = [items[at], items[at + 1]]
    if (name === undefined || value === undefined) break
    if (isMerge(name)) {
      const merged = decodeMerge(value).entries.get(key)
      if (merged !== undefined) found = merged
    } else if (keyText(name) === key) found = [name, value]
  }
  return found
}

/** The aliases of a document by what they stand for, in their order. */
export function aliasesOf(root: YamlNode): Map<YamlNode, AliasNode[]> {
  const found = new Map<YamlNode, AliasNode[]>()
  const visit = (node: YamlNode): void => {
    if (node.kind === 'alias') found.set(node.target, [...(found.get(node.target) ?? []), node])
    else if (node.kind !== 'scalar') node.items.forEach(visit)
  }
  visit(root)
  return found
}

/** Whether nothing stands there that could be added to: null, or an empty map. */
export function isNothing(node: YamlNode): boolean {
  const value = decodeNode(node)
  return value === null || (value instanceof GoMap && value.entries.size === 0)
}
