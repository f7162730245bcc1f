import type { Event, TimedEvent } from '@ropeway/core'

/**
 * Hands events to a listener without ever holding up or failing the transfer: they queue and are delivered between turns of
 * the event loop. Of one blob's progress only the newest is kept, so that the queue stays small behind a slow listener.
 */
export interface EventQueue {
  emit(event: Event): void
  /** Resolves when all that was emitted has been handed over. */
  flush(): Promise<void>
}

export function createEventQueue(listener: (event: TimedEvent) => void, now: () => number): EventQueue {
  let queue: TimedEvent[] = []
  const progress = new Map<string, number>()
  let scheduled: Promise<void> | undefined

  function drain(): void {
    const batch = queue
    queue = []
    progress.clear()
    scheduled = undefined
    for (const event of batch) {
      try {
        listener(event)
      } catch {
        // A renderer's fault must not become the transfer's.
      }
    }
  }

  return {
    emit(event) {
      const timed = { ...event, at: now() }
      if (event.type === 'blob:progress') {
        const index = progress.get(event.digest)
        if (index !== undefined) {
          queue[index] = timed
          return
        }
        progress.set(event.digest, queue.length)
      }
      queue.push(timed)
      scheduled ??= new Promise((resolve) => {
        setImmediate(() => {
          drain()
          resolve()
        })
      })
    },
    async flush() {
      while (scheduled !== undefined) await scheduled
    },
  }
}
