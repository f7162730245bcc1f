import { isRopewayError } from '@ropeway/core'
import { mediaTypes } from '@ropeway/oci'
import { fakeRegistry } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { answering, manifest } from '../../test/registry.js'
import { rejection, serve } from '../../test/server.js'

describe('Docker Hub', () => {
  it('is asked at the host of its API, and its pull limit is told with its time and a hint', async () => {
    await using server = await answering((_seen, response) => {
      response.writeHead(429, { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' })
      response.end('{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}')
    })
    await using client = testClient()
    const error = await rejection(client.registry(server.host, 'source').manifest('app', '1'))
    if (!isRopewayError(error)) throw error
    expect(error).toMatchObject({ code: 'SOURCE_RATE_LIMITED', temporary: true, retryAfter: 21_600_000 })
    expect(error.message).toContain('6 h')
    expect(error.message).toContain('pull rate limit')
    expect(server.seen).toHaveLength(2)
  })

  it('warns once its limit is near', async () => {
    await using server = await answering((_seen, response) => {
      response
        .writeHead(200, { 'content-type': mediaTypes.ociManifest, 'ratelimit-remaining': '3;w=21600' })
        .end(manifest)
    })
    await using client = testClient()
    await client.registry(server.host, 'source').manifest('app', '1')
    expect(client.warnings).toMatchObject([{ code: 'RATE_LIMIT_NEAR' }])
  })
})

describe('check', () => {
  it('proves that a repository can be read or written, and leaves nothing', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    await client.registry(registry.host, 'source').check('app', 'pull')
    await client.registry(registry.host, 'sink').check('app', 'push')
    expect(registry.requests.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 200],
      ['HEAD', 404],
      ['GET', 200],
      ['POST', 202],
      ['DELETE', 204],
    ])
  })

  it.each(['pull', 'push'] as const)('says that %s is not allowed', async (actions) => {
    await using registry = await fakeRegistry({ auth: { type: 'basic', username: 'a', password: 'b' } })
    await using client = testClient()
    const error = await rejection(client.registry(registry.host, 'sink').check('app', actions))
    expect(error).toMatchObject({ code: 'SINK_UNAUTHORIZED', about: `${registry.host}/app`, operation: 'checking' })
  })

  it('says that a registry is read-only, or none at all', async () => {
    await using registry = await fakeRegistry({ readOnly: true })
    await using client = testClient()
    const error = await rejection(client.registry(registry.host, 'sink').check('app', 'push'))
    expect(error).toMatchObject({ side: 'sink' })
    await using server = await serve(
      (_seen, response) => void response.writeHead(404).end('<title>Not a registry</title>'),
    )
    const none = await rejection(client.registry(server.host, 'sink').check('app', 'push'))
    expect(none).toMatchObject({
      code: 'SINK_BAD_RESPONSE',
      message: expect.stringContaining('Not a registry') as string,
    })
  })
})
