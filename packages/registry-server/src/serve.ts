import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { isRopewayError } from '@ropeway/core'
import { isRepository } from '@ropeway/oci'
import { basicGuard, openGuard, type BasicAuth, type Guard, type Need } from './access.js'
import { deleteBlob, getBlob } from './blobs.js'
import { cannotListen, certificateInvalid } from './errors.js'
import { errnoOf } from './files.js'
import { replyProblem, reply, type Exchange } from './exchange.js'
import { listReferrers, listRepositories, listTags } from './listings.js'
import { deleteManifest, getManifest, putManifest } from './manifests.js'
import { Problem } from './problem.js'
import type { Quirks } from './quirks.js'
import { recordOf, type Hooks, type LogEntry } from './record.js'
import { parseRoute, type Route } from './route.js'
import type { Storage } from './storage.js'
import { tokenGuard, type TokenAuth, type TokenGuard } from './token.js'
import { createUploads, type Uploads } from './uploads.js'

export interface ServeOptions {
  readonly storage: Storage
  /** Address to listen on. The default is 127.0.0.1. */
  readonly host?: string | undefined
  /** The default, 0, takes any free port. */
  readonly port?: number | undefined
  /** PEM certificate (with its chain) and key; left out: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** User name and password for all requests, or tokens. Left out: everybody may do everything. */
  readonly auth?: BasicAuth | TokenAuth | undefined
  /** True: writing is refused, even where the storage could. */
  readonly readOnly?: boolean | undefined
  readonly quirks?: Quirks | undefined
  readonly hooks?: Hooks | undefined
  /** Called after each request. */
  readonly log?: ((entry: LogEntry) => void) | undefined
  /** Closes the server. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: { now(): number } | undefined
  /** Uploads that may be open; one more forgets the oldest that nobody sends to. The default is 1000. */
  readonly uploads?: number | undefined
  /** Milliseconds that `close` waits for running requests before it breaks them. The default is 5000. */
  readonly grace?: number | undefined
}

/** A registry that listens. */
export interface RegistryServer {
  /** Scheme, address and port, without a slash at the end. */
  readonly url: string
  /** Address and port, as they stand in a reference. */
  readonly host: string
  readonly port: number
  /** Takes no new request, lets the running ones end, and discards unfinished uploads. */
  close(): Promise<void>
  /** With token authentication: makes all tokens given out so far worthless. */
  expireTokens(): void
  [Symbol.asyncDispose](): Promise<void>
}

interface Service {
  readonly storage: Storage
  readonly quirks: Quirks
  readonly guard: Guard
  readonly tokens: TokenGuard | undefined
  readonly uploads: Uploads
  readonly scheme: 'http' | 'https'
}

const routeMethods: Readonly<Record<Route['kind'], readonly string[]>> = {
  base: ['GET', 'HEAD'],
  catalog: ['GET', 'HEAD'],
  tags: ['GET', 'HEAD'],
  manifest: ['GET', 'HEAD', 'PUT', 'DELETE'],
  blob: ['GET', 'HEAD', 'DELETE'],
  uploads: ['POST'],
  upload: ['GET', 'PATCH', 'PUT', 'DELETE'],
  referrers: ['GET', 'HEAD'],
}

function needsOf(route: Route, method: string, query: URLSearchParams): Need[] {
  if (route.kind === 'base') return []
  if (route.kind === 'catalog') return [{ repository: undefined, actions: ['pull'] }]
  const { repository } = route
  if (route.kind === 'uploads' || route.kind === 'upload' || method === 'PUT') {
    const from = query.get('from')
    const mount: Need[] =
      route.kind === 'uploads' && from !== null && isRepository(from) && query.has('mount')
        ? [{ repository: from, actions: ['pull'], optional: true }]
        : []
    return [{ repository, actions: ['pull', 'push'] }, ...mount]
  }
  return [{ repository, actions: method === 'DELETE' ? ['delete'] : ['pull'] }]
}

async function handle(exchange: Exchange, route: Route, uploads: Uploads): Promise<void> {
  const { method } = exchange
  switch (route.kind) {
    case 'base':
      return reply(exchange, 200, { 'content-type': 'application/json' }, '{}')
    case 'catalog':
      return listRepositories(exchange)
    case 'tags':
      return listTags(exchange, route.repository)
    case 'referrers':
      return listReferrers(exchange, route.repository, route.digest)
    case 'manifest':
      if (method === 'PUT') return putManifest(exchange, route.repository, route)
      if (method === 'DELETE') return deleteManifest(exchange, route.repository, route)
      return getManifest(exchange, route.repository, route)
    case 'blob':
      if (method === 'DELETE') return deleteBlob(exchange, route.repository, route.digest)
      return getBlob(exchange, route.repository, route.digest)
    case 'uploads':
      return uploads.start(exchange, route.repository)
    case 'upload':
      if (method === 'PATCH') return uploads.patch(exchange, route.repository, route.id)
      if (method === 'PUT') return uploads.put(exchange, route.repository, route.id)
      if (method === 'DELETE') return uploads.cancel(exchange, route.repository, route.id)
      return uploads.status(exchange, route.repository, route.id)
  }
}

