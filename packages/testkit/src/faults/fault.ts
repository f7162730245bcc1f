/** What can go wrong with one request. Where `after` or `at` (bytes of the body) is left out, the proxy's seed chooses a place. */
export type Fault =
  /** The connection breaks in the middle of the answer's body. */
  | { readonly type: 'drop'; readonly after?: number | undefined }
  /** The answer ends early, and its `Content-Length` says so too: only size and digest tell. */
  | { readonly type: 'truncate'; readonly after?: number | undefined }
  /** One byte of the answer's body is another one. */
  | { readonly type: 'corrupt'; readonly at?: number | undefined }
  /** Another answer in place of the server's, which never sees the request. `retryAfter`: seconds, or an HTTP date. */
  | {
      readonly type: 'answer'
      readonly status: number
      readonly retryAfter?: number | string | undefined
      readonly headers?: Readonly<Record<string, string>> | undefined
      readonly body?: string | undefined
    }
  /** The answer's body comes slowly. */
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  /** The connection is reset in the middle of the request's body, of which the server gets the first part. */
  | { readonly type: 'reset'; readonly after?: number | undefined }
  /** Nothing more comes: without `after` not even the head of an answer. */
  | { readonly type: 'hang'; readonly after?: number | undefined }

/** Which requests meet a fault. */
export interface FaultRule {
  readonly fault: Fault
  readonly method?: string | undefined
  /** Tested against path and query; a text has to be part of it. */
  readonly path?: RegExp | string | undefined
  /** The first matching request that meets it, counted from 1. The default is 1. */
  readonly nth?: number | undefined
  /** How many requests meet it. The default is 1. */
  readonly times?: number | undefined
}

/** Faults at random places, the same for the same seed and the same order of requests. */
export interface RandomFaults {
  readonly faults: readonly Fault[]
  /** From 0 to 1. */
  readonly probability: number
  readonly method?: string | undefined
  readonly path?: RegExp | string | undefined
  /** How many requests meet one at most. Left out: no limit. */
  readonly times?: number | undefined
}

/** A fault that happened. */
export interface FaultRecord {
  readonly type: Fault['type']
  readonly method: string
  /** Path without query. */
  readonly path: string
}

interface Matcher {
  readonly method?: string | undefined
  readonly path?: RegExp | string | undefined
}

function matches({ method, path }: Matcher, request: { method: string; url: string }): boolean {
  if (method !== undefined && method.toUpperCase() !== request.method) return false
  if (path === undefined) return true
  return typeof path === 'string'
    ? request.url.includes(path)
    : new RegExp(path.source, path.flags.replace(/[gy]/g, '')).test(request.url)
}

/** Chooses the fault of each request, the first rule that wants it, then chance. */
export function faultChooser(
  rules: readonly FaultRule[],
  random: RandomFaults | undefined,
  chance: () => number,
): (request: { method: string; url: string }) => Fault | undefined {
  const counts = rules.map(() => 0)
  let left = random?.times ?? Infinity
  return (request) => {
    let chosen: Fault | undefined
    for (const [index, rule] of rules.entries()) {
      if (!matches(rule, request)) continue
      const count = (counts[index] ?? 0) + 1
      counts[index] = count
      const first = rule.nth ?? 1
      if (count >= first && count < first + (rule.times ?? 1)) chosen ??= rule.fault
    }
    if (chosen !== undefined || random === undefined || left <= 0 || !matches(random, request)) return chosen
    if (chance() >= random.probability) return undefined
    left--
    return random.faults[Math.floor(chance() * random.faults.length)]
  }
}
