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
  it('prefers fewer edits over containment', () => {
    expect(nearest('1.2', ['1.2.0', '1.3', '1.2-alpine'])).toEqual(['1.3', '1.2-alpine', '1.2.0'])
  })
})
