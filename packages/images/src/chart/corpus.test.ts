import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadChart } from '@ropeway/helm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findReferences, renderedObjects } from '../find/find-references.js'
import { imageCensus } from './census.fixture.js'
import { discoverChart } from './discover.js'
import { optionalTruth } from './optional-truth.fixture.js'

// real charts with recorded truth; the project stands without them
const corpus = process.env['ROPEWAY_CORPUS'] ?? join(import.meta.dirname, '../../../../../shared/corpus')
const present = existsSync(join(corpus, 'cases.json'))
if (!present)
  process.stderr.write('no corpus at ROPEWAY_CORPUS or ../shared/corpus: images of real charts are left out\n')

const caseSchema = z.object({
  case: z.string(),
  chart: z.string(),
  kind: z.string(),
  args: z.array(z.string()),
  exit: z.number(),
  images: z.array(z.object({ ref: z.string() })).nullish(),
  hidden: z.array(z.object({ ref: z.string(), strength: z.string() })).nullish(),
})
type Case = z.output<typeof caseSchema>

/** All cases take minutes; by itself every fourth chart is looked at. */
const step = process.env['ROPEWAY_CORPUS_ALL'] === undefined ? 4 : 1

/** The arguments that the chosen cases have. */
function optionsOf({ args }: Case) {
  const after = (flag: string): string[] => args.flatMap((arg, at) => (arg === flag ? [args[at + 1] ?? ''] : []))
  const files = after('-f').map((name) => ({ name, content: readFileSync(join(corpus, name)) }))
  const release = { name: args[1], namespace: after('--namespace')[0] }
  return { release, values: { files, set: after('--set') }, seed: 'corpus' }
}

describe.runIf(present)('references in charts of the corpus', () => {
  it('are found: each image field as used, and nearly every other that is certainly an image', async () => {
    const cases = z.array(caseSchema).parse(JSON.parse(readFileSync(join(corpus, 'cases.json'), 'utf8')))
    const kinds = new Set(['default', 'minimal', 'ci', 'example', 'allon', 'globalreg', 'pinned'])
    const byChart = Map.groupBy(
      cases.filter(({ exit, kind }) => exit === 0 && kinds.has(kind)),
      ({ chart }) => chart,
    )
    let strong = 0
    const missed: string[] = []
    for (const [at, [file, members]] of [...byChart].entries()) {
      if (at % step !== 0) continue
      const chart = await loadChart(readFileSync(join(corpus, file)), file)
      for (const each of members) {
        const { sites } = findReferences(renderedObjects(chart.render(optionsOf(each))))
        const used = new Set(sites.filter((site) => site.class === 'used').map(({ reference }) => reference))
        const all = new Set(sites.map(({ reference }) => reference))
        const lost = (each.images ?? []).map(({ ref }) => ref).filter((ref) => !used.has(ref))
        expect({ case: each.case, lost }).toEqual({ case: each.case, lost: [] })
        for (const { ref, strength } of each.hidden ?? []) {
          if (strength !== 'strong') continue
          strong += 1
          if (!all.has(ref)) missed.push(`${each.case} ${ref}`)
        }
      }
    }
    expect(missed.length / Math.max(strong, 1), missed.join('\n')).toBeLessThanOrEqual(0.05)
  }, 600_000)
})

/** By chart and repository: what reads like an image and is none, with the reason. */
const noImages: Readonly<Record<string, string>> = {
  'observability-pipelines-worker gcr.io/datadoghq': 'a registry, in a field that is called repository',
}

describe.runIf(present)('images that charts of the corpus name', () => {
  const cases = z.array(caseSchema).parse(present ? JSON.parse(readFileSync(join(corpus, 'cases.json'), 'utf8')) : [])
  const usable = cases.filter(({ exit, kind }) => exit === 0 && (kind === 'default' || kind === 'minimal'))
  const chosen = [...Map.groupBy(usable, ({ chart }) => chart).values()].flatMap(([first]) => first ?? [])

  it.each(chosen.filter((_, at) => at % step === 0))(
    'are found, in some class: $chart',
    async (each) => {
      const chart = await loadChart(readFileSync(join(corpus, each.chart)), each.chart)
      const { images } = discoverChart(chart, optionsOf(each))
      const found = new Set(images.map(({ reference }) => lastOf(reference)))
      const lost = imageCensus(chart.loaded)
        .filter(({ repository }) => !found.has(lastOf(repository)))
        .filter(({ repository }) => noImages[`${chart.metadata.name} ${repository}`] === undefined)
      expect(lost).toEqual([])
    },
    120_000,
  )
})

/** The last component of a reference's repository: registries and namespaces are often set elsewhere. */
function lastOf(reference: string): string {
  const [named = ''] = reference.split('@', 1)
  return named.replace(/^.*\//, '').replace(/:.*$/, '')
}

describe.runIf(present)('optional images of charts of the corpus', () => {
  it.each(optionalTruth)(
    'are those that somebody read in its templates: $chart',
    async ({ chart: name, optional }) => {
      const chart = await loadChart(readFileSync(join(corpus, 'charts', `${name}.tgz`)), name)
      const release = name.replace(/-v?\d[^-]*$/, '')
      const { images } = discoverChart(chart, { release: { name: release } })
      const found = images.flatMap((image) =>
        image.class === 'optional' ? [`${image.reference} ${switchText(image.switch)}`] : [],
      )
      expect(found.sort()).toEqual(optional.map((each) => `${each.reference} ${switchText(each.switch)}`).sort())
    },
    60_000,
  )
})

function switchText(flips: Readonly<Record<string, unknown>> = {}): string {
  return Object.entries(flips)
    .map(([path, value]) => `${path}=${String(value)}`)
    .sort()
    .join(',')
}
