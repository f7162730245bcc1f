import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Chart } from '../fixtures/chart.js'
import { chartIndex, type IndexDigests, type IndexUrls } from './chart-index.js'

export interface ChartRepositoryOptions {
  /** The repository's charts; `.prov` files are served beside the archives that have one. */
  readonly charts: readonly Chart[]
  /** How the index names archives. `other-host`: absolute, on a second server. The default is relative. */
  readonly urls?: IndexUrls | undefined
  /** Whether digests in the index are right, wrong, left out, or written with `sha256:`. The default is right. */
  readonly digests?: IndexDigests | undefined
  /** Wanted on every request to the repository's own host. The other host refuses requests that carry any. */
  readonly auth?: { readonly username: string; readonly password: string } | undefined
  /** The index answers with 302 to another path of this host. */
  readonly redirectIndex?: boolean | undefined
  /** Archives answer with 302 to the second server. */
  readonly redirectCharts?: boolean | undefined
  /** At least so many bytes of generated entries stand around the charts; the index is streamed, never held. */
  readonly paddingBytes?: number | undefined
  /** The index is an HTML login page with status 200. */
  readonly loginPage?: boolean | undefined
  /** The index is sent with `Content-Encoding: gzip`. */
  readonly gzip?: boolean | undefined
  /** A query that every request has to carry, such as `token=x`, as repositories with signed addresses want it. */
  readonly query?: string | undefined
  /** Changes the text of the index, for content that is broken in other ways. Not with `paddingBytes`. */
  readonly editIndex?: ((yaml: string) => string) | undefined
}

/** One request to a fake chart repository. */
export interface ChartRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  /** Which of the two servers got it. */
  readonly host: 'repository' | 'other'
  /** Scheme of the `Authorization` header, in lower case; `undefined` when there was none. */
  readonly authorization: string | undefined
}

/** A classic Helm repository in this process. */
export interface ChartRepository {
  /** Address of the repository, as a user writes it. */
  readonly url: string
  /** Address of the second server, without a path. */
  readonly otherUrl: string
  readonly requests: readonly ChartRequest[]
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const loginPage =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Password</form></body></html>\n'

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void> | void

function text(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body), ...headers })
  response.end(body)
}

function file(charts: readonly Chart[], path: string): Uint8Array | undefined {
  const name = decodeURIComponent(path.split('/').at(-1) ?? '')
  for (const chart of charts) {
    if (name === chart.file) return chart.tgz
    if (name === `${chart.file}.prov`) return chart.prov
  }
  return undefined
}

function sendFile(charts: readonly Chart[], response: ServerResponse, path: string): void {
  const bytes = file(charts, path)
  if (bytes === undefined) {
    text(response, 404, 'not found')
    return
  }
  response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': bytes.length })
  response.end(bytes)
}

async function start(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function serverOf(host: ChartRequest['host'], requests: ChartRequest[], handler: Handler): Server {
  return createServer((request, response) => {
    const [path = '/', query = ''] = (request.url ?? '/').split('?')
    const authorization = request.headers.authorization?.split(' ', 1)[0]?.toLowerCase()
    requests.push({ method: request.method ?? 'GET', path, query, host, authorization })
    Promise.resolve(handler(request, response, path)).catch(() => response.destroy())
  })
}

async function sendIndex(response: ServerResponse, yaml: Iterable<string>, gzip: boolean): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/yaml', ...(gzip ? { 'content-encoding': 'gzip' } : {}) })
  const source = Readable.from(yaml, { objectMode: false })
  await (gzip ? pipeline(source, createGzip(), response) : pipeline(source, response))
}

/** Starts a repository on one free port and its second server on another. */
export async function fakeChartRepository(options: ChartRepositoryOptions): Promise<ChartRepository> {
  const { charts, auth, query, editIndex } = options
  const requests: ChartRequest[] = []
  const wanted = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`

  const other = serverOf('other', requests, (request, response, path) => {
    if (request.headers.authorization !== undefined) text(response, 400, 'only one authentication is allowed')
    else sendFile(charts, response, path)
  })
  const otherUrl = await start(other)

  function* index(): Generator<string> {
    const parts = chartIndex(charts, {
      urls: options.urls ?? 'relative',
      digests: options.digests ?? 'right',
      paddingBytes: options.paddingBytes ?? 0,
      base: `${url}/charts`,
      otherBase: `${otherUrl}/files`,
    })
    if (editIndex === undefined) yield* parts
    else yield editIndex([...parts].join(''))
  }

  const repository = serverOf('repository', requests, async (request, response, path) => {
    if (wanted !== undefined && request.headers.authorization !== wanted) {
      text(response, 401, 'unauthorized', { 'www-authenticate': 'Basic realm="charts"' })
    } else if (query !== undefined && request.url?.split('?')[1] !== query) {
      text(response, 403, 'the address is not signed')
    } else if (path === '/charts/index.yaml' && options.redirectIndex === true) {
      text(response, 302, '', { location: '/moved/index.yaml' })
    } else if (path === '/charts/index.yaml' || path === '/moved/index.yaml') {
      if (options.loginPage === true) text(response, 200, loginPage, { 'content-type': 'text/html' })
      else await sendIndex(response, index(), options.gzip === true)
    } else if (options.redirectCharts === true) {
      text(response, 302, '', { location: `${otherUrl}/files/${path.split('/').at(-1) ?? ''}` })
    } else {
      sendFile(charts, response, path)
    }
  })
  const url = await start(repository)
  const close = async (): Promise<void> => {
    await Promise.all([stop(repository), stop(other)])
  }
  const address = `${url}/charts${query === undefined ? '' : `?${query}`}`
  return { url: address, otherUrl, requests, close, [Symbol.asyncDispose]: close }
}
