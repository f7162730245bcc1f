import { describe, expect, it } from 'vitest'
import { chooseChallenge, parseChallenges } from './challenge.js'

describe('parseChallenges', () => {
  it('reads scheme and parameters, whatever their case, with commas inside quotes', () => {
    expect(
      parseChallenges('BEARER Realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push"'),
    ).toEqual([
      {
        scheme: 'bearer',
        parameters: { realm: 'https://auth.example/token', service: 'registry', scope: 'repository:a/b:pull,push' },
      },
    ])
  })

  it('reads several challenges of one header and of several', () => {
    const header =
      'Negotiate, NTLM TlRMTVNTUAAB==, Basic realm="a \\"quoted\\" realm", Bearer realm=https://t.example/x,service=s'
    expect(parseChallenges(header)).toEqual([
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'ntlm', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a "quoted" realm' } },
      { scheme: 'bearer', parameters: { realm: 'https://t.example/x', service: 's' } },
    ])
  })

  it('takes blanks around the equals sign and empty list elements', () => {
    expect(parseChallenges(' , Basic  realm = "x" ,, charset="UTF-8"')).toEqual([
      { scheme: 'basic', parameters: { realm: 'x', charset: 'UTF-8' } },
    ])
  })

  it.each([undefined, '', ',,,', '"""', '=', 'Bearer realm="never closed'])('survives %j', (header) => {
    expect(() => parseChallenges(header)).not.toThrow()
  })
})

describe('chooseChallenge', () => {
  it('takes the first that it can answer', () => {
    expect(chooseChallenge(parseChallenges('Negotiate, Bearer realm="https://x", Basic realm="y"'))?.scheme).toBe(
      'bearer',
    )
    expect(chooseChallenge(parseChallenges('Basic realm="y", Bearer realm="https://x"'))?.scheme).toBe('basic')
    expect(chooseChallenge(parseChallenges('Bearer service="no realm", Negotiate'))).toBeUndefined()
  })
})
