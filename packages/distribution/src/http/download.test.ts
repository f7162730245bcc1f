import { isRopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { testHttp } from '../../test/http.js'
import { rejection, serve, text } from '../../test/server.js'

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => 97 + (index % 26)))

function rangeOf(header: string | undefined): { start: number; end: number } | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '')
  if (match === null) return undefined
  return { start: Number(match[1]), end: match[2] === '' ? content.length : Number(match[2]) + 1 }
}

describe('a download', () => {
  it('streams the whole file in one request', async () => {
    await using server = await serve((_seen, response) => void response.end(content))
    await using test = testHttp()
    expect(await text(test.http.download({ url: `${server.url}/file` }))).toBe(content.toString())
    expect(server.seen[0]?.headers['range']).toBeUndefined()
  })

  it('asks for a part of it', async () => {
    await using server = await serve((seen, response) => {
      const { start, end } = rangeOf(seen.headers['range'])!
      response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${content.length}` })
      response.end(content.subarray(start, end))
    })
    await using test = testHttp()
    const part = await text(test.http.download({ url: server.url, offset: 10, end: 20 }))
    expect(part).toBe(content.subarray(10, 20).toString())
    expect(server.seen[0]?.headers['range']).toBe('bytes=10-19')
  })

  it('goes on by Range where the connection broke, from the first address and not the signed one', async () => {
    await using store = await serve((seen, response) => {
      const { start, end } = rangeOf(seen.headers['range']) ?? { start: 0, end: content.length }
      const head = { 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${content.length}` }
      response.writeHead(seen.headers['range'] === undefined ? 200 : 206, head)
      if (store.seen.length > 3) return void response.end(content.subarray(start, end))
      response.write(content.subarray(start, start + 70_000), () => response.destroy())
    })
    let signature = 0
    await using server = await serve((_seen, response) => {
      signature += 1
      response.writeHead(307, { location: `${store.url}/blob?signature=${signature}` }).end()
    })
    await using test = testHttp({ retry: { attempts: 2 } })
    expect(await text(test.http.download({ url: `${server.url}/blob` }))).toBe(content.toString())
    expect(store.lines()).toEqual([1, 2, 3, 4].map((number) => `GET /blob?signature=${number}`))
    expect(store.seen[1]?.headers['range']).toMatch(/^bytes=\d+-$/)
    expect(test.events).toHaveLength(3)
    expect(JSON.stringify(test.events)).not.toContain('signature')
  })

  it('passes over what it has when the server knows no ranges', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-length': content.length })
      if (server.seen.length > 1) return void response.end(content)
      response.write(content.subarray(0, 100_000), () => response.destroy())
    })
    await using test = testHttp()
    expect(await text(test.http.download({ url: server.url }))).toBe(content.toString())
    expect(server.seen).toHaveLength(2)
  })

  it('gives up when there is no progress any more', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 100_000), () => response.destroy())
    })
    await using test = testHttp({ retry: { attempts: 3 } })
    const error = await rejection(text(test.http.download({ url: server.url })))
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', temporary: true })
    expect(server.seen.length).toBeGreaterThanOrEqual(3)
    expect(server.seen.length).toBeLessThan(8)
  })

  it('notices that the file changed meanwhile', async () => {
    await using server = await serve((seen, response) => {
      const { start, end } = rangeOf(seen.headers['range']) ?? { start: 0, end: content.length }
      const head = { etag: `"${server.seen.length}"`, 'content-range': `bytes ${start}-${end - 1}/${content.length}` }
      response.writeHead(start === 0 ? 200 : 206, { ...head, 'content-length': end - start })
      response.write(content.subarray(start, start + 1000), () => response.destroy())
    })
    await using test = testHttp()
    const error = await rejection(text(test.http.download({ url: server.url })))
    expect(error).toMatchObject({ code: 'SOURCE_CHANGED', temporary: true })
  })

  it('does not take another range than the one that it asked for', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-9/${content.length}` }).end(content.subarray(0, 10))
    })
    await using test = testHttp()
    const error = await rejection(text(test.http.download({ url: server.url, offset: 5 })))
    expect(error).toMatchObject({ code: 'SOURCE_BAD_RESPONSE' })
  })

  it('takes 416 at the very end for the end, and for an error elsewhere', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    })
    await using test = testHttp()
    expect(await text(test.http.download({ url: server.url, offset: content.length }))).toBe('')
    const error = await rejection(text(test.http.download({ url: server.url, offset: content.length + 1 })))
    expect(error).toMatchObject({ code: 'SOURCE_BAD_RESPONSE' })
  })

  it.each([
    [401, 'SINK_UNAUTHORIZED'],
    [403, 'SINK_FORBIDDEN'],
    [404, 'SINK_NOT_FOUND'],
    [418, 'SINK_BAD_RESPONSE'],
    [429, 'SINK_RATE_LIMITED'],
  ])('answers %i with %s', async (status, code) => {
    await using server = await serve((_seen, response) => void response.writeHead(status).end('the reason'))
    await using test = testHttp({ retry: { attempts: 1 } })
    const credential = { username: 'bot', password: 'secret', origin: 'a test' }
    const error = await rejection(
      text(test.http.download({ url: `${server.url}/x?key=secret`, role: 'sink', credential })),
    )
    if (!isRopewayError(error)) throw error
    expect(error.code).toBe(code)
    expect(error.message).toContain(status === 404 ? '/x' : 'the reason')
    expect(JSON.stringify(error)).not.toContain('secret')
    if (status === 401) expect(error.tried).toEqual(['a test (user bot)'])
  })

  it('frees its slot and its connection when the reader stops', async () => {
    await using server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-length': 1e9 })
      response.write(content)
    })
    await using test = testHttp({ concurrency: 1 })
    for (let round = 0; round < 3; round += 1) {
      for await (const chunk of test.http.download({ url: server.url })) {
        expect(chunk.byteLength).toBeGreaterThan(0)
        break
      }
    }
    expect(server.seen).toHaveLength(3)
  })
})
