import { describe, expect, it } from 'vitest'
import type { TimedEvent } from '@ropeway/core'
import { createEventQueue } from './events.js'

describe('the event queue', () => {
  it('delivers later, in order, with a time', async () => {
    const seen: TimedEvent[] = []
    const queue = createEventQueue(
      (event) => seen.push(event),
      () => 42,
    )
    queue.emit({ type: 'phase:start', phase: 'plan' })
    queue.emit({ type: 'log', level: 'info', message: 'hello' })
    expect(seen).toEqual([])
    await queue.flush()
    expect(seen.map((event) => [event.type, event.at])).toEqual([
      ['phase:start', 42],
      ['log', 42],
    ])
  })
  it('keeps only the newest progress of a blob and every other event', async () => {
    const seen: TimedEvent[] = []
    const queue = createEventQueue(
      (event) => seen.push(event),
      () => 0,
    )
    for (let done = 0; done <= 1000; done++) queue.emit({ type: 'blob:progress', digest: 'a', done, size: 1000 })
    queue.emit({ type: 'blob:progress', digest: 'b', done: 1, size: 2 })
    await queue.flush()
    expect(seen).toMatchObject([
      { digest: 'a', done: 1000 },
      { digest: 'b', done: 1 },
    ])
  })
  it('outlives a listener that throws', async () => {
    let calls = 0
    const queue = createEventQueue(
      () => {
        calls++
        throw new Error('renderer')
      },
      () => 0,
    )
    queue.emit({ type: 'log', level: 'info', message: '1' })
    queue.emit({ type: 'log', level: 'info', message: '2' })
    await queue.flush()
    expect(calls).toBe(2)
  })
})
