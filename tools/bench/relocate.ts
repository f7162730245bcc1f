import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chartFiles, loadChart } from '@ropeway/helm'
import { discoverChart, relocateChart, type Discovery } from '@ropeway/images'
import { root } from '../workspace/rooms.mjs'
import { anyImage } from './any-image.ts'
import { measure, median, table } from './measure.ts'

/** Processor seconds that discovery and relocation with proof may take: of the median chart, of the largest; and a chain of charts by the clock. */
const limits = { median: 2, largest: 20, chain: 120 }
const chainLength = 100
const MB = 1_000_000

/** What one chart took, in seconds of the processor. */
interface Timed {
  readonly file: string
  /** Its name and version. */
  readonly chart: string
  readonly discover: number
  readonly relocate: number
  readonly proved: boolean
  readonly references: readonly string[]
}

function corpusCharts(): string {
  return join(process.env['ROPEWAY_CORPUS'] ?? join(root, '..', 'shared', 'corpus'), 'charts')
}

function processor(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function timeChart(folder: string, file: string): Promise<Timed> {
  const bytes = await readFile(join(folder, file))
  const files: { readonly path: string; readonly bytes: Uint8Array }[] = []
  for await (const each of chartFiles(bytes, file)) files.push(each)
  const began = processor()
  const chart = await loadChart(files, file)
  const discovery = discoverChart(chart, {})
  const found = processor()
  const carried = new Set(carriedOf(discovery))
  const { proof } = await relocateChart(files, {
    ...{ settings: {}, mode: 'embed', discovery },
    destination: (reference) => (carried.has(reference) ? `registry.example/mirror/${pathOf(reference)}` : undefined),
  })
  const references = carriedOf(discovery, 'used')
  const times = { discover: found - began, relocate: processor() - found }
  return { file, chart: `${chart.metadata.name} ${chart.metadata.version}`, ...times, proved: proof.proved, references }
}

function carriedOf({ images }: Discovery, only?: 'used'): string[] {
  return images
    .filter((image) => (only === undefined ? image.class !== 'suspected' : image.class === only))
    .map(({ reference }) => reference)
}

/** A reference without its registry. */
function pathOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/')
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest.join('/') : reference
}

/**
 * Discovers and relocates every chart archive of a folder, one by one in this process, then `length` of them as one chain with the built CLI:
 * all but delivery, with images that a small server makes up. Prints seconds of the processor; false when a limit is passed.
 */
export async function benchRelocate(folder = corpusCharts(), length = chainLength): Promise<boolean> {
  if (!existsSync(folder)) {
    console.log(`no charts at ${folder}: relocation is not measured`)
    return true
  }
  const archives = (await readdir(folder)).filter((file) => file.endsWith('.tgz')).sort()
  const timed: Timed[] = []
  const skipped: string[] = []
  for (const file of archives) {
    const one = await timeChart(folder, file).catch(() => undefined)
    if (one === undefined) skipped.push(file)
    else timed.push(one)
  }
  const whole = ({ discover, relocate }: Timed): number => discover + relocate
  const largest = timed.toSorted((a, b) => whole(b) - whole(a))
  const [middle, most] = [median(timed.map(whole)), Math.max(0, ...timed.map(whole))]
  const seconds = (value: number): string => `${value.toFixed(2)} s`
  console.log(
    table([
      [`discover and relocate, ${String(timed.length)} charts`, 'processor', 'limit'],
      ['median', seconds(middle), `≤ ${String(limits.median)} s`],
      ['largest', seconds(most), `≤ ${String(limits.largest)} s`],
      ['together', seconds(timed.reduce((sum, one) => sum + whole(one), 0)), ''],
      ['peak memory', `${((process.resourceUsage().maxRSS * 1024) / MB).toFixed(0)} MB`, ''],
    ]),
  )
  const rows = largest
    .slice(0, 5)
    .map((one) => [one.file, ...[one.discover, one.relocate].map(seconds), one.proved ? 'yes' : 'no'])
  console.log(table([['largest charts', 'discover', 'relocate', 'proved'], ...rows]))
  if (skipped.length > 0) console.log(`  left out, for they do not render by themselves: ${skipped.join(', ')}`)
  // the server has no image of a given digest, and one place holds one chart
  const free = [...new Map(timed.map((one) => [one.chart, one])).values()].filter(({ references }) =>
    references.every((reference) => !reference.includes('@')),
  )
  const chain = await benchChain(folder, free.slice(0, length))
  return middle <= limits.median && most <= limits.largest && chain <= limits.chain
}

/** Seconds that the charts take as one chain, by the clock. */
async function benchChain(folder: string, charts: readonly Timed[]): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'ropeway-bench-'))
  const server = await anyImage()
  try {
    const hosts = new Set(charts.flatMap(({ references }) => references.map(hostOf)))
    const chain = {
      name: 'bench',
      sources: [{ helm: { charts: charts.map(({ file }) => join(folder, file)), dependencies: 'exclude' } }],
      discover: { confirm: false, referrers: false },
      transforms: [{ rewrite: { registry: 'registry.example', prefix: 'mirror' } }],
      mirrors: Object.fromEntries([...hosts].map((host) => [host, server.host])),
      onError: 'continue',
      allowUnproved: true,
    }
    await writeFile(join(home, 'ropeway.json'), JSON.stringify(chain))
    const cli = join(root, 'packages', 'cli', 'bin', 'run.js')
    const measured = await measure({
      command: process.execPath,
      args: [cli, 'run', 'ropeway.json', '--scan-only', '-o', 'charts', '--quiet'],
      cwd: home,
      env: { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), XDG_DATA_HOME: join(home, 'data'), NO_COLOR: '1' },
    })
    const written = existsSync(join(home, 'charts')) ? (await readdir(join(home, 'charts'))).length : 0
    const time = measured.milliseconds / 1000
    console.log(
      table([
        [`a chain of ${String(charts.length)} charts`, 'time', 'processor', 'peak memory', 'written', 'limit'],
        [
          '  run --scan-only',
          `${time.toFixed(1)} s`,
          `${measured.processor.toFixed(1)} s`,
          `${(measured.peak / MB).toFixed(0)} MB`,
          String(written),
          `≤ ${String(limits.chain)} s`,
        ],
      ]),
    )
    return time
  } finally {
    await server.close()
    await rm(home, { recursive: true, force: true })
  }
}

function hostOf(reference: string): string {
  const [first = ''] = reference.split('/')
  return reference.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'docker.io'
}
