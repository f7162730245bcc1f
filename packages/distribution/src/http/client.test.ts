import { isRopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { caCertificate, clientCertificate, clientKey } from '../../test/certificates.js'
import { testHttp } from '../../test/http.js'
import { rejection, serve, text } from '../../test/server.js'

describe('a request', () => {
  it('hands out the body as it was sent, without decompressing it', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'x-a': ['1', '2'] }).end('not really gzip')
    })
    await using test = testHttp()
    const response = await test.http.request({ url: `${server.url}/file?signature=secret` })
    expect(response.status).toBe(200)
    expect(response.headers['content-encoding']).toBe('gzip')
    expect(response.url).toBe(`${server.url}/file`)
    expect(await text(response.body)).toBe('not really gzip')
    expect(server.seen[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('resolves with any status, its body still readable', async () => {
    await using server = await serve((_seen, response) => void response.writeHead(404).end('nothing here'))
    await using test = testHttp()
    const response = await test.http.request({ url: `${server.url}/x` })
    expect(response.status).toBe(404)
    expect(await text(response.body)).toBe('nothing here')
  })

  it('leaves the connection open after HEAD, whatever the status', async () => {
    const sockets = new Set<unknown>()
    await using server = await serve((_seen, response, request) => {
      sockets.add(request.socket)
      response.writeHead(server.seen.length % 2 === 0 ? 200 : 404, { 'content-length': 5 }).end()
    })
    await using test = testHttp()
    for (let index = 0; index < 6; index += 1) {
      const { body } = await test.http.request({ url: `${server.url}/x`, method: 'HEAD' })
      expect(await text(body)).toBe('')
    }
    expect(server.seen).toHaveLength(6)
    // a second one may open while the first is not yet idle again
    expect(sockets.size).toBeLessThan(3)
  })

  it('survives a server that sends a body after HEAD', async () => {
    await using server = await serve((seen, response, request) => {
      if (seen.method === 'HEAD') request.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong')
      else response.end('right')
    })
    await using test = testHttp()
    for (let index = 0; index < 3; index += 1) {
      expect((await test.http.request({ url: server.url, method: 'HEAD' })).status).toBe(200)
      expect(await text((await test.http.request({ url: server.url })).body)).toBe('right')
    }
  })

  it('sends a credential as Basic, and user info of the URL too, but not in the URL', async () => {
    await using server = await serve((_seen, response) => void response.end())
    await using test = testHttp()
    await test.http.request({
      url: `${server.url}/a`,
      credential: { username: 'bot', password: 'pä:ss', origin: 'a test' },
    })
    await test.http.request({ url: `http://us%40er:word@${server.host}/b` })
    expect(
      server.seen.map(({ headers }) => Buffer.from(headers['authorization']!.slice(6), 'base64').toString()),
    ).toEqual(['bot:pä:ss', 'us@er:word'])
    expect(server.lines()).toEqual(['GET /a', 'GET /b'])
  })

  it('refuses what is no URL or another scheme, without showing secrets', async () => {
    await using test = testHttp()
    expect(await rejection(test.http.request({ url: 'ftp://user:secret@host/x?token=secret' }))).toMatchObject({
      code: 'URL_INVALID',
    })
    const error = await rejection(test.http.request({ url: 'no url: secret' }))
    expect(error).toMatchObject({ code: 'URL_INVALID' })
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  it('stops at once when it is aborted, with the reason of the signal', async () => {
    const controller = new AbortController()
    await using server = await serve(() => controller.abort(new DOMException('enough', 'AbortError')))
    await using test = testHttp()
    const error = await rejection(test.http.request({ url: server.url, signal: controller.signal }))
    expect(error).toMatchObject({ name: 'AbortError', message: 'enough' })
    expect(server.seen).toHaveLength(1)
  })
})

describe('retries', () => {
  it('tries 5xx again with doubling waits and tells of it', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(server.seen.length < 3 ? 503 : 200).end()
    })
    await using test = testHttp({ retry: { base: 100 } })
    const response = await test.http.request({ url: `${server.url}/x` })
    expect(response.status).toBe(200)
    expect(test.sleeps).toEqual([100, 200])
    expect(test.events).toEqual([
      { type: 'retry', about: `${server.url}/x`, attempt: 1, wait: 100, reason: 'HTTP 503' },
      { type: 'retry', about: `${server.url}/x`, attempt: 2, wait: 200, reason: 'HTTP 503' },
    ])
  })

  it('gives the last answer when all tries failed', async () => {
    await using server = await serve((_seen, response) => void response.writeHead(500).end('broken'))
    await using test = testHttp({ retry: { attempts: 3 } })
    const response = await test.http.request({ url: server.url })
    expect([response.status, await text(response.body)]).toEqual([500, 'broken'])
    expect(server.seen).toHaveLength(3)
  })

  it.each([400, 401, 403, 404, 405, 409, 412, 413, 501])('does not try %i again', async (status) => {
    await using server = await serve((_seen, response) => void response.writeHead(status).end())
    await using test = testHttp()
    expect((await test.http.request({ url: server.url })).status).toBe(status)
    expect(server.seen).toHaveLength(1)
  })

  it('waits as long as Retry-After says, in seconds or until a date', async () => {
    const dates = [undefined, '7', 'Thu, 01 Jan 2026 00:01:00 GMT']
    await using server = await serve((_seen, response) => {
      const after = dates.pop()
      response.writeHead(after === undefined ? 200 : 429, after === undefined ? {} : { 'retry-after': after }).end()
    })
    await using test = testHttp()
    expect((await test.http.request({ url: server.url })).status).toBe(200)
    expect(test.sleeps).toEqual([60_000, 7_000])
  })

  it('does not ask again when Retry-After is beyond the cap', async () => {
    await using server = await serve(
      (_seen, response) => void response.writeHead(429, { 'retry-after': '86400' }).end(),
    )
    await using test = testHttp()
    expect((await test.http.request({ url: server.url })).status).toBe(429)
    expect(server.seen).toHaveLength(1)
    expect(test.sleeps).toEqual([])
  })

  it('calls a body function anew for every try', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(server.seen.length < 2 ? 502 : 201).end()
    })
    await using test = testHttp()
    let calls = 0
    const body = async function* () {
      calls += 1
      yield Buffer.from('abc')
    }
    await test.http.request({ url: server.url, method: 'PUT', body, headers: { 'content-length': '3' } })
    expect(server.seen.map(({ body }) => body)).toEqual(['abc', 'abc'])
    expect(calls).toBe(2)
  })

  it('tries again when the connection breaks before the head', async () => {
    await using server = await serve((_seen, response, request) => {
      if (server.seen.length < 3) request.socket.destroy()
      else response.end('ok')
    })
    await using test = testHttp()
    const response = await test.http.request({ url: server.url })
    expect(await text(response.body)).toBe('ok')
    expect(test.events).toHaveLength(2)
  })
})

