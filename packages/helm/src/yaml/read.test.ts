import { describe, expect, it } from 'vitest'
import { type YamlProblem, readYaml, toJson } from './read.js'

class Problem extends Error {
  readonly line: number | undefined
  constructor({ message, line }: YamlProblem) {
    super(message)
    this.line = line
  }
}
const read = (text: string) => toJson(readYaml(text, (problem) => new Problem(problem)))

describe('readYaml', () => {
  it('reads the first document only', () => {
    expect(read('--- \na: 1\n---\nb: [\n')).toEqual({ a: 1 })
    expect(read('')).toBeNull()
    expect(read('\uFEFFa: 1')).toEqual({ a: 1 })
    expect(read('a:\r\n  b: |\r\n    x\r\n    y\r\n')).toEqual({ a: { b: 'x\ny\n' } })
  })
  it('lets the last of equal keys win and makes every key a text', () => {
    expect(read('a: 1\na: 2')).toEqual({ a: 2 })
    expect(read('y: 1\n017: 2\n1e10: 3')).toEqual({ true: 1, '15': 2, '1e+10': 3 })
    expect(Object.getOwnPropertyDescriptor(read('__proto__: {x: 1}'), '__proto__')?.value).toEqual({ x: 1 })
  })
  it('merges at the place where the merge key stands', () => {
    expect(read('b: &b {a: 1, c: 2}\nm: {a: 0, <<: *b, c: 3}')).toMatchObject({ m: { a: 1, c: 3 } })
    expect(read('x: &x {a: 1}\ny: &y {a: 2, b: 2}\nm: {<<: [*x, *y]}')).toMatchObject({ m: { a: 1, b: 2 } })
    expect(read("m: {'<<': 1}")).toEqual({ m: { '<<': 1 } })
  })
  it('honours the tags of YAML and ignores others', () => {
    expect(read('[!!str 1, !!float 1, !!int 7, !foo 1, !!binary aGk=, !!bool "yes"]')).toEqual([
      '1',
      1,
      7,
      1,
      'hi',
      true,
    ])
    expect(() => read('!!int x')).toThrow('"x" is no !!int')
  })
  it.each([
    ['a: [1,', /must be sufficiently indented/, 1],
    ['a: 1\n\tb: 2', /Tabs/, 2],
    ['a: *nowhere', /refers to an anchor/, undefined],
    ['? [a]\n: 1', /a key is/, undefined],
    ['a: {<<: 1}', /merge key/, undefined],
  ])('refuses %j', (text, message, line) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ message: expect.stringMatching(message), line }))
  })
  it('refuses aliases that expand to gigabytes', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 9; level++) {
      lines.push(
        `a${String(level)}: &a${String(level)} [${Array(10)
          .fill(`*a${String(level - 1)}`)
          .join(', ')}]`,
      )
    }
    expect(() => read(lines.join('\n'))).toThrow('more than a million values')
  })
  it('refuses what is nested too deep', () => {
    expect(() => read('['.repeat(1000) + ']'.repeat(1000))).toThrow('levels deep')
  })
})
