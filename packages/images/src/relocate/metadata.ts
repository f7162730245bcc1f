import { fromBytes, toBytes } from '@ropeway/gotemplate'
import { isInSync, loadChart, lockDigest, readChartLock, type Chart, type ChartFile } from '@ropeway/helm'
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml'
import type { RelocateOptions } from '../chart/types.js'
import { findTokens, replaceTokens } from './tokens.js'
import type { ChartTree } from './tree.js'

const definitions = new Set(['Chart.yaml', 'requirements.yaml', 'Chart.lock', 'requirements.lock'])
const imageAnnotations = new Set(['artifacthub.io/images', 'images', 'helm.sh/images'])

interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * What changes where a chart and those below it say where other things are, by the paths of the files in the tree: repositories of dependencies,
 * also in locks, and the images that annotations list. Everything else in them stays as it is written.
 */
export async function movedMetadata(
  tree: ChartTree,
  moves: ReadonlyMap<string, string>,
  repository: RelocateOptions['repository'],
): Promise<Map<string, string>> {
  const changed = new Map<string, string>()
  for (const { path, bytes } of tree.files) {
    const [, name = ''] = /^(?:charts\/[^/]+\/)*([^/]+)$/.exec(path) ?? []
    if (!definitions.has(name)) continue
    const text = fromBytes(bytes)
    const moved = moveText(text, moves, repository)
    if (moved !== text) changed.set(path, moved)
  }
  for (const path of [...changed.keys()].filter((each) => each.endsWith('.lock') && each.includes('/'))) {
    changed.set(path, await mendedBelow(tree, path, changed))
  }
  return changed
}

/** The lock of a subchart, in step with its changed definition. */
async function mendedBelow(tree: ChartTree, path: string, changed: ReadonlyMap<string, string>): Promise<string> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const files = tree.files
    .filter((file) => file.path.startsWith(folder))
    .map(({ path: inside, bytes }) => ({ path: inside.slice(folder.length), bytes }))
  const after = files.map((file) => {
    const text = changed.get(folder + file.path)
    return text === undefined ? file : { path: file.path, bytes: toBytes(text) }
  })
  const metadata = async (of: readonly ChartFile[]) => ({ files: of, metadata: (await loadChart(of)).metadata })
  const mended = mendLock(await metadata(files), await metadata(after))
  return fromBytes(mended.find((file) => folder + file.path === path)?.bytes ?? new Uint8Array())
}

/**
 * The files with the digest by which Helm tells that a lock fits, taken anew: a lock that was made for its Chart.yaml stays so. A lock
 * that cannot be read, or did not fit before, is left.
 */
export function mendLock(
  before: { readonly files: readonly ChartFile[]; readonly metadata: Chart['metadata'] },
  after: { readonly files: readonly ChartFile[]; readonly metadata: Chart['metadata'] },
): readonly ChartFile[] {
  const [old, now] = [before, after].map(({ files, metadata }) => lockOf(files, metadata))
  if (old === undefined || now === undefined || !isInSync(old, before.metadata.dependencies ?? [])) return after.files
  const digest = lockDigest(after.metadata.dependencies ?? [], now.dependencies)
  if (digest === now.digest) return after.files
  return after.files.map((file) => {
    if (file.path !== 'Chart.lock' && file.path !== 'requirements.lock') return file
    return { path: file.path, bytes: toBytes(fromBytes(file.bytes).replace(now.digest, digest)) }
  })
}

function lockOf(files: readonly ChartFile[], metadata: Chart['metadata']): ReturnType<typeof readChartLock> {
  try {
    return readChartLock(files, metadata, metadata.name)
  } catch {
    return undefined
  }
}

function moveText(text: string, moves: ReadonlyMap<string, string>, repository: RelocateOptions['repository']): string {
  const root = parseDocument(text, { strict: false, uniqueKeys: false, logLevel: 'silent' }).contents
  if (!isMap(root)) return text
  const splices = [...repositories(root, text, repository), ...annotations(root, text, moves)]
  let out = text
  for (const { start, end, text: piece } of splices.sort((a, b) => b.start - a.start)) {
    out = out.slice(0, start) + piece + out.slice(end)
  }
  return out
}

const isAddress = (text: string): boolean => /^(?:https?|oci):\/\//i.test(text)

function repositories(root: YAMLMap, text: string, repository: RelocateOptions['repository']): Splice[] {
  const list = root.get('dependencies')
  if (repository === undefined || !isSeq(list)) return []
  return list.items.flatMap((item) => {
    const node = isMap(item) ? item.get('repository', true) : undefined
    if (!isScalar(node) || typeof node.value !== 'string') return []
    const moved = isAddress(node.value) ? repository : undefined
    const [start = 0, end = 0] = node.range ?? []
    if (moved === undefined || moved === node.value) return []
    return [{ start, end, text: text.slice(start, end).replace(node.value, () => moved) }]
  })
}

function annotations(root: YAMLMap, text: string, moves: ReadonlyMap<string, string>): Splice[] {
  const map = root.get('annotations')
  if (!isMap(map)) return []
  return map.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || !imageAnnotations.has(String(key.value)) || !isScalar(value)) return []
    const [start = 0, end = 0] = value.range ?? []
    const written = text.slice(start, end)
    const tokens = findTokens(written, [...moves.keys()])
    const moved = replaceTokens(written, tokens, (reference) => moves.get(reference) ?? reference)
    return moved === written ? [] : [{ start, end, text: moved }]
  })
}