describe('one gate per host', () => {
  it('holds back every request of a host that answered 429', async () => {
    const order: string[] = []
    let wake = (): void => undefined
    const asleep = new Promise<void>((resolve) => (wake = resolve))
    await using server = await serve((seen, response) => {
      order.push(seen.path)
      if (order.length === 1) response.writeHead(429, { 'retry-after': '10' }).end()
      else response.end()
    })
    let sleeping = (): void => undefined
    const fellAsleep = new Promise<void>((resolve) => (sleeping = resolve))
    let now = 0
    await using test = testHttp({
      clock: { now: () => now },
      sleep: async () => {
        sleeping()
        await asleep
        now = 10_000
      },
    })
    const first = test.http.request({ url: `${server.url}/1` })
    await fellAsleep
    const second = test.http.request({ url: `${server.url}/2` })
    await new Promise((resolve) => setImmediate(resolve))
    expect(order).toEqual(['/1'])
    wake()
    await Promise.all([first, second])
    expect(order.toSorted()).toEqual(['/1', '/1', '/2'])
  })

  it('lets no more requests through at once than its limit', async () => {
    let running = 0
    let most = 0
    await using server = await serve(async (_seen, response) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      response.end()
    })
    await using test = testHttp({ concurrency: 2 })
    await Promise.all(Array.from({ length: 12 }, () => test.http.request({ url: server.url })))
    expect(most).toBe(2)
  })
})

describe('redirects', () => {
  it('keeps credentials on the same host and drops them for good on another', async () => {
    await using other = await serve((seen, response) => {
      if (seen.path === '/back') response.writeHead(302, { location: `${first.url}/end` }).end()
      else response.end()
    })
    await using first = await serve((seen, response) => {
      if (seen.path === '/start') response.writeHead(307, { location: '/middle' }).end()
      else if (seen.path === '/middle') response.writeHead(302, { location: `${other.url}/back` }).end()
      else response.end('done')
    })
    await using test = testHttp()
    const response = await test.http.request({
      url: `${first.url}/start`,
      headers: { 'X-Token': 'secret', Range: 'bytes=1-' },
      credential: { username: 'bot', password: 'secret', origin: 'a test' },
    })
    expect(await text(response.body)).toBe('done')
    expect(
      first.seen.map(({ path, headers }) => [path, headers['authorization'] !== undefined, headers['x-token']]),
    ).toEqual([
      ['/start', true, 'secret'],
      ['/middle', true, 'secret'],
      ['/end', false, undefined],
    ])
    expect(other.seen[0]?.headers).toMatchObject({ range: 'bytes=1-' })
    expect(other.seen[0]?.headers['authorization']).toBeUndefined()
  })

  it('sends a body on for 307 and leaves 302 of a PUT alone', async () => {
    await using server = await serve((seen, response) => {
      if (seen.path === '/307') response.writeHead(307, { location: '/new' }).end()
      else if (seen.path === '/302') response.writeHead(302, { location: '/new' }).end()
      else response.writeHead(201).end()
    })
    await using test = testHttp()
    const put = (path: string) => test.http.request({ url: server.url + path, method: 'PUT', body: 'abc' })
    expect((await put('/307')).status).toBe(201)
    expect(server.seen.at(-1)).toMatchObject({ method: 'PUT', path: '/new', body: 'abc' })
    expect((await put('/302')).status).toBe(302)
  })

  it('gives up in a circle', async () => {
    await using server = await serve((_seen, response) => void response.writeHead(302, { location: '/again' }).end())
    await using test = testHttp({ maxRedirects: 3 })
    expect(await rejection(test.http.request({ url: server.url }))).toMatchObject({ code: 'SOURCE_REDIRECT_REFUSED' })
    expect(server.seen).toHaveLength(4)
  })

  it.each(['http://169.254.169.254/latest/meta-data/', 'http://[fd00:ec2::254]/', 'file:///etc/passwd'])(
    'does not go to %s',
    async (location) => {
      await using server = await serve((_seen, response) => void response.writeHead(302, { location }).end())
      await using test = testHttp()
      const error = await rejection(test.http.request({ url: server.url, role: 'sink' }))
      expect(error).toMatchObject({ code: 'SINK_REDIRECT_REFUSED' })
    },
  )
})

