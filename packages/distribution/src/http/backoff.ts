/** How often and how long is waited. Times are in milliseconds. */
export interface RetryPolicy {
  /** Tries of one operation in all, the first included. */
  readonly attempts: number
  /** Longest wait before the second try; it doubles with every further one. */
  readonly base: number
  /** Longest wait that the client chooses by itself. */
  readonly cap: number
  /** Longest `Retry-After` that is waited for; a server that asks for more is not asked again. */
  readonly retryAfterCap: number
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 5, base: 500, cap: 30_000, retryAfterCap: 300_000 }

/** Full jitter: uniform between nothing and the doubled wait, so that workers which failed together do not return together. */
export function backoff(policy: RetryPolicy, attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(policy.cap, policy.base * 2 ** (attempt - 1)))
}

/** `Retry-After` in milliseconds from now: a number of seconds or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  if (!/[a-z]/i.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const retryable = new Set([408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524])

/** True for answers that may be better next time. */
export function isRetryableStatus(status: number): boolean {
  return retryable.has(status)
}
