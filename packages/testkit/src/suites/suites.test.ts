import { describe, expect, it } from 'vitest'
import { paperOrigin, paperSource } from '../paper/source.js'
import { checkSource, testSource } from './source.js'

const paper = { adapter: paperSource, capabilities: { package: false }, arrange: paperOrigin }
testSource(paper, { describe, it })
describe('x', () => {
  it('y', async () => {
    expect((await checkSource(paper)).length).toBeGreaterThan(1)
  })
})