describe('TLS and plain HTTP', () => {
  it('falls back to plain HTTP on loopback and remembers it', async () => {
    await using server = await serve((_seen, response) => void response.end('plain'))
    await using test = testHttp()
    for (const path of ['/1', '/2']) {
      const response = await test.http.request({ url: `https://${server.host}${path}` })
      expect(response.url).toBe(`http://${server.host}${path}`)
      expect(await text(response.body)).toBe('plain')
    }
    expect(test.events).toEqual([])
  })

  it('refuses plain HTTP to a host that was not named', async () => {
    await using test = testHttp()
    const error = await rejection(test.http.request({ url: 'http://charts.example/index.yaml' }))
    expect(error).toMatchObject({ code: 'SOURCE_PLAIN_HTTP', hint: expect.stringContaining('insecure') as string })
  })

  it('does not trust an unknown CA and says which files would help', async () => {
    await using server = await serve((_seen, response) => void response.end(), { tls: true })
    await using test = testHttp()
    const error = await rejection(test.http.request({ url: server.url }))
    if (!isRopewayError(error)) throw error
    expect(error.code).toBe('SOURCE_UNREACHABLE')
    expect(error.message).toContain('certificate is not trusted')
    expect(error.hint).toContain(`certs.d/${server.host}/ca.crt`)
    expect(test.events).toEqual([])
  })

  it('trusts a CA that was given for all hosts or for one', async () => {
    await using server = await serve((_seen, response) => void response.end('secure'), { tls: true })
    await using forAll = testHttp({ ca: [caCertificate] })
    expect((await forAll.http.request({ url: server.url })).status).toBe(200)
    await using forOne = testHttp({ hosts: { [server.host]: { ca: [caCertificate] } } })
    expect((await forOne.http.request({ url: server.url })).status).toBe(200)
  })

  it('does not check the certificate of a host that was named insecure', async () => {
    await using server = await serve((_seen, response) => void response.end(), { tls: true })
    await using test = testHttp({ insecure: [server.host] })
    expect((await test.http.request({ url: server.url })).status).toBe(200)
  })

  it('shows a client certificate where one was given', async () => {
    await using server = await serve((_seen, response) => void response.end(), { tls: true, clientCa: caCertificate })
    const ca = [caCertificate]
    await using test = testHttp({ certificates: async () => ({ ca, cert: clientCertificate, key: clientKey }) })
    expect((await test.http.request({ url: server.url })).status).toBe(200)
    await using without = testHttp({ ca, retry: { attempts: 1 } })
    const error = await rejection(without.http.request({ url: server.url }))
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  it('says that a certificate is broken', async () => {
    await using test = testHttp({ ca: ['-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----'] })
    expect(await rejection(test.http.request({ url: 'https://127.0.0.1:1/' }))).toMatchObject({
      code: 'CERTIFICATE_INVALID',
    })
  })
})

describe('an unreachable server', () => {
  it('is named with the reason', async () => {
    const server = await serve(() => undefined)
    await server[Symbol.asyncDispose]()
    await using test = testHttp({ retry: { attempts: 2 } })
    const error = await rejection(test.http.request({ url: `http://${server.host}/`, role: 'sink' }))
    if (!isRopewayError(error)) throw error
    expect(error.code).toBe('SINK_UNREACHABLE')
    expect(error.message).toContain(server.host)
    expect(error.message).toContain('ECONNREFUSED')
    expect(test.events).toHaveLength(1)
  })

  it('is not tried again when its name does not exist', async () => {
    await using test = testHttp()
    const error = await rejection(test.http.request({ url: 'https://nothing.invalid/' }))
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  it('may also be a server that does not speak HTTP', async () => {
    await using server = await serve((_seen, _response, request) => void request.socket.end('SSH-2.0-OpenSSH\r\n\r\n'))
    await using test = testHttp()
    const error = await rejection(test.http.request({ url: server.url }))
    expect(error).toMatchObject({ message: expect.stringContaining('does not speak HTTP') as string })
  })
})
