import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ContractCase } from './suites/case.js'
import { credentialsCases } from './suites/credentials.js'
import { sinkCases } from './suites/sink.js'
import { sourceCases } from './suites/source.js'
import { transformCases } from './suites/transform.js'

const page = readFileSync(new URL('../../../docs/adapter-contract.md', import.meta.url), 'utf8')

/** The line of the page for a case. */
function lineOf({ id, title, needs, only }: ContractCase<never>, letter: string, index: number): string {
  const about = only === undefined ? '' : ` (${['edit', 'name'].includes(only) ? 'stage' : 'takes'} \`${only}\`)`
  const capability = needs === undefined ? '' : ` (needs \`${needs}\`)`
  return `- **${letter}${index + 1}** \`${id}\`: ${title}${about}${capability}`
}

describe('docs/adapter-contract.md', () => {
  it('has a clause for every case of the suites and no other, in their order', () => {
    const suites: readonly (readonly [string, readonly ContractCase<never>[]])[] = [
      ['S', sourceCases],
      ['T', transformCases],
      ['D', sinkCases],
      ['C', credentialsCases],
    ]
    const wanted = suites.flatMap(([letter, cases]) => cases.map((each, index) => lineOf(each, letter, index)))
    expect(page.split('\n').filter((line) => /^- \*\*[A-Z]\d+\*\*/.test(line))).toEqual(wanted)
  })
  it('says MUST in every clause', () => {
    const clauses = [...sourceCases, ...transformCases, ...sinkCases, ...credentialsCases]
    expect(clauses.filter(({ title }) => !/\bMUST\b/.test(title)).map(({ id }) => id)).toEqual([])
  })
})
