import { GoMap, fromBytes, toBytes, type Value } from '@ropeway/gotemplate'
import type { ChartFile, LoadedChart } from '@ropeway/helm'
import { parseDocument } from 'yaml'
import type { Path } from '../path.js'
import { valueAt } from './changes.js'
import type { Turns } from './knobs.js'
import { withFiles, type ChartTree } from './tree.js'
import { changedFiles, changedValues } from './workspace.js'

/** The files of the chart with turns made for good: in its values.yaml, and in its templates. */
export function embedTurns(
  files: readonly ChartFile[],
  { loaded, tree, overlay }: { readonly loaded: LoadedChart; readonly tree: ChartTree; readonly overlay: GoMap },
  turns: Turns,
): ChartFile[] {
  const patched = withFiles(files, tree, changedFiles(turns))
  const edits = valueEdits(turns, loaded.values, overlay)
  if (edits.length === 0) return patched
  const old = patched.find(({ path }) => path === 'values.yaml')
  const bytes = toBytes(editText(old === undefined ? '' : fromBytes(old.bytes), edits))
  if (old === undefined) return [...patched, { path: 'values.yaml', bytes }]
  return patched.map((file) => (file === old ? { path: file.path, bytes } : file))
}

interface Edit {
  readonly path: Path
  readonly value: unknown
}

/** Edits of the chart's own values: an item of a list that is not in them takes its list along. */
function valueEdits(turns: Turns, own: GoMap, overlay: GoMap): Edit[] {
  const edits = new Map<string, Edit>()
  for (const { path, text } of changedValues(turns)) {
    const index = path.findIndex((step) => typeof step === 'number')
    const whole = index >= 0 && valueAt(own, path) === undefined
    const edit = whole
      ? { path: path.slice(0, index), value: plain(valueAt(overlay, path.slice(0, index))) }
      : { path, value: text }
    edits.set(JSON.stringify(edit.path), edit)
  }
  return [...edits.values()]
}

function plain(value: Value | undefined): unknown {
  if (value instanceof GoMap) return Object.fromEntries([...value.entries].map(([key, item]) => [key, plain(item)]))
  if (typeof value === 'object' && value !== null && 'items' in value) return value.items.map(plain)
  return value
}

function editText(text: string, edits: readonly Edit[]): string {
  const document = parseDocument(text, { version: '1.1', keepSourceTokens: true })
  for (const { path, value } of edits) document.setIn(path, value)
  return document.toString({ lineWidth: 0 })
}
