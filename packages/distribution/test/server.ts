import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { serverCertificate, serverKey } from './certificates.js'

export interface Seen {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export type Handler = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void | Promise<void>

export interface TestServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly url: string
  readonly seen: Seen[]
  /** `METHOD /path` of all that came. */
  lines(): string[]
}

interface ServeOptions {
  readonly tls?: boolean
  /** A CA whose client certificates are asked for. */
  readonly clientCa?: string
  /** Handles requests before their bodies are read. */
  readonly raw?: boolean
}

/** A server on a free port of 127.0.0.1 that keeps what it was asked. */
export async function serve(handler: Handler, options: ServeOptions = {}): Promise<TestServer> {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void answer(handler, seen, request, response, options.raw === true)
  }
  const server: Server =
    options.tls === true
      ? createSecureServer(
          {
            cert: serverCertificate,
            key: serverKey,
            ...(options.clientCa === undefined
              ? {}
              : { requestCert: true, rejectUnauthorized: true, ca: options.clientCa }),
          },
          listener,
        )
      : createServer(listener)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: `${options.tls === true ? 'https' : 'http'}://${host}`,
    seen,
    lines: () => seen.map(({ method, path }) => `${method} ${path}`),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(
  handler: Handler,
  seen: Seen[],
  request: IncomingMessage,
  response: ServerResponse,
  raw: boolean,
): Promise<void> {
  const chunks: Buffer[] = []
  try {
    if (!raw) for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return
  }
  const entry: Seen = {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    ),
    body: Buffer.concat(chunks).toString('latin1'),
  }
  seen.push(entry)
  await handler(entry, response, request)
}

export async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new TypeError('it was not rejected')
}
