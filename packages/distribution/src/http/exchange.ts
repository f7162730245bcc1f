import { Readable } from 'node:stream'
import { isRopewayError, type HttpResponse } from '@ropeway/core'
import { plainHttp, redirectRefused, unreachable, type Scene } from '../errors.js'
import { redactUrl } from '../redact.js'
import type { Dispatchers } from './dispatchers.js'
import { behindProxy, classifyFault, type Fault } from './faults.js'
import type { Gate } from './gate.js'
import { nextHop, type Hop } from './redirects.js'
import type { Schemes } from './schemes.js'

export type Body = string | Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined

export interface Exchange {
  readonly hop: Hop
  readonly body: Body
  readonly scene: Scene
  readonly signal: AbortSignal | undefined
}

export interface ExchangeOptions {
  readonly dispatchers: Dispatchers
  readonly schemes: Schemes
  readonly gates: (host: string) => Gate
  readonly maxRedirects: number
}

/** A fault below HTTP, with the host that it came from. It never leaves this package. */
export class TransportFault extends Error {
  readonly host: string
  readonly fault: Fault
  constructor(host: string, cause: unknown, proxy: string | undefined) {
    super('transport fault', { cause })
    this.host = host
    this.fault = behindProxy(classifyFault(cause), proxy)
  }
}

/**
 * Sends a request once and follows its redirects. Throws a `TransportFault` for what may be tried again, a `RopewayError`
 * for what may not.
 */
export async function exchange(request: Exchange, options: ExchangeOptions): Promise<HttpResponse> {
  let hop = request.hop
  for (let redirects = 0; redirects <= options.maxRedirects; redirects += 1) {
    await options.gates(hop.url.host).wait(request.signal)
    const { response, url } = await sendEitherWay({ ...request, hop }, options)
    const next = nextHop(
      { ...hop, url },
      response.status,
      response.headers['location'],
      request.scene,
      options.schemes.apply,
    )
    if (next === undefined) return response
    await discard(response)
    hop = next
  }
  throw redirectRefused(
    request.scene,
    redactUrl(request.hop.url),
    redactUrl(hop.url),
    `it is redirect number ${options.maxRedirects + 1}`,
  )
}

interface Sent {
  readonly response: HttpResponse
  /** The address with its query and the scheme that was spoken. */
  readonly url: URL
}

/** HTTPS first; a host that may speak plain HTTP and turns out to is asked so, now and from then on. */
async function sendEitherWay(request: Exchange, options: ExchangeOptions): Promise<Sent> {
  const { hop, scene } = request
  const { schemes } = options
  const url = schemes.apply(hop.url)
  if (url.protocol === 'http:' && !schemes.allowsPlain(url.host)) throw plainHttp(scene, url.host)
  try {
    return { response: await sendTo(url, request, options), url }
  } catch (error) {
    const plain = error instanceof TransportFault ? schemes.fallback(url, error.fault) : undefined
    if (plain === undefined) throw error
    const response = await sendTo(plain, request, options)
    schemes.remember(url)
    return { response, url: plain }
  }
}

async function sendTo(url: URL, request: Exchange, options: ExchangeOptions): Promise<HttpResponse> {
  const { hop, scene, signal } = request
  const dispatcher = await options.dispatchers.for(url, scene)
  const body = typeof request.body === 'function' ? Readable.from(request.body(), { objectMode: false }) : request.body
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: hop.method,
      headers: hop.headers,
      body: body ?? null,
      signal: signal ?? null,
      // undici would close the connection after a HEAD, and open (and shake hands on) another for each
      ...(hop.method === 'HEAD' && { reset: false }),
    })
    return {
      status: answer.statusCode,
      headers: joinHeaders(answer.headers),
      url: redactUrl(url),
      body: guarded(answer.body, url.host, request),
    }
  } catch (error) {
    if (body instanceof Readable) body.destroy()
    signal?.throwIfAborted()
    // The body's own error: not the network's, and nothing to try again for.
    if (isRopewayError(error)) throw error
    throw new TransportFault(url.host, error, options.dispatchers.proxyOf(url))
  }
}

function joinHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

/** The body with faults as `…_UNREACHABLE`, marked temporary where going on may help. */
function guarded(body: Readable, host: string, { scene, signal }: Exchange): AsyncIterable<Uint8Array> {
  // A body that nobody reads must not end the process when its connection breaks.
  body.on('error', () => undefined)
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* body as AsyncIterable<Uint8Array>
      } catch (error) {
        signal?.throwIfAborted()
        throw unreachable(scene, host, classifyFault(error), error)
      }
    },
  }
}

/** Frees the connection of an answer whose body nobody wants: reads a small rest, breaks off a large one. */
export async function discard(response: HttpResponse): Promise<void> {
  await readText(response).catch(() => undefined)
}

const longestText = 64 * 1024

/** Text of an error answer, cut at 64 KiB. A body that breaks gives what came before. */
export async function readText(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size >= longestText) break
    }
  } catch {
    // What came is enough for an error message.
  }
  return Buffer.concat(chunks).subarray(0, longestText).toString('utf8')
}