/** The address under which the client came, so that what it is told works through a proxy too. */
function originOf(request: IncomingMessage, scheme: string): string {
  const { host = '' } = request.headers
  const { localAddress = '', localPort = 0 } = request.socket
  const own = `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${String(localPort)}`
  return `${scheme}://${/^[A-Za-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/.test(host) ? host : own}`
}

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '/', ...rest] = (request.url ?? '/').split('?')
  const query = new URLSearchParams(rest.join('?'))
  const method = request.method ?? 'GET'
  if (path === '/token' && service.tokens !== undefined) {
    await service.tokens.token({ request, response, method, query })
    return
  }
  const route = parseRoute(path)
  if (route === undefined) throw new Problem('UNSUPPORTED', 'there is nothing here', { status: 404 })
  const origin = originOf(request, service.scheme)
  const access = service.guard.admit(request, needsOf(route, method, query), origin)
  const methods = routeMethods[route.kind]
  if (!methods.includes(method)) {
    throw new Problem('UNSUPPORTED', 'this method is not supported here', { headers: { allow: methods.join(', ') } })
  }
  const { storage, quirks } = service
  await handle({ request, response, method, path, query, origin, access, storage, quirks }, route, service.uploads)
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (['ENOSPC', 'EDQUOT'].includes(errnoOf(error) ?? '')) {
    return new Problem('UNKNOWN', 'the disk of the registry is full', { status: 507 })
  }
  return new Problem('UNKNOWN', isRopewayError(error) ? error.message : 'the registry failed inside')
}

const brokenConnection: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'])

async function hooked(
  hooks: Hooks,
  entry: LogEntry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const instead = await hooks.request?.(entry)
  if (instead === undefined) return false
  if (!request.readableEnded) request.resume()
  reply({ response, method: entry.method }, instead.status, instead.headers ?? {}, instead.body ?? '')
  return true
}

/** Answers a request; what is thrown becomes an error body, or breaks the connection when the answer has begun. */
async function listen(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  { log, hooks = {} }: Pick<ServeOptions, 'log' | 'hooks'>,
): Promise<void> {
  const closed = new Promise<void>((resolve) => response.once('close', resolve))
  const { entry, fail } = recordOf(request, response)
  response.setHeader('docker-distribution-api-version', 'registry/2.0')
  try {
    if (!(await hooked(hooks, entry, request, response))) await answer(service, request, response)
  } catch (error) {
    if (!(error instanceof Problem) && !brokenConnection.has(errnoOf(error))) fail(error)
    if (response.headersSent) response.destroy()
    else replyProblem({ request, response, method: entry.method }, problemOf(error))
  }
  await closed
  log?.(entry)
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(cannotListen(host, port, error))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function createTransport(tls: ServeOptions['tls']): Server {
  // Uploads take as long as they take, so only the head of a request has a limit.
  const limits = { requestTimeout: 0 }
  if (tls === undefined) return createServer(limits)
  try {
    return createTlsServer({ ...limits, cert: tls.cert, key: tls.key })
  } catch (error) {
    throw certificateInvalid(error)
  }
}

function closer(server: Server, uploads: Uploads, grace: number): () => Promise<void> {
  let closing: Promise<void> | undefined
  server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    response.on('close', () => {
      if (closing !== undefined) setImmediate(() => server.closeIdleConnections())
    })
  })
  return () => {
    closing ??= new Promise<void>((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), grace)
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
    }).then(() => uploads.close())
    return closing
  }
}

function guardOf(auth: ServeOptions['auth'], clock: { now(): number }): { guard: Guard; tokens?: TokenGuard } {
  if (auth === undefined) return { guard: openGuard }
  if (auth.type !== 'token') return { guard: basicGuard(auth) }
  const tokens = tokenGuard(auth, clock)
  return { guard: tokens, tokens }
}

/**
 * Serves a storage as an OCI registry (distribution-spec 1.1) until it is closed. Throws SERVE_CANNOT_LISTEN and
 * SERVE_CERTIFICATE_INVALID.
 */
export async function serveRegistry(options: ServeOptions): Promise<RegistryServer> {
  const { tls, quirks = {}, host = '127.0.0.1', grace = 5000, signal } = options
  const { write, ...readable } = options.storage
  const storage: Storage = options.readOnly === true ? readable : { ...readable, write }
  const { guard, tokens } = guardOf(options.auth, options.clock ?? { now: () => Date.now() })
  const uploads = createUploads(options.uploads ?? 1000)
  const scheme = tls === undefined ? 'http' : 'https'
  const service: Service = { storage, quirks, guard, tokens, uploads, scheme }
  const server = createTransport(tls)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void listen(service, request, response, options)
  })
  const port = await bind(server, host, options.port ?? 0)
  const close = closer(server, uploads, grace)
  const name = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`
  const onAbort = () => void close()
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    url: `${scheme}://${name}`,
    host: name,
    port,
    async close() {
      signal?.removeEventListener('abort', onAbort)
      await close()
    },
    expireTokens: () => tokens?.expireTokens(),
    [Symbol.asyncDispose]: close,
  }
}
