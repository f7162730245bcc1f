import { GoMap, makeMap, makeSlice } from '@ropeway/gotemplate'
import { describe, expect, it } from 'vitest'
import { lazyCopy } from './lazy-copy.js'

describe('a copy that is made where it is looked at', () => {
  const inner = makeMap([['x', 1]])
  const given = makeMap([
    ['inner', inner],
    ['list', makeSlice([makeMap([['y', 2]]), 'text'])],
    ['words', makeSlice(['a', 'b'])],
  ])
  it('says what was given, however it is asked', () => {
    for (const look of [
      ({ entries }: GoMap) => entries.size,
      ({ entries }: GoMap) => [...entries.keys()],
      ({ entries }: GoMap) => [...entries].length,
      ({ entries }: GoMap) => entries.has('inner'),
      ({ entries }: GoMap) => [...new Map(entries).keys()],
    ]) {
      expect(look(lazyCopy(given))).toEqual(look(given))
    }
    const keys: string[] = []
    lazyCopy(given).entries.forEach((_, key) => void keys.push(key))
    expect(keys).toEqual(['inner', 'list', 'words'])
  })
  it('is changed without the original', () => {
    const copy = lazyCopy(given)
    const below = copy.entries.get('inner')
    if (below instanceof GoMap) below.entries.set('x', 3)
    copy.entries.delete('words')
    expect(below).not.toBe(inner)
    expect(copy.entries.get('inner')).toBe(below)
    expect(inner.entries.get('x')).toBe(1)
    expect(given.entries.has('words')).toBe(true)
    const emptied = lazyCopy(given)
    emptied.entries.clear()
    expect([emptied.entries.size, given.entries.size]).toEqual([0, 3])
  })
  it('can be copied before it is looked at, and after', () => {
    const copy = lazyCopy(given)
    expect([...lazyCopy(copy).entries.keys()]).toEqual(['inner', 'list', 'words'])
    copy.entries.set('new', true)
    expect([...lazyCopy(copy).entries.keys()]).toEqual(['inner', 'list', 'words', 'new'])
  })
})
