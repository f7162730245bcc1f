import { describe, expect, it } from 'vitest'
import { isImmutable } from './mutability.js'

describe('whether a tag can be moved', () => {
  it.each([
    ['MUTABLE', [], '1.0', false],
    ['IMMUTABLE', [], '1.0', true],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'sha256-*'], 'latest', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest', 'sha256-*'], 'sha256-abc.sig', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['latest'], 'latest-1', true],
    ['IMMUTABLE_WITH_EXCLUSION', ['1.*'], '1x0', true],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'v1', true],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'dev', false],
    ['SOMETHING_NEW', [], '1.0', false],
  ])('%s %j %s: %j', (mode, exclusions, tag, expected) => {
    expect(isImmutable({ mode, exclusions }, tag)).toBe(expected)
  })
})
