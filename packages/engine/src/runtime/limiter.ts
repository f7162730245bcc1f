import type { Limiter } from '@ropeway/core'

/** Runs at most `slots` tasks at once, in the order they came. */
export function createLimiter(slots: number): Limiter {
  let running = 0
  const waiting: (() => void)[] = []
  return {
    async run(task, signal) {
      signal?.throwIfAborted()
      if (running >= slots) await new Promise<void>((resolve) => waiting.push(resolve))
      else running++
      try {
        signal?.throwIfAborted()
        return await task()
      } finally {
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}
