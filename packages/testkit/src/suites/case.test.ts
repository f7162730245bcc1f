import { AssertionError } from 'node:assert'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkCases, must, mustEqual, mustFail, registerCases, type Applicable, type ContractCase } from './case.js'

const ran: string[] = []

function caseOf(
  id: string,
  conditions: Pick<ContractCase<Applicable>, 'needs' | 'only'> = {},
): ContractCase<Applicable> {
  return { id, title: `${id} MUST run`, ...conditions, run: async () => void ran.push(id) }
}

const cases = [caseOf('plain'), caseOf('needing', { needs: 'wings' }), caseOf('bytes', { only: 'bytes' })]

function recorder() {
  const titles: string[] = []
  const bodies: (() => Promise<void>)[] = []
  return {
    titles,
    bodies,
    describe: (title: string, body: () => void) => {
      titles.push(title)
      body()
    },
    it: (title: string, body: () => Promise<void>) => {
      titles.push(title)
      bodies.push(body)
    },
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
  ran.length = 0
})

describe('registerCases', () => {
  it('registers every case that is for the adapter, under its id', async () => {
    const runner = recorder()
    registerCases('a suite', cases, { adapter: { takes: 'bytes' } }, runner)
    expect(runner.titles).toEqual([
      'a suite',
      'plain: plain MUST run',
      'needing: needing MUST run',
      'bytes: bytes MUST run',
    ])
    for (const body of runner.bodies) await body()
    expect(ran).toEqual(['plain', 'needing', 'bytes'])
  })
  it('leaves out what is for other kinds of work and what needs a capability that is declared absent', () => {
    const runner = recorder()
    registerCases('a suite', cases, { adapter: { takes: 'store' }, capabilities: { wings: false } }, runner)
    expect(runner.titles).toEqual(['a suite', 'plain: plain MUST run'])
  })
  it('leaves out nothing for a capability that is not declared', () => {
    const runner = recorder()
    registerCases('a suite', cases, { adapter: {}, capabilities: { wings: undefined } }, runner)
    expect(runner.titles).toHaveLength(3)
  })
  it('finds the runner that is global', () => {
    const runner = recorder()
    vi.stubGlobal('describe', runner.describe)
    vi.stubGlobal('it', runner.it)
    registerCases('a suite', cases, { adapter: {} })
    expect(runner.titles[0]).toBe('a suite')
  })
  it('says what to pass when no runner is global', () => {
    expect(() => registerCases('a suite', cases, { adapter: {} })).toThrow(/pass \{ describe, it \}/)
  })
})

describe('checkCases', () => {
  it('tells every case, whatever fails before it', async () => {
    const fault = new TypeError('no')
    const failing = { ...caseOf('failing'), run: () => Promise.reject(fault) }
    const results = await checkCases([failing, ...cases], { adapter: {}, capabilities: { wings: false } })
    expect(results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'failing failed',
      'plain passed',
      'needing skipped',
      'bytes skipped',
    ])
    expect(results[0]?.error).toBe(fault)
  })
})

describe('assertions', () => {
  it('throw errors that a runner shows with both values', () => {
    expect(() => mustEqual({ a: 1 }, { a: 2 }, 'they differ')).toThrow(AssertionError)
    expect(() => mustEqual({ a: 1 }, { a: 1 }, 'they differ')).not.toThrow()
    expect(() => must(false, 'it must')).toThrow('it must')
  })
  it('give the error of what has to fail', async () => {
    const fault = new TypeError('no')
    expect(await mustFail(() => Promise.reject(fault), 'it did not fail')).toBe(fault)
    await expect(mustFail(() => 1, 'it did not fail')).rejects.toThrow('it did not fail')
  })
})
