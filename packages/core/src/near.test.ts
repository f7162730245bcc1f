import { describe, expect, it } from 'vitest'
import { didYouMean, nearest } from './near.js'

describe('nearest', () => {
  it('finds the misspelt option', () => {
    expect(nearest('repositry', ['repository', 'chart', 'version'])).toEqual(['repository'])
  })
  it('counts swapped letters as one mistake', () => {
    expect(nearest('hlem', ['helm', 'oci', 'files'])).toEqual(['helm'])
  })
  it('says nothing when nothing is near', () => {
    expect(nearest('zzz', ['helm', 'oci'])).toEqual([])
    expect(didYouMean('zzz', ['helm'])).toBeUndefined()
  })
  it('names versions that begin alike, the higher first', () => {
    expect(nearest('1.2', ['1.2.9', '1.2.10', '1.1', '7.7.7'])).toEqual(['1.1', '1.2.10', '1.2.9'])
    expect(nearest('v1.2.3', ['1.2.3', 'unrelated'])).toEqual(['1.2.3'])
  })
  it('has no answer to an empty word, and gives up on long ones that differ', () => {
    expect(nearest('', ['abc'])).toEqual([])
    expect(nearest('a'.repeat(200), ['b'.repeat(200)])).toEqual([])
  })
})
