import { describe, expect, it } from 'vitest'
import { parseArguments } from '../arguments.fixture.js'
import { hasCorpus, readCases, type HelmCase } from '../cases.fixture.js'
import type { ChartFile } from '../chart/archive.js'
import { parseIgnore } from '../chart/ignore.js'
import { loadChart } from './render.js'

/** JSON with minus zero kept and with the characters escaped that YAML does not take raw. */
function jsonText(value: unknown): string {
  if (Object.is(value, -0)) return '-0.0'
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${jsonText(key)}:${jsonText(item)}`)
      .join(',')}}`
  }
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function filesOf(recorded: HelmCase): ChartFile[] {
  const { chartYaml = 'apiVersion: v2\nname: t\nversion: 0.1.0\n', values, templates, files = {} } = recorded
  const valuesYaml = recorded.valuesYaml ?? (values ? jsonText(values) : undefined)
  const texts = {
    'Chart.yaml': chartYaml,
    ...(valuesYaml === undefined ? {} : { 'values.yaml': valuesYaml }),
    ...templates,
    ...files,
  }
  const all = [
    ...Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    ...Object.entries(recorded.filesBase64 ?? {}).map(([path, text]) => ({ path, bytes: Buffer.from(text, 'base64') })),
  ]
  const ignore = parseIgnore(files['.helmignore'] ?? '', (_, message) => new Error(message))
  const kept = all.filter(({ path }) => {
    const parts = path.split('/')
    return !parts.some((_, at) => ignore(parts.slice(0, at + 1).join('/'), at + 1 < parts.length))
  })
  return kept.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function readBeside({ cwdFiles = {} }: HelmCase) {
  return (path: string): string => {
    const text = cwdFiles[path.replace(/^\.\//, '')]
    if (text === undefined) throw new Error(`open ${path}: no such file or directory`)
    return text
  }
}

async function outcome(recorded: HelmCase): Promise<{ stdout?: string; error?: string }> {
  try {
    const chart = await loadChart(filesOf(recorded))
    const { render, print } = parseArguments(recorded.release, recorded.args ?? [], readBeside(recorded))
    return { stdout: chart.render(render).text(print) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function agrees(recorded: HelmCase, { stdout, error }: { stdout?: string; error?: string }): boolean {
  const { expectedStdout, expectedErrorFull, expectedError = '' } = recorded
  if (expectedStdout !== undefined) return stdout === expectedStdout
  if (error === undefined) return false
  return expectedErrorFull === undefined ? error.includes(expectedError) : error === expectedErrorFull
}

const cases = hasCorpus('1,888 small cases of charts') ? readCases() : []
const sections = Map.groupBy(cases, ({ name }) => name.split('/').slice(0, 2).join('/'))

describe('charts of one behaviour each, as recorded from helm 4.1.4', () => {
  it('cover every section', () => {
    expect(sections.size === 0 || cases.length >= 1888).toBe(true)
  })
  for (const [section, members] of sections) {
    it(`render alike: ${section}, ${String(members.length)} cases`, { timeout: 60_000 }, async () => {
      const different: unknown[] = []
      for (const recorded of members) {
        const actual = await outcome(recorded)
        if (!agrees(recorded, actual)) different.push({ name: recorded.name, ...actual })
      }
      expect(different).toEqual([])
    })
  }
})
