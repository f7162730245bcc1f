import type { Event, Http, HttpRequest, HttpResponse, Limiter } from '@ropeway/core'
import type { Scene } from '../errors.js'
import type { RetryPolicy } from './backoff.js'
import type { Timeouts, TrustOptions } from './dispatchers.js'
import type { Clock, Sleep } from './gate.js'
import type { ProxyOptions } from './no-proxy.js'

export interface HttpOptions extends TrustOptions, ProxyOptions {
  /** Sent as `User-Agent`. */
  readonly userAgent?: string | undefined
  /** Requests and downloads at once to one host. The default is 8. Uploads are bounded by whoever starts them. */
  readonly concurrency?: number | undefined
  readonly timeouts?: Partial<Timeouts> | undefined
  readonly retry?: Partial<RetryPolicy> | undefined
  /** Redirects that one request may follow. The default is 10. */
  readonly maxRedirects?: number | undefined
  readonly onEvent?: ((event: Event) => void) | undefined
  readonly clock?: Clock | undefined
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined
  readonly sleep?: Sleep | undefined
}

/** A request as the rooms of this package make it. */
export interface SendRequest extends HttpRequest {
  /** What errors say of it; the default is the URL without query. */
  readonly about?: string | undefined
  readonly operation?: string | undefined
  /** Tries in all; the default is the policy's. 1 for what must not be sent blindly again. */
  readonly attempts?: number | undefined
  /** Whether a retryable answer is to be taken as it is. Its body can still be read. */
  readonly final?: ((response: HttpResponse, text: string) => boolean) | undefined
  /** True when the caller holds a slot of the host already, or needs none. */
  readonly unlimited?: boolean | undefined
}

/** `Http` with what the registry client needs beside it. One instance serves a whole run. */
export interface HttpClient extends Http {
  send(request: SendRequest): Promise<HttpResponse>
  /** Goes on with a transfer that breaks; see `resume.ts`. */
  readonly retry: RetryPolicy
  readonly clock: Clock
  /** Waits before the next try of `about`, and tells of it. `attempt` counts from 1. */
  pause(about: string, attempt: number, reason: string, signal?: AbortSignal, wait?: number): Promise<void>
  /** Slots for downloads from one host. */
  transfers(host: string): { acquire(signal?: AbortSignal): Promise<() => void> }
  /** Bounds requests to one host. */
  limiter(host: string): Limiter
  /** Whether the host may speak plain HTTP. */
  allowsPlain(host: string): boolean
  /** Closes all connections. */
  close(): Promise<void>
}

export type { Scene }
