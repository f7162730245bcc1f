import type { Event } from '@ropeway/core'
import { createHttp } from '../src/http/client.js'
import type { HttpClient, HttpOptions } from '../src/http/types.js'

export interface TestHttp extends AsyncDisposable {
  readonly http: HttpClient
  readonly events: Event[]
  /** Waits that were asked for, in milliseconds; none of them was waited. */
  readonly sleeps: number[]
}

/** HTTP whose clock goes on by what would have been slept, and whose waits are always the longest. */
export function testHttp(options: HttpOptions = {}): TestHttp {
  const events: Event[] = []
  const sleeps: number[] = []
  let now = Date.UTC(2026, 0, 1)
  const http = createHttp({
    systemCa: false,
    clock: { now: () => now },
    random: () => 1,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted()
      sleeps.push(milliseconds)
      now += milliseconds
    },
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { http, events, sleeps, [Symbol.asyncDispose]: () => http.close() }
}
