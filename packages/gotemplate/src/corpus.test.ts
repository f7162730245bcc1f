import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostFunctions } from './host.fixture.js'
import { convertTo } from './execute/convert.js'
import { createLanguage, makeMap, makeSlice, mapType, namedType, TemplateError, type Value } from './index.js'

const folder = process.env['ROPEWAY_CORPUS'] ?? resolve(import.meta.dirname, '../../../../shared/corpus')
const file = join(folder, 'helm-cases.json')

interface Case {
  readonly name: string
  readonly templates: Readonly<Record<string, string>>
  readonly values: unknown
  readonly valuesYaml?: string
  readonly chartYaml?: string
  readonly args?: readonly string[]
  readonly files?: object
  readonly expectedStdout?: string
  readonly expectedError?: string
  readonly expectedErrorFull?: string
}

function toValue(data: unknown): Value {
  if (Array.isArray(data)) return makeSlice(data.map(toValue))
  if (typeof data === 'object' && data !== null) {
    return makeMap(Object.entries(data).map(([key, value]) => [key, toValue(value)] as const))
  }
  return data as Value
}

/** Cases of the language alone: no chart files, no arguments, no objects of the host. */
function ofLanguage({ name, args, files, chartYaml, valuesYaml, expectedError, templates }: Case): boolean {
  const section = /^(C\/(?!obj)|D\/include|D\/tpl)/.test(name)
  const plain = args === undefined && files === undefined && chartYaml === undefined && valuesYaml === undefined
  const text = Object.values(templates).join('')
  const replaced = /builtin\/slice|values-method|shadowed-by-method/.test(name)
  const ofHost = /\.(Files|Capabilities|Chart|Release|Subcharts)\b|Values\.AsMap|helm\.sh|kind:/.test(text)
  return section && plain && !replaced && !ofHost && !(expectedError ?? '').includes('YAML parse error')
}

function order(a: string, b: string): number {
  const depth = (name: string): number => name.split('/').length
  return depth(b) - depth(a) || (a < b ? 1 : -1)
}

const valuesType = namedType('common.Values', mapType)
const language = createLanguage({ functions: hostFunctions, missingKey: 'zero', name: 'gotpl' })

function render({ templates, values }: Case): string {
  const set = language.createSet()
  const names = Object.keys(templates)
    .map((path) => `t/${path}`)
    .sort(order)
  for (const name of names) set.parse(name, templates[name.slice(2)] ?? '')
  const template = makeMap([['BasePath', 't/templates']], valuesType)
  const chart = makeMap([
    ['Name', 't'],
    ['Version', '0.1.0'],
  ])
  const given: [string, Value][] = [
    ['Values', convertTo(toValue(values ?? {}), valuesType)],
    ['Template', template],
    ['Chart', chart],
  ]
  const root = makeMap(given, valuesType)
  const texts = new Map<string, string>()
  for (const name of names) {
    if (/\/_[^/]*$/.test(name)) continue
    template.entries.set('Name', name)
    texts.set(name, set.execute(name, root, { host: new Map() }).replaceAll('<no value>', ''))
  }
  return (
    [...texts.keys()]
      .sort()
      .filter((name) => !name.endsWith('NOTES.txt'))
      .flatMap((name) => documents(name, texts.get(name) ?? ''))
      .join('') || '\n'
  )
}

function documents(name: string, text: string): string[] {
  const parts = text.trim().split(/(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/)
  return parts.filter((part) => part.trim() !== '').map((part) => `---\n# Source: ${name}\n${part.trim()}\n`)
}

function outcome(one: Case): string | Error {
  try {
    return render(one)
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

function needsHost(result: string | Error, { expectedError = '' }: Case): boolean {
  if (!(result instanceof TemplateError)) return false
  const missing = /function "(\w+)" not defined/.exec(result.message)
  return missing !== null && !expectedError.includes(missing[0])
}

if (!existsSync(file))
  process.stderr.write(
    'no corpus at ROPEWAY_CORPUS or ../shared/corpus: the recorded cases of the language are left out\n',
  )

describe.runIf(existsSync(file))('recorded cases of the template language', () => {
  const all = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Case[]) : []
  const cases = all
    .filter(ofLanguage)
    .map((one) => ({ one, result: outcome(one) }))
    .filter(({ one, result }) => !needsHost(result, one))

  it('are found', () => {
    expect(cases.length).toBeGreaterThan(300)
  })

  it.each(cases.map(({ one, result }) => [one.name, one, result] as const))('%s', (_name, one, result) => {
    if (one.expectedStdout !== undefined) return expect(result).toBe(one.expectedStdout)
    expect(result).toBeInstanceOf(Error)
    expect((result as Error).message).toContain(one.expectedError)
    const full = one.expectedErrorFull ?? one.expectedError ?? ''
    for (let error: unknown = result; error instanceof TemplateError; error = error.cause) {
      if (error.stage === 'execute' && !full.includes('execution error at')) expect(full).toContain(error.location)
      if (error.stage === 'parse') expect(full).toContain(`${error.file}:${error.line}`)
    }
  })
})
