import { describe, expect, it } from 'vitest'
import { age } from './age.js'

describe('an age', () => {
  it.each([
    ['90d', 90 * 86_400_000],
    ['12h', 12 * 3_600_000],
    ['4w', 28 * 86_400_000],
    [' 30m ', 1_800_000],
  ])('%s is so many milliseconds', (text, expected) => {
    expect(age(text)).toBe(expected)
  })
  it.each(['', '90', 'd', '-1d', '1.5d', '1y', '90 d'])('is not %j', (text) => {
    expect(age(text)).toBeUndefined()
  })
})
