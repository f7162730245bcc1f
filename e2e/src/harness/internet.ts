import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createProxy, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '@ropeway/testkit'
import { realRegistry } from './registry.ts'

/** A request to a public name. */
export interface Asked {
  readonly host: string
  readonly method: string
  readonly path: string
}

/** Public hosts on this machine: registries under their own names, all over one real registry, and chart repositories. */
export interface Internet {
  /** Environment of a process that is to see it: a proxy that leads there, loopback aside. */
  readonly env: Readonly<Record<string, string>>
  /** Certificates to trust. */
  readonly caFile: string
  /** Address of the real registry, to publish at. */
  readonly url: string
  /** Files of chart repositories: host → path → content. */
  readonly files: Map<string, Map<string, Uint8Array | string>>
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

export async function openInternet(hosts: readonly string[]): Promise<Internet> {
  const folder = await mkdtemp(join(tmpdir(), 'internet-'))
  const registry = await realRegistry()
  const { ca, cert, key } = makeCertificates({ hosts })
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, ca)
  const files: Internet['files'] = new Map()
  const asked: Asked[] = []
  const server = createServer({ cert, key }, (request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    const path = request.url ?? '/'
    asked.push({ host, method: request.method ?? 'GET', path })
    const file = files.get(host)?.get(path)
    if (file !== undefined) response.end(file)
    else if (path.startsWith('/v2/')) pass(request, response, registry.url)
    else response.writeHead(404).end('not here')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const inside = (server.address() as AddressInfo).port
  const sockets = new Set<Socket>()
  const proxy = createProxy((_, response) => void response.writeHead(405).end())
  proxy.on('connect', (request, socket: Socket) => {
    const [host = ''] = (request.url ?? '').split(':')
    if (!hosts.includes(host)) {
      socket.end('HTTP/1.1 502 Unknown\r\n\r\n')
      return
    }
    const through = connect(inside, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    for (const each of [socket, through]) {
      sockets.add(each)
      each.on('error', () => each.destroy())
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`
  return {
    env: { HTTPS_PROXY: address, https_proxy: address, NO_PROXY: '127.0.0.1,localhost' },
    caFile,
    url: registry.url,
    files,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      server.closeAllConnections()
      server.close()
      await registry.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Hands a request on to the real registry. Locations in answers lead back to the public name. */
function pass(request: IncomingMessage, response: ServerResponse, to: string): void {
  const { method, url = '/', headers } = request
  const { host: _, ...kept } = headers
  const onward = forward(new URL(url, to), { method, headers: kept }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}

/** A registry's address before which every request is counted. */
export async function countRequests(to: string): Promise<{
  readonly host: string
  readonly asked: readonly Asked[]
  forget(): void
  close(): Promise<void>
}> {
  const asked: Asked[] = []
  const server = createProxy((request, response) => {
    asked.push({ host: to, method: request.method ?? 'GET', path: request.url ?? '/' })
    pass(request, response, to)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    forget: () => void asked.splice(0),
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
