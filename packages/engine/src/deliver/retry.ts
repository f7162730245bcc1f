import { isRopewayError, messageOf } from '@ropeway/core'
import type { Runtime } from '../runtime/runtime.js'

/** Tries of one piece of work; the registry client has tried each request several times by itself. */
const attempts = 3
const base = 500
const cap = 20_000

/** Does a piece of work again, with full jitter, while its error says that the same may succeed later. */
export async function withRetries<T>(
  about: string,
  runtime: Runtime,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (thrown) {
      runtime.signal.throwIfAborted()
      if (attempt === attempts || !isRopewayError(thrown) || !thrown.temporary) throw thrown
      const wait = thrown.retryAfter ?? Math.round(runtime.random() * Math.min(cap, base * 2 ** attempt))
      runtime.emit({ type: 'retry', about, attempt, wait, reason: messageOf(thrown) })
      await runtime.sleep(wait, runtime.signal)
    }
  }
}
