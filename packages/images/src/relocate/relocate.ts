import { makeMap } from '@ropeway/gotemplate'
import { emitYaml, loadChart, mergeMaps, type ChartFile } from '@ropeway/helm'
import type { RelocateOptions, Relocation } from '../chart/types.js'
import { embedTurns } from './embed.js'
import { pieceOf } from './knobs.js'
import { compareSetup, type Finding } from './prove.js'
import { mendLock, movedMetadata } from './metadata.js'
import { namesOf } from './names.js'
import { makeReport } from './report.js'
import { chooseSetups } from './setups.js'
import type { Task } from './assess.js'
import { solveTasks, usedKnobs } from './solve.js'
import { findSites, findSpots } from './spots.js'
import { openTree } from './tree.js'
import { makeWorkspace, overlayOf } from './workspace.js'

/**
 * Moves the references of a chart to their destinations and proves it: by values where the chart has some for them, in embed
 * mode by patches of its templates where it has none. What cannot be moved or proved is in the proof, nothing is thrown for it.
 * Throws `HelmError` when the chart cannot be loaded or rendered as it is.
 */
export async function relocateChart(files: readonly ChartFile[], options: RelocateOptions): Promise<Relocation> {
  const { mode } = options
  const tree = await openTree(files)
  const original = await loadChart(files)
  const loaded = (await loadChart(tree.files)).loaded
  const moves = movesOf(options)
  const names = namesOf(moves, options)
  const find = findSites
  const tasks = chooseSetups(original, options, find).map(({ setup, base }): Task => {
    return { setup, base, moves, names, spots: findSpots(base, find(base), moves) }
  })
  // the values that lists are taken from: those of the given settings before those of switches
  const base = tasks.reduceRight((values, task) => mergeMaps(values, task.base.values), makeMap())
  const workspace = makeWorkspace(loaded, tree, mode, base)
  const turns = solveTasks(tasks, workspace)
  const overlay = overlayOf(turns, base)
  const moved =
    mode === 'embed'
      ? embedTurns(files, { loaded, tree, overlay }, turns, await movedMetadata(tree, moves, options.repository))
      : [...files]
  const relocated = mode === 'embed' ? await loadChart(moved) : original
  const relocatedFiles = mendLock(
    { files, metadata: original.metadata },
    { files: moved, metadata: relocated.metadata },
  )
  const pieces = [...turns.values()]
    .filter(({ knob }) => knob.flag !== true)
    .map(({ knob, text }) => [pieceOf(knob), text] as const)
  const charts = { original, relocated, pieces, find, overrides: mode === 'overlay' ? overlay : undefined }
  const findings: Finding[] = tasks.map((task) => compareSetup(charts, task))
  const proof = makeReport({
    options,
    metadata: original.metadata,
    ...{ moves, names, findings, turns },
    used: usedKnobs(workspace, tasks, turns),
  })
  const text = overlay.entries.size === 0 ? '{}\n' : `${emitYaml(overlay)}\n`
  return { files: relocatedFiles, changed: relocatedFiles.some((file, at) => file !== files[at]), overlay: text, proof }
}

/** Where references go: all that are carried. */
export function movesOf({
  discovery,
  destination,
  excluded,
}: Pick<RelocateOptions, 'discovery' | 'destination' | 'excluded'>): Map<string, string> {
  const moves = new Map<string, string>()
  for (const { reference } of discovery.images) {
    if (excluded?.(reference) === true) continue
    const to = destination(reference)
    if (to !== undefined) moves.set(reference, to)
  }
  return moves
}
