import { setTimeout } from 'node:timers/promises'

/** Holds the actions of a service to the rates that it allows. */
export interface Pacer {
  /** Waits until the action may be done once more. */
  turn(action: string): Promise<void>
  /** The service throttled the action: it is done at half the rate from now on. */
  throttled(action: string): void
  /** It did not: the rate rises again, bit by bit, up to the limit. */
  passed(action: string): void
}

/** Per second. */
const slowest = 0.2
/** Share of the limit that every success gives back. */
const recovery = 0.02

interface Bucket {
  rate: number
  tokens: number
  at: number
}

export interface PacerOptions {
  readonly signal: AbortSignal
  /** How often each action may be done in a second. */
  readonly limitOf: (action: string) => number
  /** Monotonic milliseconds. */
  readonly now?: (() => number) | undefined
  readonly sleep?: ((milliseconds: number, signal: AbortSignal) => Promise<unknown>) | undefined
}

/**
 * One bucket an action: what was saved up in one second may be done at once. Additive increase, multiplicative decrease, so
 * that several that work for one account share what it allows.
 */
export function createPacer(options: PacerOptions): Pacer {
  const { signal, limitOf, now = () => performance.now() } = options
  const sleep = options.sleep ?? ((milliseconds, stop) => setTimeout(milliseconds, undefined, { signal: stop }))
  const buckets = new Map<string, Bucket>()

  function bucketOf(action: string): Bucket {
    const rate = limitOf(action)
    const bucket = buckets.get(action) ?? { rate, tokens: rate, at: now() }
    buckets.set(action, bucket)
    return bucket
  }

  return {
    async turn(action) {
      signal.throwIfAborted()
      const bucket = bucketOf(action)
      const time = now()
      const saved = bucket.tokens + ((time - bucket.at) / 1000) * bucket.rate
      bucket.tokens = Math.min(Math.max(1, bucket.rate), saved) - 1
      bucket.at = time
      if (bucket.tokens >= 0) return
      try {
        await sleep((-bucket.tokens / bucket.rate) * 1000, signal)
      } catch (error) {
        signal.throwIfAborted()
        throw error
      }
    },
    throttled(action) {
      const bucket = bucketOf(action)
      bucket.rate = Math.max(slowest, bucket.rate / 2)
      bucket.tokens = Math.min(bucket.tokens, 0)
    },
    passed(action) {
      const bucket = bucketOf(action)
      bucket.rate = Math.min(limitOf(action), bucket.rate + limitOf(action) * recovery)
    },
  }
}
