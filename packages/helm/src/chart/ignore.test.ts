import { describe, expect, it } from 'vitest'
import { parseIgnore } from './ignore.js'

const files = [
  '.dot',
  '.helmignore',
  'Chart.yaml',
  'd/a.txt',
  'd/b.md',
  'd/e/c.txt',
  'k/.hid',
  'k/x.txt',
  'x.txt',
  'y.md',
]

class Refusal extends Error {}

/** The files that a walk leaves, which does not go into folders that are ignored. */
function left(rules: string): string[] {
  const ignored = parseIgnore(rules, (line, problem) => new Refusal(`${String(line)}: ${problem}`))
  return files.filter((path) => {
    const parts = path.split('/')
    const folders = parts.slice(0, -1).map((_, depth) => parts.slice(0, depth + 1).join('/'))
    return !folders.some((folder) => ignored(folder, true)) && !ignored(path, false)
  })
}
const without = (...paths: string[]) => files.filter((file) => !paths.includes(file))

describe('parseIgnore', () => {
  // what Helm 4.1.4 leaves of the same files
  it.each([
    ['', files],
    ['*.txt\n', without('d/a.txt', 'd/e/c.txt', 'k/x.txt', 'x.txt')],
    ['d/\n', without('d/a.txt', 'd/b.md', 'd/e/c.txt')],
    ['d\n', without('d/a.txt', 'd/b.md', 'd/e/c.txt')],
    ['/x.txt\n', without('x.txt')],
    ['/*.txt\n', without('x.txt')],
    ['d/a.txt\n', without('d/a.txt')],
    ['d/*.txt\n', without('d/a.txt')],
    ['d/*\n', without('d/a.txt', 'd/b.md', 'd/e/c.txt')],
    ['# c\n\n  x.txt  \r\n', without('x.txt', 'k/x.txt')],
    ['?.txt\n', without('d/a.txt', 'd/e/c.txt', 'k/x.txt', 'x.txt')],
    ['[xy].*\n', without('k/x.txt', 'x.txt', 'y.md')],
    ['.*\n', without('.dot', '.helmignore', 'k/.hid')],
    ['c.txt\n', without('d/e/c.txt')],
    ['!x.txt\n', ['x.txt']],
    ['*.txt\n!x.txt\n', []],
    ['\uFEFFx.txt', without('x.txt', 'k/x.txt')],
    ['x.txt/', files],
    // what is broken behind something that does not match is not looked at
    ['q*[a', files],
  ])('of %j leaves what Helm leaves', (rules, expected) => {
    expect(left(rules)).toEqual(expected)
  })
  it('hides dotfiles of templates/ itself, not of folders below', () => {
    const ignored = parseIgnore('', () => new Refusal())
    expect(ignored('templates/.hidden.yaml', false)).toBe(true)
    expect(ignored('templates/sub/.hidden.yaml', false)).toBe(false)
    expect(ignored('templates/.', false)).toBe(false)
  })
  it('ignores by a negated rule whatever it does not match', () => {
    const ignored = parseIgnore('!keep/', () => new Refusal())
    expect([ignored('keep', true), ignored('other', true), ignored('keep', false)]).toEqual([false, true, true])
  })
  it.each([
    ['a\n**/x.txt', '2: double-star (**) syntax is not supported'],
    ['[a', '1: syntax error in pattern'],
    ['[]', '1: syntax error in pattern'],
    ['[-a]', '1: syntax error in pattern'],
    ['[a-]', '1: syntax error in pattern'],
    ['a\\', '1: syntax error in pattern'],
  ])('refuses %j', (rules, message) => {
    expect(() => left(rules)).toThrow(message)
  })
  it.each([
    ['[^a]b', 'cb', true],
    ['[^a]b', 'ab', false],
    ['[a-cx]', 'b', true],
    ['[\\]]', ']', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a*b*c', 'axxbyybc', true],
    ['a*b', 'axc', false],
    ['?', 'é', true],
    ['*', '', true],
  ])('matches the glob %j with %j: %j', (glob, path, expected) => {
    expect(parseIgnore(glob, () => new Refusal())(path, false)).toBe(expected)
  })
})
