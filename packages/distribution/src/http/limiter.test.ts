import { describe, expect, it } from 'vitest'
import { rejection } from '../../test/server.js'
import { createLimiter, createLimiters } from './limiter.js'

describe('a limiter', () => {
  it('lets tasks in by their order, and gives a slot back when one throws', async () => {
    const limiter = createLimiter(1)
    const order: string[] = []
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map((name) =>
        limiter.run(async () => {
          order.push(name)
          await Promise.resolve()
          if (name === 'b') throw new TypeError(name)
          return name
        }),
      ),
    )
    expect(order).toEqual(['a', 'b', 'c'])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('lets go of who is aborted while waiting', async () => {
    const limiter = createLimiter(1)
    const release = await limiter.acquire()
    const controller = new AbortController()
    const waiting = limiter.acquire(controller.signal)
    const behind = limiter.acquire()
    controller.abort(new TypeError('enough'))
    expect(await rejection(waiting)).toMatchObject({ message: 'enough' })
    expect(await rejection(limiter.acquire(controller.signal))).toMatchObject({ message: 'enough' })
    release()
    release()
    const next = await behind
    next()
    expect(await limiter.run(async () => 'free')).toBe('free')
  })

  it('has at least one slot, and one limiter a key', async () => {
    expect(await createLimiter(0).run(async () => 1)).toBe(1)
    const limiters = createLimiters(2)
    expect(limiters('a')).toBe(limiters('a'))
    expect(limiters('a')).not.toBe(limiters('b'))
  })
})
