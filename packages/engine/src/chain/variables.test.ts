import { describe, expect, it } from 'vitest'
import { fillVariables, type Variables } from './variables.js'

const place = (path: readonly (string | number)[]) => path.join('.')

function fill(value: unknown, variables: Variables = {}, known: Record<string, string> = {}) {
  return fillVariables(value, variables, known, place)
}

describe('variables', () => {
  it('are filled into every string of a value, and nothing else is changed', async () => {
    const value = { list: ['{A}', 1, null], map: { '{A}': '${A}-{A}', flag: true } }
    expect(await fill(value, { given: { A: 'x' } })).toEqual({
      list: ['x', 1, null],
      map: { '{A}': 'x-x', flag: true },
    })
  })
  it('are looked up in the chain, the command line, git and the environment, in this order', async () => {
    const variables: Variables = {
      given: { name: 'given', A: 'given', 'git.sha': 'given' },
      env: { A: 'env', B: 'env', 'git.tag': 'env' },
      git: async (what) => `git ${what}`,
    }
    const text = '{name} {A} {B} {env.A} {git.sha} {git.tag} {git.branch}'
    expect(await fill(text, variables, { name: 'chain' })).toBe('chain given env env given git tag git branch')
  })
  it('ask git only when one of them is git’s', async () => {
    const git = () => Promise.reject(new Error('asked'))
    expect(await fill('{A}', { given: { A: 'x' }, git })).toBe('x')
  })
  it('leave templates, JSON and escaped braces alone', async () => {
    const text = '{{ .Values.a }} {{name}} {"a": 1} {} \\{A} $A { A }'
    expect(await fill(text)).toBe('{{ .Values.a }} {{name}} {"a": 1} {} {A} $A { A }')
  })
  it('are never filled into what a variable brought', async () => {
    expect(await fill('{A}', { given: { A: '{B}', B: 'deep' } })).toBe('{B}')
  })
  it('are unknown when only the language has such a property', async () => {
    for (const name of ['constructor', 'toString', '__proto__', 'env.valueOf']) {
      await expect(fill(`{${name}}`, { given: {}, env: {} })).rejects.toMatchObject({ code: 'CHAIN_VARIABLE_UNKNOWN' })
    }
  })
  it('that are unknown are reported together, each with its place', async () => {
    const thrown: unknown = await fill({ a: ['{ONE}'], b: '{TWO} {ONE}' }, { given: { TWOS: '2' } }).catch(
      (error: unknown) => error,
    )
    expect(thrown).toMatchObject({
      code: 'CHAIN_INVALID',
      errors: [
        { code: 'CHAIN_VARIABLE_UNKNOWN', about: 'ONE', at: 'a.0' },
        { about: 'TWO', at: 'b', message: expect.stringContaining('"TWOS"') },
        { about: 'ONE', at: 'b' },
      ],
    })
  })
  it('of git without a repository say what is missing', async () => {
    await expect(fill('{git.tag}', { git: async () => undefined })).rejects.toMatchObject({
      message: expect.not.stringContaining('"git.tag"'),
      hint: expect.stringContaining('git repository'),
      exitCode: 2,
    })
  })
})
