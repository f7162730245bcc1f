import { describe, expect, it } from 'vitest'
import type { Json } from '@ropeway/core'
import { editValues } from './edit.js'

const edit = (text: string, path: readonly (string | number)[], value: Json): string =>
  editValues(text, [{ path, value }])

describe('a value that is there', () => {
  it.each([
    ['plain', 'a: 1 # one\nb: 2\n', ['a'], 3, 'a: 3 # one\nb: 2\n'],
    ['double quotes stay', 'a: "x" # c\n', ['a'], 'y', 'a: "y" # c\n'],
    ['single quotes stay', "a: 'x'\n", ['a'], "it's", "a: 'it''s'\n"],
    ['a number where a quoted text was', 'a: "1"\n', ['a'], 2, 'a: 2\n'],
    ['text that would be read as something else', 'a: x\n', ['a'], '1.10', 'a: "1.10"\n'],
    ['words of YAML 1.1', 'a: x\n', ['a'], 'on', 'a: "on"\n'],
    ['times of day', 'a: x\n', ['a'], '12:30', 'a: "12:30"\n'],
    [
      'references',
      'image: nginx:1.25   # old\n',
      ['image'],
      'r.io:5000/n:1@sha256:ab',
      'image: r.io:5000/n:1@sha256:ab   # old\n',
    ],
    ['null', 'a: 1\n', ['a'], null, 'a: null\n'],
    ['nothing behind the key', 'a:\nb: 1\n', ['a'], 'x', 'a: x\nb: 1\n'],
    ['nothing but a comment', 'a:  # fill\nb: 1\n', ['a'], 'x', 'a: x  # fill\nb: 1\n'],
    ['deep', 'a:\n  b:\n    - c: 1\n      d: 2\n', ['a', 'b', 0, 'd'], 5, 'a:\n  b:\n    - c: 1\n      d: 5\n'],
    ['lists without indentation', 'a:\n- x\n- y # why\nb: 1\n', ['a', 1], 'z', 'a:\n- x\n- z # why\nb: 1\n'],
    ['between brackets', 'a: {b: x, c: [1, 2]}\n', ['a', 'c', 1], 'p,q', 'a: {b: x, c: [1, "p,q"]}\n'],
    ['key alone between brackets', 'a: {b, c: 1}\n', ['a', 'b'], 'x', 'a: {b: x, c: 1}\n'],
    ['literal', 'a: |\n  x\n  y\n\nb: 1\n', ['a'], 'z', 'a: z\n\nb: 1\n'],
    ['several lines', 'a:\n  b: x\n', ['a', 'b'], 'p\nq\n', 'a:\n  b: |\n    p\n    q\n'],
    [
      'several lines before a comment that would become one of them',
      'a: x\n  # c\n',
      ['a'],
      'p\nq',
      'a: "p\\nq"\n  # c\n',
    ],
    ['several lines in place of a map', 'a:\n  # c\n  b: 1\n', ['a'], 'p\nq', 'a: "p\\nq"\n  # c\n'],
    ['plain over two lines', 'a: x\n  y\nb: 1\n', ['a'], 'z', 'a: z\nb: 1\n'],
    ['keys that are no text', '1: x\ntrue: y\n', ['true'], 'z', '1: x\ntrue: z\n'],
    ['of equal keys the last counts', 'a: 1\na: 2\n', ['a'], 3, 'a: 1\na: 3\n'],
    ['without an end of line', 'a: 1', ['a'], 2, 'a: 2'],
    ['lines of DOS', 'a: 1\r\nb: 2\r\n', ['a'], 3, 'a: 3\r\nb: 2\r\n'],
    ['byte order mark', '\ufeffa: 1\n', ['a'], 3, '\ufeffa: 3\n'],
    ['tag', 'a: !!str 1\n', ['a'], 2, 'a: 2\n'],
  ] as const)('%s', (_, before, path, value, after) => {
    expect(edit(before, path, value)).toBe(after)
  })
})

