import type { HttpResponse } from '@ropeway/core'

/** `100;w=21600`: a number, and the seconds that it is counted over. */
export interface RateLimit {
  readonly count: number
  /** In milliseconds. */
  readonly window: number | undefined
}

export function parseRateLimit(header: string | undefined): RateLimit | undefined {
  const match = /^\s*(\d+)\s*(?:;\s*w=(\d+))?/.exec(header ?? '')
  if (match === null) return undefined
  return { count: Number(match[1]), window: match[2] === undefined ? undefined : Number(match[2]) * 1000 }
}

/** How many pulls Docker Hub still allows; `undefined` when it does not count them. */
export function remainingPulls(response: Pick<HttpResponse, 'headers'>): RateLimit | undefined {
  return parseRateLimit(response.headers['ratelimit-remaining'])
}

/** A 429 that says that the pulls of some hours are used up: waiting a little does not help, as it does against haste. */
export function isPullLimit(response: Pick<HttpResponse, 'status' | 'headers'>, text: string): boolean {
  if (response.status !== 429) return false
  return remainingPulls(response)?.count === 0 || /pull rate limit/i.test(text)
}
