import type { Json } from '@ropeway/core'
import { GoMap, fromBytes, toBytes, type Value } from '@ropeway/gotemplate'
import { editValues, type ChartFile, type LoadedChart, type ValuesEdit } from '@ropeway/helm'
import { valueAt } from './changes.js'
import type { Turns } from './knobs.js'
import { withFiles, type ChartTree } from './tree.js'
import { changedFiles, changedValues } from './workspace.js'

/** The files of the chart with turns made for good, in its values.yaml and in its templates, and with other files of the tree changed. */
export function embedTurns(
  files: readonly ChartFile[],
  { loaded, tree, overlay }: { readonly loaded: LoadedChart; readonly tree: ChartTree; readonly overlay: GoMap },
  turns: Turns,
  changed: ReadonlyMap<string, string> = new Map(),
): ChartFile[] {
  const patched = withFiles(files, tree, new Map([...changedFiles(turns), ...changed]))
  const edits = valueEdits(turns, loaded.values, overlay)
  if (edits.length === 0) return patched
  const old = patched.find(({ path }) => path === 'values.yaml')
  const bytes = toBytes(editValues(old === undefined ? '' : fromBytes(old.bytes), edits))
  if (old === undefined) return [...patched, { path: 'values.yaml', bytes }]
  return patched.map((file) => (file === old ? { path: file.path, bytes } : file))
}

/** Edits of the chart's own values: an item of a list that is not in them takes its list along. */
function valueEdits(turns: Turns, own: GoMap, overlay: GoMap): ValuesEdit[] {
  const edits = new Map<string, ValuesEdit>()
  for (const { path, value } of changedValues(turns)) {
    const index = path.findIndex((step) => typeof step === 'number')
    const whole = index >= 0 && valueAt(own, path) === undefined
    const edit = whole
      ? { path: path.slice(0, index), value: plain(valueAt(overlay, path.slice(0, index))) }
      : { path, value }
    edits.set(JSON.stringify(edit.path), edit)
  }
  return [...edits.values()]
}

function plain(value: Value | undefined): Json {
  if (value instanceof GoMap) return Object.fromEntries([...value.entries].map(([key, item]) => [key, plain(item)]))
  if (typeof value === 'object' && value !== null && 'items' in value) return value.items.map(plain)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
