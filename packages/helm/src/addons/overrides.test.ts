import { describe, expect, it } from 'vitest'
import { overrideOf, readOverrides } from './overrides.js'

const read = (text: string) => readOverrides(text, 'chart-overrides.yaml')

describe('overrides', () => {
  it('are values files, one a chart', () => {
    const overrides = read('overrides:\n  keda: {a: {b: 1.5, c: [x, "1"]}, d: yes}\n  empty: {}\n  none:\n')
    expect([...overrides]).toEqual([['keda', 'a:\n  b: 1.5\n  c:\n  - x\n  - "1"\nd: true\n']])
    expect(overrideOf(overrides, 'KEDA')).toBe(overrides.get('keda'))
    expect(overrideOf(overrides, 'ked')).toBeUndefined()
  })

  it.each(['', 'overrides:\n', '# nothing\n', 'overrides: {}\n'])('may be none: %j', (text) => {
    expect(read(text).size).toBe(0)
  })

  it.each([
    ['- a', 'it is no map'],
    ['overides: {}', 'the key "overides" is unknown'],
    ['overrides: [a]', '"overrides" is no map of charts'],
    ['overrides: {a: 1}', 'what stands below "a" is no map of values'],
    ['a: [', ''],
  ])('are refused when they are something else: %j', (text, problem) => {
    expect(() => read(text)).toThrow(`the overrides chart-overrides.yaml cannot be used: ${problem}`)
  })
})
