import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { soak } from './harness/paths.ts'
import { peer, ropeway } from './harness/process.ts'

/** Real charts, judged by the real helm and by the comparison below, which shares nothing with the proof's. */
const corpus = process.env['ROPEWAY_CORPUS'] ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url))
const present = existsSync(join(corpus, 'cases.json'))
if (!present)
  process.stderr.write('no corpus at ROPEWAY_CORPUS or ../shared/corpus: relocation of real charts is left out\n')

const registry = 'harbor.example:5000/mirror'
/** Of the charts, every so many are judged; all of them with ROPEWAY_SOAK. */
const every = soak ? 1 : 12

interface Case {
  readonly kind: string
  readonly exit: number
  readonly chart: string
  readonly args: readonly string[]
}
interface Reference {
  readonly before: string
  readonly after: string
  readonly how: string
}
interface Proof {
  readonly proved: boolean
  readonly references: readonly Reference[]
  readonly computed: readonly { readonly before: string; readonly after: string }[]
}
type Leaves = Map<string, unknown>

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'e2e-relocate-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function leavesOf(value: unknown, path = '', found: Leaves = new Map()): Leaves {
  if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) leavesOf(item, `${path}/${key}`, found)
  } else found.set(path, value)
  return found
}

function documentsOf(text: string): Leaves[] {
  const options = { version: '1.1', uniqueKeys: false, strict: false, logLevel: 'silent' } as const
  return [...parseAllDocuments(text, options)].map((document) => leavesOf(document.toJS({ maxAliasCount: -1 })))
}

/** What is wrong with a relocated rendering. `again` is a second one of the original: what differs from it is random. */
function judge(before: Leaves[], again: Leaves[], after: Leaves[], { references, computed }: Proof): string[] {
  if (before.length !== after.length) return [`${String(before.length)} documents became ${String(after.length)}`]
  const moves = new Map(references.filter(({ how }) => how !== 'excluded').map((each) => [each.before, each.after]))
  const longestFirst = [...moves.keys()].sort((a, b) => b.length - a.length)
  const moved = (text: string): string => {
    const marked = longestFirst.reduce((all, from, at) => all.split(from).join(`\0${String(at)}\0`), text)
    return marked.replace(/\0(\d+)\0/g, (_, at: string) => moves.get(longestFirst[Number(at)] ?? '') ?? '')
  }
  const problems: string[] = []
  for (const [at, old] of before.entries()) {
    const now = after[at] ?? new Map<string, unknown>()
    for (const path of new Set([...old.keys(), ...now.keys()])) {
      const [was, is] = [old.get(path), now.get(path)]
      const random = again[at]?.get(path) !== was
      const image = path.endsWith('/image') && typeof was === 'string' && moves.has(was)
      const same = was === is || (Number.isNaN(was) && Number.isNaN(is))
      if (random || (same && !(image && moved(was) !== was))) continue
      const explained =
        typeof was === 'string' && typeof is === 'string' && (moved(was) === is || listed(computed, was, is))
      if (!explained) problems.push(`${String(at)}${path}: ${String(was)} became ${String(is)}`)
    }
  }
  return problems
}

function listed(computed: Proof['computed'], was: string, is: string): boolean {
  return computed.some(({ before, after }) => before === was && after === is)
}

async function helm(args: readonly string[]): Promise<Leaves[]> {
  return documentsOf(await peer('helm', args, { cwd: corpus }))
}

/** Relocates the chart of a case and judges what comes of it; undefined when it is not proved. */
async function relocateAndJudge({ args, chart }: Case, mode: string, directory: string): Promise<string[] | undefined> {
  const [, release = '', , ...rest] = args
  const flags = rest.filter((arg) => arg !== '--include-crds' && arg !== '--skip-tests')
  const options = ['--registry', registry, '-o', directory, '--mode', mode, '--name', release]
  const { code } = await ropeway(['relocate', chart, ...options, ...flags], { cwd: corpus, home: folder })
  if (code === 4) return undefined
  expect(code, chart).toBe(0)
  const proof = JSON.parse(await readFile(join(directory, 'proof.json'), 'utf8')) as Proof
  expect(proof.proved).toBe(true)
  const name = chart.replace(/^.*\//, '')
  const archive = mode === 'embed' ? await archiveIn(directory) : join(corpus, 'charts', name)
  const more = mode === 'embed' ? [] : ['-f', join(directory, 'values.yaml')]
  const original = ['template', release, chart, ...rest]
  const relocated = ['template', release, archive, ...rest, ...more]
  return judge(await helm(original), await helm(original), await helm(relocated), proof)
}

async function archiveIn(directory: string): Promise<string> {
  const archives = (await readdir(directory)).filter((file) => file.endsWith('.tgz'))
  expect(archives).toHaveLength(1)
  return join(directory, archives[0] ?? '')
}

describe.runIf(present)('ropeway relocate with real charts, judged by helm', () => {
  it.each([
    ['embed', 0.98],
    ['overlay', 0.9],
  ])(
    'proves nothing false in %s mode, and nearly all',
    async (mode, share) => {
      const cases = (JSON.parse(await readFile(join(corpus, 'cases.json'), 'utf8')) as Case[]).filter(
        ({ exit }) => exit === 0,
      )
      const charts = [...Map.groupBy(cases, ({ chart }) => chart).values()].filter((_, at) => at % every === 0)
      let proved = 0
      for (const [at, members] of charts.entries()) {
        const chosen = members.find(({ kind }) => kind === 'default') ?? members[0]
        if (chosen === undefined) continue
        const problems = await relocateAndJudge(chosen, mode, join(folder, mode, String(at)))
        if (problems === undefined) process.stderr.write(`not proved in ${mode} mode: ${chosen.chart}\n`)
        else {
          proved += 1
          expect({ chart: chosen.chart, problems }).toEqual({ chart: chosen.chart, problems: [] })
        }
      }
      expect(proved / charts.length).toBeGreaterThanOrEqual(soak ? share : share - 0.1)
    },
    3_600_000,
  )
})
