import { sha256 } from '@ropeway/oci'
import type { Chart } from '../fixtures/chart.js'

export type IndexUrls = 'relative' | 'absolute' | 'other-host'
export type IndexDigests = 'right' | 'wrong' | 'missing' | 'prefixed'

export interface ChartIndexOptions {
  readonly urls: IndexUrls
  readonly digests: IndexDigests
  /** At least so many bytes of generated entries stand around the charts. */
  readonly paddingBytes: number
  /** Address of the repository. */
  readonly base: string
  /** Address below which the archives are when `urls` is `other-host`. */
  readonly otherBase: string
}

const created = '2020-01-01T00:00:00.000000000Z'

function urlOf(chart: Chart, { urls, base, otherBase }: ChartIndexOptions): string {
  if (urls === 'relative') return chart.file
  return `${urls === 'absolute' ? base : otherBase}/${encodeURIComponent(chart.file)}`
}

function digestLine(chart: Chart, digests: IndexDigests): string {
  const hex = chart.digest.slice('sha256:'.length)
  const values = {
    right: hex,
    wrong: sha256(`not ${chart.digest}`).slice('sha256:'.length),
    prefixed: chart.digest,
    missing: undefined,
  }
  const value = values[digests]
  return value === undefined ? '' : `    digest: ${value}\n`
}

function fields(metadata: Readonly<Record<string, unknown>>): string {
  return Object.entries(metadata)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`)
    .join('')
}

function version(chart: Chart, options: ChartIndexOptions): string {
  const body = fields(chart.metadata) + digestLine(chart, options.digests)
  return `  -${body.slice(3)}    created: "${created}"\n    urls:\n    - ${urlOf(chart, options)}\n`
}

function* padding(first: string, bytes: number): Generator<string> {
  for (let written = 0, chart = 0; written < bytes; chart++) {
    const name = `${first}-generated-${String(chart).padStart(6, '0')}`
    let entry = `  ${name}:\n`
    for (let minor = 9; minor >= 0; minor--) {
      const digest = sha256(`${name} ${String(minor)}`).slice('sha256:'.length)
      entry += [
        `  - apiVersion: v2`,
        `    appVersion: 1.${String(minor)}.0`,
        `    created: "${created}"`,
        `    description: A generated chart that nobody wants, to make the index as large as those of public repositories`,
        `    digest: ${digest}`,
        `    keywords:`,
        `    - generated`,
        `    name: ${name}`,
        `    urls:`,
        `    - https://charts.invalid/${name}-1.${String(minor)}.0.tgz`,
        `    version: 1.${String(minor)}.0`,
        ``,
      ].join('\n')
    }
    written += entry.length
    yield entry
  }
}

/** `index.yaml` as `helm repo index` lays it out, piece by piece; versions stand in the order in which they are given. */
export function* chartIndex(charts: readonly Chart[], options: ChartIndexOptions): Generator<string> {
  yield 'apiVersion: v1\nentries:\n'
  yield* padding('a', options.paddingBytes / 2)
  for (const name of [...new Set(charts.map((chart) => chart.name))].sort()) {
    yield `  ${name}:\n`
    for (const chart of charts) if (chart.name === name) yield version(chart, options)
  }
  yield* padding('z', options.paddingBytes / 2)
  yield `generated: "${created}"\n`
}
