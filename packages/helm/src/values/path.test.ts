import { describe, expect, it } from 'vitest'
import { formatValuesPath, parseValuesPath } from './path.js'

describe('a path of values', () => {
  it.each([
    ['a', ['a']],
    ['a.b-c.d', ['a', 'b-c', 'd']],
    ['a[0].b[10]', ['a', 0, 'b', 10]],
    ['a.kubernetes\\.io/x\\,y', ['a', 'kubernetes.io/x,y']],
    ['a\\[1\\]', ['a[1]']],
  ])('is written as for --set: %s', (text, path) => {
    expect(formatValuesPath(path)).toBe(text)
    expect(parseValuesPath(text)).toEqual(path)
  })
})
