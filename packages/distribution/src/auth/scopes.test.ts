import { describe, expect, it } from 'vitest'
import { joinScopes, repositoryScope, scopesKey } from './scopes.js'

describe('scopes', () => {
  it('are joined per resource, the wanted ones first', () => {
    const wanted = [repositoryScope('to/app', 'pull', 'push'), repositoryScope('from/app', 'pull')]
    expect(joinScopes(wanted, 'repository:from/app:pull,delete registry:catalog:*')).toEqual([
      'repository:to/app:pull,push',
      'repository:from/app:pull,delete',
      'registry:catalog:*',
    ])
    expect(joinScopes(wanted, undefined)).toEqual(wanted)
    expect(joinScopes([], 'repository:host:5000/app:pull')).toEqual(['repository:host:5000/app:pull'])
  })

  it('have one key in any order', () => {
    expect(scopesKey(['repository:b:push,pull', 'repository:a:pull'])).toBe(
      scopesKey(['repository:a:pull', 'repository:b:pull,push']),
    )
    expect(scopesKey(['repository:a:pull'])).not.toBe(scopesKey(['repository:a:pull,push']))
  })
})
