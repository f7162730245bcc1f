import { describe, expect, it } from 'vitest'
import { selectOnly } from './select.js'

const artifacts = [
  { id: 'image:a.test/app/web:1', kind: 'image', name: 'a.test/app/web:1' },
  { id: 'image:a.test/app/db:2', kind: 'image', name: 'a.test/app/db:2' },
  { id: 'chart:web:1.0.0', kind: 'chart', name: 'web' },
  { id: 'file:file', kind: 'file', name: 'file' },
  { id: 'file:a+b(1).txt', kind: 'file', name: 'a+b(1).txt' },
]

function only(...patterns: string[]): string[] {
  return selectOnly(artifacts, patterns).map(({ id }) => id)
}

describe('--only', () => {
  it('left out keeps all', () => {
    expect(only()).toHaveLength(artifacts.length)
  })
  it('takes ids, names, kinds and globs, and keeps the order of the plan', () => {
    expect(only('web', 'image:a.test/app/db:2')).toEqual(['image:a.test/app/db:2', 'chart:web:1.0.0'])
    expect(only('image')).toEqual(['image:a.test/app/web:1', 'image:a.test/app/db:2'])
    expect(only('*/app/*')).toEqual(only('image'))
    expect(only('image:*:?')).toEqual(only('image'))
    expect(only('chart', '*web*')).toEqual(['image:a.test/app/web:1', 'chart:web:1.0.0'])
  })
  it('takes a kind for one, also where something has its name', () => {
    expect(only('file')).toEqual(['file:file', 'file:a+b(1).txt'])
  })
  it('takes all but * and ? as they are', () => {
    expect(only('a+b(1).txt')).toEqual(['file:a+b(1).txt'])
    expect(only('a+b(?).txt')).toEqual(['file:a+b(1).txt'])
    expect(() => only('a.b(1).txt')).toThrow(/matches no artifact/)
  })
  it('refuses each pattern without a match, with the nearest name', () => {
    expect(() => only('image', 'char')).toThrow(
      expect.objectContaining({
        code: 'ONLY_MATCHES_NOTHING',
        about: 'char',
        exitCode: 2,
        message: expect.stringContaining('"chart"'),
      }),
    )
    expect(() => only('')).toThrow(/ONLY|matches no/)
  })
  it('is quick with a pattern that is made to be slow', () => {
    const long = [{ id: 'a'.repeat(300), kind: 'file', name: 'a'.repeat(300) }]
    expect(() => selectOnly(long, ['*a'.repeat(14) + 'b'])).toThrow(/matches no/)
  })
})
