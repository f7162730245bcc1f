import { describe, expect, it, vi } from 'vitest'
import { RopewayError, isRopewayError, toRopewayError, withPlace } from './errors.js'

describe('RopewayError', () => {
  it('is recognised across two copies of core', async () => {
    vi.resetModules()
    const copy = await import('./errors.js')
    expect(copy.RopewayError).not.toBe(RopewayError)
    const theirs = new copy.RopewayError({ code: 'X', side: 'sink', message: 'm' })
    expect(theirs instanceof RopewayError).toBe(true)
    expect(isRopewayError(theirs)).toBe(true)
    expect(toRopewayError(theirs)).toBe(theirs)
    expect(new Error('plain') instanceof RopewayError).toBe(false)
  })
  it('has the exit code of its side', () => {
    const codeOf = (side: ConstructorParameters<typeof RopewayError>[0]['side']) =>
      new RopewayError({ code: 'X', side, message: 'm' }).exitCode
    expect([codeOf('internal'), codeOf('usage'), codeOf('chain'), codeOf('source')]).toEqual([1, 2, 2, 3])
    expect([codeOf('transform'), codeOf('discovery'), codeOf('proof'), codeOf('sink'), codeOf('verification')]).toEqual(
      [4, 4, 4, 5, 6],
    )
  })
  it('wraps what is no RopewayError without losing it', () => {
    const cause = new TypeError('boom')
    expect(toRopewayError(cause)).toMatchObject({ code: 'UNEXPECTED', message: 'boom', cause })
    expect(toRopewayError('text')).toMatchObject({ code: 'UNEXPECTED', message: 'text' })
    expect(toRopewayError(undefined).message).toBe('a undefined was thrown')
  })
  it('takes the place of the user’s text once and never changes the original', () => {
    const error = new RopewayError({ code: 'X', side: 'source', message: 'm', about: 'a' })
    const placed = withPlace(error, { at: 'ropeway.yaml:6', about: 'b' })
    expect(placed).toMatchObject({ at: 'ropeway.yaml:6', about: 'a', code: 'X' })
    expect(error.at).toBeUndefined()
    expect(withPlace(placed, { at: 'other:1' })).toBe(placed)
  })
})
