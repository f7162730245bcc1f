import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Access } from './access.js'
import { Problem, problemBody } from './problem.js'
import type { Quirks } from './quirks.js'
import type { Storage } from './storage.js'

/** One request with all that its handler needs. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  /** Path as it was asked, without query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Scheme and host under which the client reached this server. */
  readonly origin: string
  readonly access: Access
  readonly storage: Storage
  readonly quirks: Quirks
}

type Headers = Readonly<Record<string, string | number>>

function isHead(exchange: Pick<Exchange, 'method'>): boolean {
  return exchange.method === 'HEAD'
}

/** Answers with a body that is in memory; HEAD gets the same headers without it. */
export function reply(
  exchange: Pick<Exchange, 'response' | 'method'>,
  status: number,
  headers: Headers = {},
  body: string | Uint8Array = '',
): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  const lengthHeader = status === 204 || status === 304 ? {} : { 'content-length': length }
  exchange.response.writeHead(status, { ...lengthHeader, ...headers })
  exchange.response.end(isHead(exchange) || length === 0 ? undefined : body)
}

export function replyJson(exchange: Exchange, status: number, value: unknown, headers: Headers = {}): void {
  reply(exchange, status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value))
}

/** Answers with a stream whose length the headers tell. A source that fails breaks the connection, so that nobody takes it for whole. */
export async function replyStream(
  exchange: Exchange,
  status: number,
  headers: Headers,
  open: () => AsyncIterable<Uint8Array>,
): Promise<void> {
  exchange.response.writeHead(status, headers)
  if (isHead(exchange)) {
    exchange.response.end()
    return
  }
  exchange.response.flushHeaders()
  await pipeline(open(), exchange.response)
}

/** Answers with an error body of the distribution-spec. A body that is still coming in is not read: the connection ends. */
export function replyProblem(exchange: Pick<Exchange, 'request' | 'response' | 'method'>, problem: Problem): void {
  const unread = exchange.request.readableEnded ? {} : { connection: 'close' }
  const hasBody = Number(exchange.request.headers['content-length'] ?? 0) > 0
  const chunked = exchange.request.headers['transfer-encoding'] !== undefined
  reply(
    exchange,
    problem.status,
    { 'content-type': 'application/json', ...(hasBody || chunked ? unread : {}), ...problem.headers },
    problemBody(problem.code, problem.message, problem.detail),
  )
}

/** The header's value without parameters, in lower case; empty when absent. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Address of a path of this server, as the client is to be told. */
export function locate(exchange: Exchange, path: string): string {
  return exchange.quirks.relativeLocation === true ? path : `${exchange.origin}${path}`
}

/** The digest header, unless a quirk leaves it out. */
export function digestHeader(exchange: Exchange, digest: string): Record<string, string> {
  return exchange.quirks.noDigestHeader === true ? {} : { 'docker-content-digest': digest }
}

/** The part of the storage that writes. Throws UNSUPPORTED when the registry is read-only. */
export function writable(exchange: Exchange): NonNullable<Storage['write']> {
  const write = exchange.storage.write
  if (write === undefined) throw new Problem('UNSUPPORTED', 'this registry is read-only')
  return write
}
