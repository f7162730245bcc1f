import { describe, expect, it } from 'vitest'
import { parseFilesGlob } from './glob.js'

describe('parseFilesGlob', () => {
  it.each([
    ['files/*.yaml', 'files/a.yaml', true],
    ['files/*.yaml', 'files/a/b.yaml', false],
    ['files/*.yaml', 'files/axyaml', false],
    ['files/**.yaml', 'files/a/b.yaml', true],
    ['**', 'a/b\nc', true],
    ['*', 'a\nb', true],
    ['*', 'a/b', false],
    ['a/**/c-*.txt', 'a/b/b/c-d.txt', true],
    ['a/**/c-*.txt', 'a/c-d.txt', false],
    ['a-b.c', 'a-b.c', true],
    ['a-b.c', 'a-bxc', false],
    ['', '', true],
    ['', 'a', false],
    // two stars and one are what two stars are
    ['***', 'a/b', true],
    ['a{b,c}*', 'ac-d', true],
    ['a?c', 'a/c', false],
    ['a{b,c', 'ac', true],
    ['*.y{,a}ml', 'a.yml', true],
    ['*.y{,a}ml', 'a.yaml', true],
    ['a{,b}', 'a', true],
    ['{,a}**', 'b/c', true],
    ['a\\', 'a', true],
    ['[a\\]]', ']', true],
    ['[!a-c]x', 'dx', true],
    ['[!!a]', '!', false],
    ['[-a]', '-', true],
    ['a}', 'a}', true],
  ])('%s of %s: %s', (pattern, path, matches) => {
    expect(parseFilesGlob(pattern)?.(path)).toBe(matches)
  })
  it.each(['[a-b-c]', '[a-]', '[]a]', '[', '[!]', '[b-a]', 'a[b', '{[a}', '\ufffd'])('%s is none', (pattern) => {
    expect(parseFilesGlob(pattern)).toBeUndefined()
  })
})
