import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rangeSet } from './ranges.js'

const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }))

describe('rangeSet', () => {
  it('merges ranges that touch or overlap', () => {
    const set = rangeSet([
      { start: 10, end: 20 },
      { start: 0, end: 5 },
    ])
    expect(set.add({ start: 5, end: 10 })).toEqual({ start: 0, end: 20 })
    expect(set.add({ start: 30, end: 30 })).toEqual({ start: 30, end: 30 })
    expect(set.ranges).toEqual([{ start: 0, end: 20 }])
  })

  it('is the set of its bytes, whatever is added and removed', () => {
    const step = fc.record({ add: fc.boolean(), range })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), range, (steps, asked) => {
        const set = rangeSet()
        const bytes = new Set<number>()
        for (const { add, range } of steps) {
          if (add) set.add(range)
          else set.remove(range)
          for (let at = range.start; at < range.end; at++) {
            if (add) bytes.add(at)
            else bytes.delete(at)
          }
        }
        const listed = set.ranges.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, at) => start + at),
        )
        expect(listed).toEqual([...bytes].sort((a, b) => a - b))
        expect(set.total).toBe(bytes.size)
        set.ranges.forEach(({ start }, index) => expect(start).toBeGreaterThan(set.ranges[index - 1]?.end ?? -1))
        const wanted = Array.from({ length: asked.end - asked.start }, (_, at) => asked.start + at)
        expect(set.covers(asked)).toBe(wanted.every((at) => bytes.has(at)))
      }),
    )
  })
})
