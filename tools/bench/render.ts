import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadChart, type Chart } from '@ropeway/helm'
import { z } from 'zod'
import { root } from '../workspace/rooms.mjs'
import { measure, median, table } from './measure.ts'
import { peersBin } from '../../e2e/src/harness/paths.ts'

/**
 * How many times longer the process of `helm template` has to take, in the median; what the largest chart may take warm, in milliseconds; and
 * how many times longer `ropeway render` may take as a process, in the median of the charts that helm is quickest and slowest with.
 */
export const limits = { warm: 15, load: 3, largest: 100, small: 2, large: 1 }

const Cases = z.array(z.looseObject({ chart: z.string(), exit: z.number(), kind: z.string() }))

interface Timed {
  readonly chart: string
  readonly helm: number
  readonly warm: number
  readonly load: number
  /** The process of `ropeway render`. */
  readonly process: number
}

function corpus(): string {
  return process.env['ROPEWAY_CORPUS'] ?? join(root, '..', 'shared', 'corpus')
}

/** Charts of the corpus that render with their defaults. */
async function chartsOf(folder: string): Promise<string[]> {
  const cases = Cases.parse(JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')))
  return [...new Set(cases.filter(({ exit, kind }) => exit === 0 && kind === 'default').map(({ chart }) => chart))]
}

function time(work: () => unknown): number {
  const began = performance.now()
  work()
  return performance.now() - began
}

/** The fastest of several: others on the machine only ever make it slower. */
function best(rounds: number, work: () => unknown): number {
  return Math.min(...Array.from({ length: rounds }, () => time(work)))
}

async function timeChart(folder: string, file: string, rounds: number): Promise<Timed> {
  const path = join(folder, file)
  const bytes = await readFile(path)
  let clock = 0
  // with a seed keys are made once: making them takes helm as long as us; another clock, or what templates made would be remembered
  const print = (chart: Chart): string => chart.render({ seed: 'bench', now: () => (clock += 1000) }).text()
  const chart = await loadChart(bytes, file)
  for (let round = 0; round < 3; round++) print(chart)
  const helm: number[] = []
  const load: number[] = []
  const warm: number[] = []
  const own: number[] = []
  const ropeway = join(root, 'packages', 'cli', 'bin', 'run.js')
  for (let round = 0; round < rounds; round++) {
    helm.push((await measure({ command: join(peersBin, 'helm'), args: ['template', 'x', path] })).milliseconds)
    own.push((await measure({ command: process.execPath, args: [ropeway, 'render', 'x', path] })).milliseconds)
    warm.push(best(3, () => print(chart)))
    const began = performance.now()
    print(await loadChart(bytes, file))
    load.push(performance.now() - began)
  }
  return {
    chart: file,
    ...{ helm: Math.min(...helm), warm: Math.min(...warm) },
    load: Math.min(...load),
    process: Math.min(...own),
  }
}

/** Compares rendering with `helm template` over the corpus and prints medians. True when all are within the limits. */
export async function benchRender(rounds: number): Promise<boolean> {
  const folder = corpus()
  if (!existsSync(join(folder, 'cases.json'))) {
    console.log(`no corpus at ROPEWAY_CORPUS or ../shared/corpus: rendering is not measured`)
    return true
  }
  const timed: Timed[] = []
  const skipped: string[] = []
  for (const file of await chartsOf(folder)) {
    // a schema may refer to an address, which helm then fetches
    const one = await timeChart(folder, file, rounds).catch(() => undefined)
    if (one === undefined) skipped.push(file)
    else timed.push(one)
  }
  const ratio = (pick: (one: Timed) => number): number => median(timed.map((one) => one.helm / pick(one)))
  const [warm, load] = [ratio((one) => one.warm), ratio((one) => one.load)]
  const byHelm = timed.toSorted((a, b) => a.helm - b.helm)
  const third = Math.ceil(byHelm.length / 3)
  const asProcess = (some: readonly Timed[]): number => median(some.map((one) => one.process / one.helm))
  const [small, large] = [asProcess(byHelm.slice(0, third)), asProcess(byHelm.slice(-third))]
  const largest = timed.toSorted((a, b) => b.warm - a.warm)
  const slowest = largest[0]?.warm ?? 0
  const rows = [
    [`render, ${String(timed.length)} charts`, 'measured', 'limit'],
    ['helm / warm render, median', warm.toFixed(1), `≥ ${String(limits.warm)}`],
    ['helm / load and render, median', load.toFixed(1), `≥ ${String(limits.load)}`],
    ['ropeway render / helm as processes, small third', small.toFixed(2), `≤ ${String(limits.small)}`],
    ['ropeway render / helm as processes, large third', large.toFixed(2), `≤ ${String(limits.large)}`],
    ['slowest warm render', `${slowest.toFixed(0)} ms`, `≤ ${String(limits.largest)} ms`],
  ]
  console.log(table(rows))
  if (skipped.length > 0) console.log(`  left out, for helm does not render them here: ${skipped.join(', ')}`)
  const shown = largest
    .slice(0, 5)
    .map((one) => [one.chart, ...[one.helm, one.process, one.load, one.warm].map((ms) => `${ms.toFixed(0)} ms`)])
  console.log(table([['slowest charts', 'helm', 'ropeway', 'load and render', 'warm'], ...shown]))
  const library = warm >= limits.warm && load >= limits.load && slowest <= limits.largest
  return library && small <= limits.small && large <= limits.large
}
