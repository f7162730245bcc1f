import { describe, expect, it } from 'vitest'
import { tee } from './tee.js'

async function* numbers(count: number, read?: (n: number) => void): AsyncIterable<Uint8Array> {
  for (let n = 0; n < count; n++) {
    read?.(n)
    yield Uint8Array.of(n)
  }
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<number[]> {
  const seen: number[] = []
  for await (const chunk of stream) seen.push(...chunk)
  return seen
}

describe('tee', () => {
  it('gives every reader everything and reads the source once', async () => {
    let reads = 0
    const branches = tee(
      numbers(50, () => reads++),
      3,
    )
    const seen = await Promise.all(branches.map(({ stream }) => all(stream)))
    expect(reads).toBe(50)
    for (const one of seen) expect(one).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })
  it('goes at the pace of the slowest', async () => {
    let read = 0
    const [fast, slow] = tee(
      numbers(100, () => read++),
      2,
    )
    const done = all(fast!.stream)
    const iterator = slow!.stream[Symbol.asyncIterator]()
    await iterator.next()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(read).toBeLessThan(12)
    slow!.leave()
    expect((await done).length).toBe(100)
  })
  it('goes on without a reader that stops, and without one that never starts and is let go', async () => {
    const [a, b, c] = tee(numbers(40), 3)
    const whole = all(a!.stream)
    for await (const _ of b!.stream) break
    c!.leave()
    expect((await whole).length).toBe(40)
  })
  it('hands a fault of the source to all', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Uint8Array.of(1)
      throw new Error('gone')
    }
    const branches = tee(broken(), 2)
    const results = await Promise.allSettled(branches.map(({ stream }) => all(stream)))
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
  })
  it('stops reading when nobody is left', async () => {
    let read = 0
    const [a, b] = tee(
      numbers(1000, () => read++),
      2,
    )
    for await (const _ of a!.stream) break
    for await (const _ of b!.stream) break
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(read).toBeLessThan(12)
  })
})
