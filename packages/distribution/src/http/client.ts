import { setTimeout } from 'node:timers/promises'
import type { HttpResponse } from '@ropeway/core'
import { unreachable, type Scene } from '../errors.js'
import { backoff, defaultRetryPolicy, isRetryableStatus, retryAfter, type RetryPolicy } from './backoff.js'
import { createDispatchers, type Timeouts } from './dispatchers.js'
import { download } from './download.js'
import { exchange, readText, TransportFault } from './exchange.js'
import { createGates, type Sleep } from './gate.js'
import { createLimiters } from './limiter.js'
import { prepare } from './prepare.js'
import { createSchemes } from './schemes.js'
import type { HttpClient, HttpOptions, SendRequest } from './types.js'

const defaultTimeouts: Timeouts = { connect: 30_000, headers: 300_000, body: 90_000 }
const defaultConcurrency = 8

const sleepFor: Sleep = async (milliseconds, signal) => {
  signal?.throwIfAborted()
  await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw error
  })
}

/**
 * HTTP for a whole run, on undici. Per host: one limiter, one gate that closes for all when the host asks for a pause,
 * one connection pool per trust setting. Answers are handed out as sent, never decompressed.
 */
export function createHttp(options: HttpOptions = {}): HttpClient {
  const retry: RetryPolicy = { ...defaultRetryPolicy, ...options.retry }
  const clock = options.clock ?? { now: () => Date.now() }
  const random = options.random ?? Math.random
  const sleep = options.sleep ?? sleepFor
  const dispatchers = createDispatchers(options, options, { ...defaultTimeouts, ...options.timeouts })
  const schemes = createSchemes(options.insecure)
  const gates = createGates(clock, sleep)
  const limiters = createLimiters(options.concurrency ?? defaultConcurrency)
  const transfers = createLimiters(options.concurrency ?? defaultConcurrency)
  const exchangeOptions = { dispatchers, schemes, gates, maxRedirects: options.maxRedirects ?? 10 }

  function announce(about: string, attempt: number, wait: number, reason: string): void {
    options.onEvent?.({ type: 'retry', about, attempt, wait, reason })
  }

  const client: HttpClient = {
    retry,
    clock,
    send,
    request: send,
    download: (request) => download(client, request),
    limiter: limiters,
    transfers,
    allowsPlain: schemes.allowsPlain,
    async pause(about, attempt, reason, signal, wait = backoff(retry, attempt, random)) {
      announce(about, attempt, wait, reason)
      await sleep(wait, signal)
    },
    close: dispatchers.close,
  }

  async function send(request: SendRequest): Promise<HttpResponse> {
    const { url, headers, scene } = prepare(request, options.userAgent)
    const attempts = request.attempts ?? retry.attempts
    const once = () =>
      exchange(
        { hop: { url, method: request.method ?? 'GET', headers }, body: request.body, scene, signal: request.signal },
        exchangeOptions,
      )
    for (let attempt = 1; ; attempt += 1) {
      const result = await settle(request.unlimited === true ? once() : limiters(url.host).run(once, request.signal))
      const verdict = 'fault' in result ? judgeFault(result.fault, scene) : await judgeAnswer(result.response, request)
      if (verdict.final || attempt >= attempts) return verdict.finish()
      await hold(verdict, attempt, scene, request.signal)
    }
  }

  async function judgeAnswer(answer: HttpResponse, request: SendRequest): Promise<Verdict> {
    const host = new URL(answer.url).host
    if (answer.status < 300) return { final: true, reason: '', host, finish: () => answer }
    const text = await readText(answer)
    const response = { ...answer, body: replay(text) }
    const asked = retryAfter(answer.headers['retry-after'], clock.now())
    const final =
      !isRetryableStatus(answer.status) ||
      (asked !== undefined && asked > retry.retryAfterCap) ||
      request.final?.(response, text) === true
    const slowDown = answer.status === 429 || asked !== undefined
    return { final, reason: `HTTP ${answer.status}`, host, asked, slowDown, finish: () => response }
  }

  async function hold(verdict: Verdict, attempt: number, scene: Scene, signal?: AbortSignal): Promise<void> {
    const wait = verdict.asked ?? backoff(retry, attempt, random)
    announce(scene.about, attempt, wait, verdict.reason)
    if (verdict.slowDown === true) gates(verdict.host).pause(wait)
    else await sleep(wait, signal)
  }

  return client
}

/** What becomes of one try. */
interface Verdict {
  readonly final: boolean
  readonly reason: string
  readonly host: string
  /** The host asked for this wait, in milliseconds. */
  readonly asked?: number | undefined
  /** Everything that goes to the host waits, not this request alone. */
  readonly slowDown?: boolean | undefined
  /** Gives the answer, or throws, when there is no further try. */
  finish(): HttpResponse
}

function judgeFault({ host, fault, cause }: TransportFault, scene: Scene): Verdict {
  const finish = () => {
    throw unreachable(scene, host, fault, cause)
  }
  return { final: !fault.retry, reason: fault.reason, host, finish }
}

async function settle(
  answer: Promise<HttpResponse>,
): Promise<{ readonly response: HttpResponse } | { readonly fault: TransportFault }> {
  try {
    return { response: await answer }
  } catch (error) {
    if (error instanceof TransportFault) return { fault: error }
    throw error
  }
}

function replay(text: string): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      if (text !== '') yield Buffer.from(text)
    },
  }
}
