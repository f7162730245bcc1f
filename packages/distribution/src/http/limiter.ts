import type { Limiter } from '@ropeway/core'

/** A `Limiter` whose slots can also be held over several calls, for streams. */
export interface Slots extends Limiter {
  /** Waits for a slot, first come first served; the function that it gives frees it, and may be called again. */
  acquire(signal?: AbortSignal): Promise<() => void>
}

interface Waiter {
  readonly start: () => void
}

/** At most `limit` tasks at once (at least one). Aborting while waiting throws the signal's reason. */
export function createLimiter(limit: number): Slots {
  const slots = Math.max(1, Math.floor(limit))
  const waiting: Waiter[] = []
  let running = 0

  function releaser(): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next.start()
    }
  }

  async function acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (running < slots) {
      running += 1
      return releaser()
    }
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        start: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      }
      function leave(): void {
        waiting.splice(waiting.indexOf(waiter), 1)
        reject(signal?.reason)
      }
      waiting.push(waiter)
      signal?.addEventListener('abort', leave, { once: true })
    })
    return releaser()
  }

  return {
    acquire,
    async run(task, signal) {
      const release = await acquire(signal)
      try {
        return await task()
      } finally {
        release()
      }
    },
  }
}

/** One limiter a key, all of one size, made when first asked for. */
export function createLimiters(limit: number): (key: string) => Slots {
  const limiters = new Map<string, Slots>()
  return (key) => {
    const known = limiters.get(key) ?? createLimiter(limit)
    limiters.set(key, known)
    return known
  }
}