describe('maps and lists in place of others', () => {
  it.each([
    ['a block by a scalar', 'a: # why\n  b: 1\n  c: 2\nd: 3\n', ['a'], 'x', 'a: x # why\nd: 3\n'],
    ['a scalar by a block', 'a: x # why\nd: 3\n', ['a'], { b: 1, c: ['p'] }, 'a: # why\n  b: 1\n  c:\n    - p\nd: 3\n'],
    ['an empty map by a block', 'a: {}\n', ['a', 'b', 'c'], 1, 'a:\n  b:\n    c: 1\n'],
    ['an empty list by a block', 'a: []\nb: 1\n', ['a', 0, 'name'], 'x', 'a:\n  - name: x\nb: 1\n'],
    ['null by a block', 'a:\nb: 1\n', ['a', 'c'], 1, 'a:\n  c: 1\nb: 1\n'],
    ['a block by a block', 'a:\n    b: 1\nc: 2\n', ['a'], { d: 1, e: 2 }, 'a:\n    d: 1\n    e: 2\nc: 2\n'],
    ['a list by a map', 'a:\n- 1\n- 2\nc: 2\n', ['a'], { d: 1 }, 'a:\n  d: 1\nc: 2\n'],
    ['an item by a map', 'a:\n  - x\n  - y\n', ['a', 0], { d: 1, e: 2 }, 'a:\n  - d: 1\n    e: 2\n  - y\n'],
    ['an item with a comment by a map', 'a:\n  - x # c\n', ['a', 0], { d: 1, e: 2 }, 'a:\n  - {d: 1, e: 2} # c\n'],
    ['a map by an empty one', 'a:\n  b: 1\nc: 2\n', ['a'], {}, 'a: {}\nc: 2\n'],
  ] as const)('%s', (_, before, path, value, after) => {
    expect(edit(before, path, value)).toBe(after)
  })
})

describe('a value that is not there yet', () => {
  it.each([
    [
      'behind the last key of its map',
      'a:\n  b: 1 # c\n\n# about d\nd: 2\n',
      ['a', 'x', 'z'],
      'v',
      'a:\n  b: 1 # c\n  x:\n    z: v\n\n# about d\nd: 2\n',
    ],
    ['at the end of the file', 'a: 1', ['b'], 2, 'a: 1\nb: 2'],
    ['in an empty file', '', ['a', 'b'], 1, 'a:\n  b: 1\n'],
    ['in a file of comments', '# nothing\n', ['a'], 1, '# nothing\na: 1\n'],
    ['in an empty map', '{}\n', ['a'], 1, 'a: 1\n'],
    ['between brackets', 'a: {b: 1}\n', ['a', 'c'], 'x', 'a: {b: 1, c: x}\n'],
    ['between empty brackets', 'a: {b: {}}\n', ['a', 'b', 'c'], 'x', 'a: {b: {c: x}}\n'],
    ['at the end of a list', 'a:\n- x\nb: 1\n', ['a', 1], { c: 1 }, 'a:\n- x\n- c: 1\nb: 1\n'],
    ['behind a literal', 'a:\n  b: |\n    x\n\nc: 1\n', ['a', 'd'], 1, 'a:\n  b: |\n    x\n  d: 1\n\nc: 1\n'],
    [
      'behind a literal that keeps its end',
      'a:\n  b: |+\n    x\n\nc: 1\n',
      ['a', 'd'],
      1,
      'a:\n  b: |+\n    x\n\n  d: 1\nc: 1\n',
    ],
    ['in a map of a list', 'a:\n  - b: 1\n', ['a', 0, 'c'], 2, 'a:\n  - b: 1\n    c: 2\n'],
    ['with lines of DOS', 'a:\r\n  b: 1\r\nc: 2\r\n', ['a', 'd'], 1, 'a:\r\n  b: 1\r\n  d: 1\r\nc: 2\r\n'],
  ] as const)('%s', (_, before, path, value, after) => {
    expect(edit(before, path, value)).toBe(after)
  })
})

