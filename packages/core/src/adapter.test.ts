import { describe, expect, it } from 'vitest'
import { defineCredentials, isAdapter } from './adapter.js'

describe('adapters', () => {
  it('are branded, frozen and recognised', () => {
    const provider = defineCredentials({ name: 'none', summary: 'gives nothing', get: async () => undefined })
    expect(isAdapter(provider)).toBe(true)
    expect(Object.isFrozen(provider)).toBe(true)
    expect(provider.kind).toBe('credentials')
    expect(isAdapter({ kind: 'source' })).toBe(false)
    expect(isAdapter(undefined)).toBe(false)
  })
})
