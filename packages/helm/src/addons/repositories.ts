import { mapAt, textAt, type Tree, type TreeMap } from './tree.js'

/** Repositories that a file gives names to: helmfile's `repositories`, Flux's `HelmRepository` objects. Name → address. */
export function namedRepositories(trees: readonly Tree[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const tree of trees) {
    if (tree.type !== 'map') continue
    collect(tree, found)
    const listed = tree.entries.get('repositories')
    if (listed?.type === 'list') for (const item of listed.items) if (item.type === 'map') add(item, item, found)
  }
  return found
}

function collect(map: TreeMap, found: Map<string, string>): void {
  const metadata = mapAt(map, 'metadata')
  const spec = mapAt(map, 'spec')
  if (textAt(map, 'kind') !== 'HelmRepository' || metadata === undefined || spec === undefined) return
  add(metadata, spec, found)
}

function add(named: TreeMap, addressed: TreeMap, found: Map<string, string>): void {
  const name = textAt(named, 'name')
  const url = textAt(addressed, 'url')
  if (name === undefined || url === undefined) return
  const bare = textAt(addressed, 'oci') === 'true' && !url.includes('://')
  found.set(name, bare ? `oci://${url}` : url)
}