describe('anchors and aliases', () => {
  it.each([
    ['an alias itself', 'a: &x 1\nb: *x\nc: *x\n', ['b'], 2, 'a: &x 1\nb: 2\nc: *x\n'],
    ['below an alias', 'a: &x\n  k: 1\n  l: 2\nb: *x\n', ['b', 'k'], 3, 'a: &x\n  k: 1\n  l: 2\nb:\n  k: 3\n  l: 2\n'],
    ['what an alias stands for', 'a: &x nginx\nb: *x\nc: *x\n', ['a'], 'z', 'a: z\nb: &x nginx\nc: *x\n'],
    ['below what an alias stands for', 'a: &x\n  k: 1\nb: *x\n', ['a', 'k'], 3, 'a:\n  k: 3\nb: &x {k: 1}\n'],
    ['an anchor without an alias', 'a: &x 1\n', ['a'], 2, 'a: &x 2\n'],
    [
      'a key that is merged in',
      'd: &d\n  k: 1\na:\n  <<: *d\n  l: 2\n',
      ['a', 'k'],
      3,
      'd: &d\n  k: 1\na:\n  <<: *d\n  l: 2\n  k: 3\n',
    ],
    [
      'below a key that is merged in',
      'd: &d\n  k: {x: 1, z: 2}\na:\n  <<: *d\n',
      ['a', 'k', 'x'],
      3,
      'd: &d\n  k: {x: 1, z: 2}\na:\n  <<: *d\n  k:\n    x: 3\n    z: 2\n',
    ],
    [
      'what is merged in elsewhere',
      'd: &d\n  k: 1\na:\n  <<: *d\n',
      ['d', 'k'],
      3,
      'd:\n  k: 3\na:\n  <<: &d {k: 1}\n',
    ],
    ['an anchor on a block by a scalar', 'a: &x\n  b: 1\nc: 2\n', ['a'], 1, 'a: 1\nc: 2\n'],
  ] as const)('%s', (_, before, path, value, after) => {
    expect(edit(before, path, value)).toBe(after)
  })
})

describe('several documents and edits', () => {
  it('edits the document that has the value', () => {
    expect(edit('a: 1\nb: 1\n---\nb: 2\n', ['a'], 3)).toBe('a: 3\nb: 1\n---\nb: 2\n')
    expect(edit('a: 1\nb: 1\n---\nb: 2\n', ['b'], 3)).toBe('a: 1\nb: 1\n---\nb: 3\n')
    expect(edit('---\na: 1\n', ['b'], 3)).toBe('---\na: 1\nb: 3\n')
  })
  it('makes edits in their order, those below one another too', () => {
    const edits = [
      { path: ['a', 'x'], value: 1 },
      { path: ['b', 'c'], value: 'new' },
      { path: ['b', 'd'], value: { e: 1 } },
      { path: ['b', 'd', 'e'], value: 2 },
      { path: ['f', 'g'], value: true },
      { path: ['f', 'h'], value: false },
    ]
    expect(editValues('a:\n  x: 0\nb: {c: old}\n', edits)).toBe(
      'a:\n  x: 1\nb: {c: new, d: {e: 2}}\nf:\n  g: true\n  h: false\n',
    )
  })
  it('leaves a text alone without edits', () => {
    expect(editValues('a: [\n', [])).toBe('a: [\n')
  })
})

describe('what cannot be', () => {
  it.each([
    ['a: 1\n', ['a', 'b'], 'VALUES_PATH_INVALID'],
    ['a: [1]\n', ['a', 3], 'VALUES_PATH_INVALID'],
    ['a: [1]\n', ['a', 'b'], 'VALUES_PATH_INVALID'],
    ['a: [b: 1]\n', ['a', 0, 'c'], 'VALUES_NOT_EDITABLE'],
    ['? a\n: 1\n', ['b'], undefined],
  ] as const)('%j at %j', (text, path, code) => {
    const run = () => edit(text, path, 2)
    if (code === undefined) expect(run).not.toThrow()
    else expect(run).toThrow(expect.objectContaining({ code }))
  })
  it('a text that is no values file, in the words of Helm', () => {
    expect(() => edit('a: [\n', ['a'], 1)).toThrow(expect.objectContaining({ name: 'HelmError' }))
    expect(() => edit('- a\n', ['a'], 1)).toThrow(expect.objectContaining({ name: 'HelmError' }))
  })
})
