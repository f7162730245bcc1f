import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { isRopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { testHttp } from '../../test/http.js'
import { rejection, serve, text } from '../../test/server.js'

/** A proxy that leads every tunnel to one host and remembers what it was asked for. */
async function tunnel(to: string) {
  const asked: { readonly target: string | undefined; readonly authorization: string | undefined }[] = []
  const sockets = new Set<Socket>()
  const server = createServer()
  server.on('connect', (request, socket: Socket) => {
    asked.push({ target: request.url, authorization: request.headers['proxy-authorization'] })
    sockets.add(socket)
    const [host, port] = to.split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://user:word@127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a proxy', () => {
  it('tunnels HTTPS, with its own credentials, and sees nothing of ours', async () => {
    await using server = await serve((_seen, response) => void response.end('through the tunnel'), { tls: true })
    await using proxy = await tunnel(server.host)
    await using test = testHttp({ httpsProxy: proxy.url, insecure: ['registry.test'] })
    const credential = { username: 'bot', password: 'secret', origin: 'a test' }
    const response = await test.http.request({ url: 'https://registry.test/v2/', credential })
    expect(await text(response.body)).toBe('through the tunnel')
    expect(proxy.asked).toEqual([
      { target: 'registry.test:443', authorization: `Basic ${Buffer.from('user:word').toString('base64')}` },
    ])
    expect(server.seen[0]?.headers['proxy-authorization']).toBeUndefined()
  })

  it('forwards plain HTTP', async () => {
    await using proxy = await serve((seen, response) => void response.end(seen.path))
    await using test = testHttp({ httpProxy: proxy.url, insecure: ['registry.test:5000'] })
    const response = await test.http.request({ url: 'http://registry.test:5000/v2/' })
    expect(await text(response.body)).toBe('http://registry.test:5000/v2/')
  })

  it('is left out for hosts of NO_PROXY', async () => {
    await using test = testHttp({ httpsProxy: 'http://127.0.0.1:1', noProxy: '.invalid' })
    const error = await rejection(test.http.request({ url: 'https://registry.invalid/' }))
    expect(error).toMatchObject({ message: expect.stringContaining('name does not exist') as string })
  })

  it('that does not answer is told apart from the server', async () => {
    await using test = testHttp({ httpsProxy: 'http://127.0.0.1:1', retry: { attempts: 1 } })
    const error = await rejection(test.http.request({ url: 'https://registry.test/' }))
    if (!isRopewayError(error)) throw error
    expect(error.code).toBe('SOURCE_UNREACHABLE')
    expect(error.message).toContain('proxy')
    expect(error.hint).toContain('HTTPS_PROXY')
  })

  it('that refuses is told apart too, without its password', async () => {
    await using proxy = await serve((_seen, response) => void response.end())
    const url = proxy.url.replace('http://', 'http://user:word@')
    await using test = testHttp({ httpsProxy: url, retry: { attempts: 1 } })
    const error = await rejection(test.http.request({ url: 'https://registry.test/' }))
    if (!isRopewayError(error)) throw error
    expect(error.code).toBe('SOURCE_UNREACHABLE')
    expect(JSON.stringify(error)).not.toContain('word')
  })
})
