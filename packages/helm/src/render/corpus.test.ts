import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseArguments } from '../arguments.fixture.js'
import { corpusFile, hasCorpus } from '../cases.fixture.js'
import { loadChart } from './render.js'

const Case = z.object({
  case: z.string(),
  chart: z.string(),
  args: z.array(z.string()),
  deterministic: z.boolean().optional(),
  exit: z.number(),
  golden: z.string().optional(),
  differing: z.array(z.string()).optional(),
})
type Case = z.output<typeof Case>

const present = hasCorpus('403 renderings of 118 charts')
const read = (name: string): string => readFileSync(corpusFile(name), 'utf8')
const cases = present ? z.array(Case).parse(JSON.parse(read('cases.json'))) : []
const failures = new Map(
  present
    ? z
        .array(z.object({ case: z.string(), error: z.string() }))
        .parse(JSON.parse(read('failures.json')))
        .map(({ case: name, error }) => [name, error])
    : [],
)

/** Other tests take the processors too, and some charts make keys for many seconds. */
const patient = { time: 200_000 }

/** Documents by their sources, those that differ from run to run and times of day left out. */
function documentsOf(text: string, differing: readonly string[]): string[] {
  const sources = new Set(differing.map((name) => name.split(' ')[0]))
  return text
    .split(/^---\n/m)
    .map((document) => (sources.has(/# Source: (.*)/.exec(document)?.[1]) ? 'differs' : document))
    .map((document) => document.replace(/password-last-update: "\d{14}"/, 'password-last-update'))
}

describe('charts of the corpus, as recorded from helm 4.1.4', () => {
  it('are there, all 403 renderings, or none', () => {
    expect([0, 403]).toContain(cases.length)
  })
  for (const [file, members] of Map.groupBy(cases, ({ chart }) => chart)) {
    it(`renders alike: ${file}`, { timeout: 240_000 }, async () => {
      const chart = await loadChart(readFileSync(corpusFile(file)), file)
      for (const recorded of members) {
        const { render, print } = parseArguments(recorded.args[1], recorded.args.slice(3), read)
        const run = (): string => chart.render({ ...render, seed: 'corpus', limits: patient }).text(print)
        if (recorded.exit === 0) compare(recorded, run())
        else expect(run).toThrow(expect.objectContaining({ name: 'HelmError', message: messageOf(recorded) }))
      }
    })
  }
})

/** What helm said behind `Error: `, without the hint that it gives. */
function messageOf({ case: name }: Case): string {
  const text = failures.get(name) ?? ''
  return text.slice(text.indexOf('Error: ') + 'Error: '.length).replace(/\n\nUse --debug flag.*$/s, '')
}

function compare(recorded: Case, text: string): void {
  const golden = gunzipSync(readFileSync(corpusFile(recorded.golden ?? ''))).toString()
  if (recorded.deterministic === true) expect(text === golden, recorded.case).toBe(true)
  else {
    const { differing = [] } = recorded
    expect(documentsOf(text, differing), recorded.case).toEqual(documentsOf(golden, differing))
  }
}
