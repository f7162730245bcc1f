import { describe, expect, it } from 'vitest'
import Render from '../commands/render.js'
import { localFlags } from './local-render.js'
import { commaSeparated, helmArguments } from './pflag.js'

const read = (...argv: string[]) => helmArguments(argv, { ...Render.baseFlags, ...Render.flags }, 'render')

describe('arguments as helm takes them', () => {
  it.each([
    [
      ['-fa', 'demo'],
      ['--values=a', 'demo'],
    ],
    [
      ['-f=a', '-f', 'b', 'demo'],
      ['--values=a', '--values=b', 'demo'],
    ],
    [
      ['-gf', 'a', 'demo'],
      ['--generate-name', '--values=a', 'demo'],
    ],
    [
      ['-n', 'a', '--namespace=b', 'demo'],
      ['--namespace=b', 'demo'],
    ],
    [
      ['--include-crds=false', '--no-hooks=1', 'demo'],
      ['--no-hooks', 'demo'],
    ],
    [
      ['--set', '-x=1', 'demo'],
      ['--set=-x=1', 'demo'],
    ],
    [
      ['-f', '-', 'demo'],
      ['--values=-', 'demo'],
    ],
    [
      ['a', '--', '-f'],
      ['a', '--', '-f'],
    ],
    [
      ['--nope', '-z', ''],
      ['--nope', '-z', ''],
    ],
  ])('%j', (argv, expected) => {
    expect(read(...argv)).toEqual(expected)
  })
  it('refuses what is no truth value, and a missing value', () => {
    const invalid = expect.objectContaining({ code: 'FLAG_INVALID' }) as unknown
    expect(() => read('--include-crds=x')).toThrow(invalid)
    expect(() => read('demo', '--set')).toThrow(invalid)
  })
  it('splits lists as CSV', () => {
    expect(commaSeparated(['a,b', '"c,d",e', '', '"x""y"'])).toEqual(['a', 'b', 'c,d', 'e', 'x"y'])
  })
})

describe('the short way', () => {
  it('knows its flags as the command does', () => {
    const own: Readonly<
      Record<string, { readonly type: string; readonly char?: string; readonly multiple?: boolean }>
    > = Render.flags
    for (const [name, { type, char, multiple }] of Object.entries(localFlags)) {
      const flag = own[name]
      expect([flag?.type, flag?.char, flag?.multiple === true], name).toEqual([type, char, multiple === true])
    }
  })
})
