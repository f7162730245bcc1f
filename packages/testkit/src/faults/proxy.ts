import {
  createServer,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, request as httpsRequest } from 'node:https'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { seededRandom } from '../random.js'
import { damaged } from './body.js'
import { faultChooser, type Fault, type FaultRecord, type FaultRule, type RandomFaults } from './fault.js'

export interface FaultProxyOptions {
  readonly rules?: readonly FaultRule[] | undefined
  readonly random?: RandomFaults | undefined
  /** Chooses places and chances. The default is 1. */
  readonly seed?: number | undefined
  /** PEM certificate that the upstream's chains up to. */
  readonly ca?: string | undefined
  /** Serves HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

/** A proxy that does what networks and servers do on bad days. */
export interface FaultProxy {
  readonly url: string
  /** Address and port, as they stand in a reference. */
  readonly host: string
  /** Faults that happened, in their order. */
  readonly faults: readonly FaultRecord[]
  /** How many faults of a type happened. */
  count(type: Fault['type']): number
  /** Requests that came, faulty or not. */
  readonly requests: number
  /** Breaks all connections. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Setup {
  readonly upstream: URL
  readonly ca: string | undefined
  readonly chance: () => number
  readonly happened: (fault: Fault, request: IncomingMessage) => void
}

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
])

function endToEnd(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = '', value = ''] = raw.slice(index, index + 2)
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

/** Byte of a body at which a fault happens. */
function placeOf(wanted: number | undefined, length: number | undefined, chance: () => number): number {
  return wanted ?? Math.floor(chance() * (length ?? 1024))
}

function lengthOf(message: IncomingMessage): number | undefined {
  const header = message.headers['content-length']
  return header === undefined ? undefined : Number(header)
}

function answer(fault: Fault & { readonly type: 'answer' }, request: IncomingMessage, response: ServerResponse): void {
  const { status, retryAfter, headers = {}, body = '' } = fault
  request.resume()
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Sends the first `place` bytes of a request on and breaks both connections; false when the body is not that long. */
async function breakUpload(request: IncomingMessage, outgoing: ClientRequest, place: number): Promise<boolean> {
  const { socket } = request
  const write = (chunk: Uint8Array) => new Promise<void>((resolve) => outgoing.write(chunk, () => resolve()))
  let left = place
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    await write(chunk.subarray(0, left))
    left -= chunk.length
    if (left > 0) continue
    outgoing.destroy()
    socket.resetAndDestroy()
    return true
  }
  outgoing.end()
  return false
}

/** Opens the upstream's answer, while the request's body is on its way. */
async function forward(setup: Setup, request: IncomingMessage, fault: Fault | undefined): Promise<IncomingMessage> {
  const { upstream, ca, chance, happened } = setup
  const start = upstream.protocol === 'https:' ? httpsRequest : httpRequest
  const outgoing = start(new URL(request.url ?? '/', upstream), {
    method: request.method ?? 'GET',
    headers: endToEnd(request.rawHeaders),
    agent: false,
    ...(ca === undefined
      ? {}
      : { ca, servername: isIP(upstream.hostname.replace(/[[\]]/g, '')) === 0 ? upstream.hostname : '' }),
  })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  // Both are heard where the answer is awaited or read; here they must not end the process.
  answered.catch(() => undefined)
  outgoing.on('error', () => undefined)
  request.on('close', () => {
    if (!request.complete) outgoing.destroy()
  })
  if (fault?.type === 'reset') {
    const place = placeOf(fault.after, lengthOf(request), chance)
    if (await breakUpload(request, outgoing, place)) happened(fault, request)
  } else {
    pipeline(request, outgoing).catch(() => outgoing.destroy())
  }
  const [incoming] = await answered
  return incoming
}

const changesBody: ReadonlySet<Fault['type'] | undefined> = new Set(['drop', 'truncate', 'corrupt', 'slow', 'hang'])

async function relay(
  setup: Setup,
  request: IncomingMessage,
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const length = lengthOf(incoming)
  const headers = endToEnd(incoming.rawHeaders)
  const applies = fault !== undefined && changesBody.has(fault.type) && request.method !== 'HEAD' && length !== 0
  if (!applies) {
    response.writeHead(incoming.statusCode ?? 502, headers)
    await pipeline(incoming, response)
    return
  }
  const wanted = fault.type === 'corrupt' ? fault.at : 'after' in fault ? fault.after : undefined
  const place = placeOf(wanted, length, setup.chance)
  setup.happened(fault, request)
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const { body, ending } = damaged(incoming, { fault, place }, gone.signal)
  response.writeHead(
    incoming.statusCode ?? 502,
    fault.type === 'truncate'
      ? headers.map((value, index) =>
          headers[index - 1]?.toLowerCase() === 'content-length' && index % 2 === 1 ? String(place) : value,
        )
      : headers,
  )
  response.flushHeaders()
  for await (const chunk of body) {
    if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal })
  }
  if (ending === 'whole') response.end()
  else if (ending === 'broken') setImmediate(() => response.destroy())
}

async function handle(
  setup: Setup,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.type === 'answer') {
    setup.happened(fault, request)
    answer(fault, request, response)
    return
  }
  if (fault?.type === 'hang' && fault.after === undefined) {
    setup.happened(fault, request)
    request.resume()
    return
  }
  try {
    await relay(setup, request, await forward(setup, request, fault), response, fault)
  } catch {
    if (response.headersSent) response.destroy()
    else response.writeHead(502).end()
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/**
 * Stands in front of a server and makes its answers, or the way to it, fail as told. It passes the `Host` header on, so that
 * addresses which the server gives lead through the proxy too.
 */
export async function faultProxy(upstreamUrl: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const { rules = [], random, seed = 1, ca, tls } = options
  const chance = seededRandom(seed)
  const choose = faultChooser(rules, random, chance)
  const faults: FaultRecord[] = []
  let requests = 0
  const setup: Setup = {
    upstream: new URL(upstreamUrl),
    ca,
    chance,
    happened(fault, { method = 'GET', url = '/' }) {
      faults.push({ type: fault.type, method, path: url.split('?', 1)[0] ?? '/' })
    },
  }
  const server = tls === undefined ? createServer() : createTlsServer({ cert: tls.cert, key: tls.key })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    requests++
    void handle(setup, request, response, choose({ method: request.method ?? 'GET', url: request.url ?? '/' }))
  })
  const host = `127.0.0.1:${String(await listen(server))}`
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    host,
    faults,
    count: (type) => faults.filter((fault) => fault.type === type).length,
    get requests() {
      return requests
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
