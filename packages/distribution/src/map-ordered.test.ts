import { describe, expect, it } from 'vitest'
import { mapOrdered } from './map-ordered.js'

const later = async <T>(value: T): Promise<T> => {
  await new Promise((resolve) => setImmediate(resolve))
  return value
}

describe('mapOrdered', () => {
  it('keeps the order and the limit', async () => {
    let running = 0
    let most = 0
    const results: number[] = []
    const work = mapOrdered([5, 4, 3, 2, 1], 2, async (turns) => {
      running += 1
      most = Math.max(most, running)
      for (let turn = 0; turn < turns; turn += 1) await later(turn)
      running -= 1
      return turns
    })
    for await (const result of work) results.push(result)
    expect(results).toEqual([5, 4, 3, 2, 1])
    expect(most).toBe(2)
  })

  it('starts nothing more once the reader has stopped', async () => {
    const started: number[] = []
    const work = mapOrdered([1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item)
      return later(item)
    })
    for await (const result of work) if (result === 1) break
    expect(started).toEqual([1, 2])
  })

  it('ends with the first failure in its turn, whatever fails behind it', async () => {
    const results: string[] = []
    const work = mapOrdered(['a', 'b', 'c', 'd'], 4, async (item) => {
      await later(item)
      if (item !== 'a') throw new TypeError(item)
      return item
    })
    const read = async (): Promise<void> => {
      for await (const result of work) results.push(result)
    }
    await expect(read()).rejects.toThrow('b')
    expect(results).toEqual(['a'])
  })
})
