import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './near.js'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
  ])('between %j and %j is %i', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance)
    expect(editDistance(other, one)).toBe(distance)
  })

  it('gives up at the limit', () => {
    expect(editDistance('a'.repeat(100), 'b'.repeat(100), 5)).toBe(5)
  })
})

describe('nearest', () => {
  it('finds what was misspelt, and versions that begin alike, the higher first', () => {
    expect(nearest('lastest', ['1.0', 'latest', 'edge'])).toEqual(['latest'])
    expect(nearest('1.2', ['1.2.9', '1.2.10', '1.1', '7.7.7'])).toEqual(['1.1', '1.2.10', '1.2.9'])
    expect(nearest('v1.2.3', ['1.2.3', 'unrelated'])).toEqual(['1.2.3'])
    expect(nearest('x', [])).toEqual([])
  })
})
