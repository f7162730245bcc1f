import { describe, expect, it } from 'vitest'
import { parseText } from './document.js'

describe('a chain’s text', () => {
  it('tells the line of a value, or of the nearest thing around it', () => {
    const { placeOf } = parseText(
      'name: a\nsources:\n  - oci:\n      references:\n        - a\n        - b\n',
      '/x/r.yaml',
    )
    expect(placeOf(['sources', 0, 'oci', 'references', 1])).toBe('r.yaml:6')
    expect(placeOf(['sources', 0, 'oci', 'absent', 'deep'])).toBe('r.yaml:3')
    expect(placeOf(['absent'])).toBe('r.yaml:1')
  })
  it('is refused with its line when it is not YAML', () => {
    const broken = ['a: 1\na: 2\n', 'a: [\n', 'a: *b\n', 'a: 1\n---\nb: 2\n']
    for (const text of broken) {
      expect(() => parseText(text, '/x/r.yaml')).toThrow(
        expect.objectContaining({ code: 'CHAIN_SYNTAX', at: expect.stringMatching(/^r\.yaml:\d+$/), exitCode: 2 }),
      )
    }
  })
  it('is refused when its aliases would fill the memory', () => {
    const levels = Array.from({ length: 9 }, (_, level) =>
      level === 0 ? 'a0: &a0 [x, x]' : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(9)}]`,
    )
    expect(() => parseText(levels.join('\n'), '/x/r.yaml')).toThrow(expect.objectContaining({ code: 'CHAIN_SYNTAX' }))
  })
})
