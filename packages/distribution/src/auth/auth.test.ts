import { isRopewayError } from '@ropeway/core'
import { fakeRegistry, makeImage } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { rejection, serve, text } from '../../test/server.js'

const users = { bot: 'secret', other: 'word' }
const bot = { username: 'bot', password: 'secret' }

function tokenRequests(registry: {
  readonly requests: readonly { method: string; path: string; query: string; authorization: string | undefined }[]
}) {
  return registry.requests
    .filter(({ path }) => path === '/token')
    .map(({ method, query, authorization }) => ({
      method,
      scopes: new URLSearchParams(query).getAll('scope'),
      authorization,
    }))
}

describe('basic authentication', () => {
  it('is sent to a registry that asks for it', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'basic', ...bot } })
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient({ credential: { source: bot } })
    expect(await client.registry(registry.host, 'source').find('app', '1')).toMatchObject({ digest: image.root.digest })
    expect(registry.requests.map(({ authorization }) => authorization)).toEqual([undefined, 'basic'])
  })

  it('says which credentials were tried and what to do, but no secret', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'basic', ...bot } })
    await using client = testClient({ credential: { source: { username: 'bot', password: 'wrong-word' } } })
    const error = await rejection(client.registry(registry.host, 'source').find('app', '1'))
    if (!isRopewayError(error)) throw error
    expect(error).toMatchObject({ code: 'SOURCE_UNAUTHORIZED', side: 'source', about: `${registry.host}/app:1` })
    expect(error.tried).toEqual(['a test (user bot)'])
    expect(error.hint).toContain(`ropeway login ${registry.host}`)
    expect(error.hint).toContain('ROPEWAY_REGISTRY_127_0_0_1_')
    expect(JSON.stringify(error)).not.toContain('wrong-word')
  })
})

describe('token authentication', () => {
  it('asks the token service once for each exact set of scopes', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'token', users } })
    await using client = testClient({ credential: { source: bot } })
    const source = client.registry(registry.host, 'source')
    await Promise.all([
      source.find('one', '1'),
      source.find('one', '2'),
      source.find('two', '1'),
      source.find('one', '3'),
    ])
    await source.find('one', '4')
    expect(tokenRequests(registry)).toEqual([
      { method: 'GET', scopes: ['repository:one:pull'], authorization: 'basic' },
      { method: 'GET', scopes: ['repository:two:pull'], authorization: 'basic' },
    ])
  })

  it('gets an anonymous token without any authorization', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'token', users, access: () => ['pull'] } })
    await using client = testClient({ credential: {} })
    expect(await client.registry(registry.host, 'source').find('app', '1')).toBeUndefined()
    expect(tokenRequests(registry)).toEqual([
      { method: 'GET', scopes: ['repository:app:pull'], authorization: undefined },
    ])
  })

  it('asks a destination for pull and push at once, and for two scopes to mount, push first', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'token', users } })
    const image = await makeImage()
    await registry.push('from', image, ['1'])
    await using client = testClient({ credential: { sink: bot } })
    const sink = client.registry(registry.host, 'sink')
    const layer = image.layers[0]!.descriptor
    expect(await sink.has('to', layer)).toBe(false)
    expect(await sink.mount('to', layer, 'from')).toBe(true)
    expect(await sink.has('to', layer)).toBe(true)
    await sink.pushManifest('from', '2', image.manifests[0]!)
    expect(tokenRequests(registry).map(({ scopes }) => scopes)).toEqual([
      ['repository:to:pull,push'],
      ['repository:to:pull,push', 'repository:from:pull'],
      ['repository:from:pull,push'],
    ])
  })

  it('uses different credentials for source and sink on one host', async () => {
    const seen: (string | undefined)[] = []
    await using registry = await fakeRegistry({
      auth: { type: 'token', users, access: (user) => (seen.push(user), ['pull', 'push']) },
    })
    await using client = testClient({ credential: { source: { username: 'other', password: 'word' }, sink: bot } })
    await client.registry(registry.host, 'source').find('app', '1')
    await client.registry(registry.host, 'sink').find('app', '1')
    expect(seen).toEqual(['other', 'bot'])
  })

  it('renews a token five seconds before it expires, and takes less than a minute for a minute', async () => {
    for (const [expiresIn, lifetime] of [
      [300, 300],
      [1, 60],
    ] as const) {
      let now = Date.UTC(2026, 0, 1)
      const issued = now
      await using server = await serve((seen, response) => {
        if (seen.path.startsWith('/token')) {
          const issued_at = new Date(now).toISOString()
          response.end(JSON.stringify({ token: `t${now}`, expires_in: expiresIn, issued_at }))
        } else if (seen.headers['authorization'] === undefined) {
          response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token",service="s"' }).end()
        } else response.writeHead(404).end()
      })
      await using client = testClient({ credential: {}, clock: { now: () => now } })
      const source = client.registry(server.host, 'source')
      const tokens = () => server.lines().filter((line) => line.startsWith('GET /token')).length
      await source.find('app', '1')
      now = issued + (lifetime - 6) * 1000
      await source.find('app', '1')
      expect(tokens()).toBe(1)
      now = issued + (lifetime - 5) * 1000
      await source.find('app', '1')
      expect(tokens()).toBe(2)
    }
  })

  it('does not trust an issued_at that its own clock contradicts', async () => {
    await using server = await serve((seen, response) => {
      if (seen.path.startsWith('/token')) {
        response.end(JSON.stringify({ access_token: 't', expires_in: 300, issued_at: '2001-01-01T00:00:00Z' }))
      } else if (seen.headers['authorization'] === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token?keep=1",service="s"' }).end()
      } else response.writeHead(404).end()
    })
    await using client = testClient({ credential: {} })
    const source = client.registry(server.host, 'source')
    await source.find('app', '1')
    await source.find('app', '2')
    expect(server.lines().filter((line) => line.startsWith('GET /token'))).toEqual([
      'GET /token?keep=1&service=s&scope=repository%3Aapp%3Apull',
    ])
  })

  it('gets another token when the registry does not take the old one any more', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'token', users } })
    await using client = testClient({ credential: { source: bot } })
    const source = client.registry(registry.host, 'source')
    await source.find('app', '1')
    registry.expireTokens()
    await source.find('app', '1')
    expect(tokenRequests(registry)).toHaveLength(2)
  })

  it('names the action that is not allowed', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'token', users, access: () => ['pull'] } })
    const image = await makeImage()
    await using client = testClient({ credential: { sink: bot } })
    const error = await rejection(client.registry(registry.host, 'sink').pushManifest('app', '1', image.manifests[0]!))
    expect(error).toMatchObject({ code: 'SINK_FORBIDDEN', message: expect.stringContaining('push to app') as string })
    // One token, and no second one that could not be better.
    expect(tokenRequests(registry)).toHaveLength(1)
  })

  it('reads with a token that carries fewer actions than were asked for', async () => {
    await using registry = await fakeRegistry({ auth: { type: 'token', users, access: () => ['pull'] } })
    await using client = testClient({ credential: { sink: bot } })
    expect(await client.registry(registry.host, 'sink').find('app', '1')).toBeUndefined()
  })

  it('asks for pull alone when a token service refuses pull and push', async () => {
    await using server = await serve((seen, response) => {
      if (seen.path.startsWith('/token')) {
        const allowed = !seen.path.includes('push')
        response.writeHead(allowed ? 200 : 403).end(JSON.stringify(allowed ? { token: 't' } : { errors: [] }))
      } else if (seen.headers['authorization'] === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token"' }).end()
      } else response.writeHead(404).end()
    })
    await using client = testClient({ credential: { sink: bot } })
    expect(await client.registry(server.host, 'sink').find('app', '1')).toBeUndefined()
  })

  it('reads anonymously what everyone may, when a login is out of date, and tells both when that fails too', async () => {
    let anonymous: readonly 'pull'[] = ['pull']
    await using registry = await fakeRegistry({ auth: { type: 'token', users, access: () => anonymous } })
    await using client = testClient({
      credential: { source: { username: 'bot', password: 'old' }, sink: { username: 'bot', password: 'old' } },
    })
    expect(await client.registry(registry.host, 'source').find('app', '1')).toBeUndefined()
    anonymous = []
    const error = await rejection(client.registry(registry.host, 'source').find('private', '1'))
    expect(error).toMatchObject({ code: 'SOURCE_UNAUTHORIZED', tried: ['a test (user bot)', 'anonymous'] })
    const written = await rejection(client.registry(registry.host, 'sink').check('app', 'push'))
    expect(written).toMatchObject({ code: 'SINK_UNAUTHORIZED', tried: ['a test (user bot)'] })
  })

  it('turns an identity token into an access token by POST, and by GET where there is no POST', async () => {
    const identity = { source: { identityToken: 'refresh-me' } }
    await using modern = await fakeRegistry({
      auth: { type: 'token', users, identityTokens: { 'refresh-me': 'bot' } },
    })
    await using client = testClient({ credential: identity })
    expect(await client.registry(modern.host, 'source').find('app', '1')).toBeUndefined()
    expect(tokenRequests(modern).map(({ method }) => method)).toEqual(['POST'])

    await using old = await fakeRegistry({ auth: { type: 'token', users: { '': 'refresh-me' }, oauth2: false } })
    expect(await client.registry(old.host, 'source').find('app', '1')).toBeUndefined()
    expect(tokenRequests(old).map(({ method }) => method)).toEqual(['POST', 'GET'])
  })

  it('sends a registry token as it is', async () => {
    await using server = await serve((_seen, response) => void response.writeHead(404).end())
    await using client = testClient({ credential: { source: { registryToken: 'ready' } } })
    await client.registry(server.host, 'source').find('app', '1')
    expect(server.seen.map(({ headers }) => headers['authorization'])).toEqual(['Bearer ready'])
  })

  it('takes the challenge of the ping when the request itself is answered without one', async () => {
    await using server = await serve((seen, response) => {
      if (seen.path.startsWith('/token')) response.end('{"token":"t"}')
      else if (seen.path === '/v2/') response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token"' }).end()
      else response.writeHead(seen.headers['authorization'] === 'Bearer t' ? 404 : 401).end()
    })
    await using client = testClient({ credential: {} })
    expect(await client.registry(server.host, 'source').find('app', '1')).toBeUndefined()
  })

  it('answers a challenge that only the request itself brings', async () => {
    await using server = await serve((seen, response) => {
      const scope = 'repository:app:pull,special'
      if (seen.path.startsWith('/token')) response.end('{"token":"t"}')
      else if (seen.path === '/v2/') response.end()
      else if (seen.headers['authorization'] === 'Bearer t') response.writeHead(404).end()
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="/token",scope="${scope}"` }).end()
    })
    await using client = testClient({ credential: {} })
    expect(await client.registry(server.host, 'source').find('app', '1')).toBeUndefined()
    expect(server.lines()[2]).toBe('GET /token?scope=repository%3Aapp%3Apull%2Cspecial')
  })
})

describe('a token service', () => {
  async function withToken(status: number, body: string): Promise<unknown> {
    await using server = await serve((seen, response) => {
      if (seen.path.startsWith('/token')) response.writeHead(status).end(body)
      else response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token"' }).end()
    })
    await using client = testClient({ credential: {} })
    return await rejection(client.registry(server.host, 'source').find('app', '1'))
  }

  it('that gives no token is an error', async () => {
    expect(await withToken(200, '{"hello":"world"}')).toMatchObject({ code: 'SOURCE_BAD_RESPONSE' })
    expect(await withToken(200, '<html>')).toMatchObject({ code: 'SOURCE_BAD_RESPONSE' })
    expect(await withToken(404, 'nothing')).toMatchObject({ code: 'SOURCE_BAD_RESPONSE' })
    expect(await withToken(200, JSON.stringify({ token: 'x'.repeat(70_000) }))).toMatchObject({
      code: 'CONTENT_TOO_LARGE',
    })
  })

  it.each(['http://169.254.169.254/token', 'http://[fe80::1]/token', 'gopher://x/'])(
    'at %s is not asked',
    async (realm) => {
      await using server = await serve((_seen, response) => {
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end()
      })
      await using client = testClient({ credential: { source: bot } })
      const error = await rejection(client.registry(server.host, 'source').find('app', '1'))
      expect(error).toMatchObject({ code: 'SOURCE_REDIRECT_REFUSED' })
    },
  )
})

describe('credentials', () => {
  it('never follow a blob to where it is stored', async () => {
    await using store = await serve((seen, response) => {
      response.writeHead(seen.headers['authorization'] === undefined ? 200 : 400).end('layer bytes')
    })
    await using registry = await fakeRegistry({ auth: { type: 'basic', ...bot }, quirks: { redirectBlobs: store.url } })
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient({ credential: { source: bot } })
    const size = 'layer bytes'.length
    for await (const _chunk of client
      .registry(registry.host, 'source')
      .blob('app', { ...image.layers[0]!.descriptor, size })) {
      // The address decides, not the bytes.
    }
    expect(store.seen).toHaveLength(1)
    expect(store.seen[0]?.headers['authorization']).toBeUndefined()
  })

  it('are not given to a host that a redirect led to and that asks for them', async () => {
    await using thief = await serve((_seen, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="please"' }).end()
    })
    await using registry = await fakeRegistry({ quirks: { redirectBlobs: thief.url } })
    const image = await makeImage()
    await registry.push('app', image, ['1'])
    await using client = testClient({ credential: { source: bot } })
    const stream = client.registry(registry.host, 'source').blob('app', image.layers[0]!.descriptor)
    const error = await rejection(text(stream))
    expect(error).toMatchObject({ code: 'SOURCE_UNAUTHORIZED' })
    expect(thief.seen.every(({ headers }) => headers['authorization'] === undefined)).toBe(true)
  })
})

describe('a credential that a provider gives', () => {
  /** A provider that gives `t1`, `t2`, … for every host. */
  function issuer(expires?: () => number) {
    const issued: string[] = []
    const provider = {
      name: 'issuer',
      hosts: ['*'],
      get: async () => {
        const password = `t${issued.length + 1}`
        issued.push(password)
        return { username: 'AWS', password, origin: 'an issuer', expires: expires?.() }
      },
    }
    return { issued, providers: [provider] }
  }
  const basic = (password: string) => `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`

  /** A registry that takes one password; another one is refused with `refusal`. */
  function locked(accepted: () => string, refusal: { status: number; text: string; challenge?: boolean }) {
    return serve((seen, response) => {
      const sent = seen.headers['authorization']
      if (sent === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
      else if (sent === basic(accepted())) response.writeHead(404).end()
      else {
        const head = refusal.challenge === true ? { 'www-authenticate': 'Basic realm="r"' } : {}
        response.writeHead(refusal.status, head).end(refusal.text)
      }
    })
  }

  it('is asked for once, however many repositories need it', async () => {
    const { issued, providers } = issuer()
    await using server = await locked(() => 't1', { status: 401, text: '' })
    await using client = testClient({ providers })
    const source = client.registry(server.host, 'source')
    await Promise.all(['a', 'b', 'c'].map((name) => source.find(name, '1')))
    expect(issued).toEqual(['t1'])
  })

  it('is asked for again when the registry does not take it any more, by all requests once', async () => {
    const refusals = [
      { status: 401, text: '', challenge: true },
      { status: 403, text: '' },
      { status: 403, text: '{"errors":[{"code":"DENIED","message":"Your authorization token has expired."}]}' },
    ]
    for (const refusal of refusals) {
      let accepted = 't1'
      const { issued, providers } = issuer()
      await using server = await locked(() => accepted, refusal)
      await using client = testClient({ providers })
      const source = client.registry(server.host, 'source')
      await source.find('a', '1')
      accepted = 't2'
      await Promise.all(['a', 'b', 'c'].map((name) => source.find(name, '2')))
      expect(issued).toEqual(['t1', 't2'])
    }
  })

  it('is asked for again once only when the new one is refused too', async () => {
    const { issued, providers } = issuer()
    await using server = await locked(() => 'none', { status: 401, text: '', challenge: true })
    await using client = testClient({ providers })
    const source = client.registry(server.host, 'source')
    expect(await rejection(source.find('a', '1'))).toMatchObject({ code: 'SOURCE_UNAUTHORIZED' })
    expect(await rejection(source.find('b', '1'))).toMatchObject({ code: 'SOURCE_UNAUTHORIZED' })
    expect(issued).toEqual(['t1', 't2'])
  })

  it('is kept when the registry says that something else is forbidden', async () => {
    const { issued, providers } = issuer()
    const text = '{"errors":[{"code":"DENIED","message":"not authorized to perform: ecr:BatchGetImage"}]}'
    await using server = await locked(() => 'none', { status: 403, text })
    await using client = testClient({ providers })
    const tags = async () => {
      for await (const _ of client.registry(server.host, 'source').tags('a')) break
    }
    expect(await rejection(tags())).toMatchObject({ code: 'SOURCE_FORBIDDEN' })
    expect(issued).toEqual(['t1'])
  })

  it('is asked for again before it is sent when it has expired', async () => {
    let now = 1_000_000
    const { issued, providers } = issuer(() => now + 1000)
    await using server = await locked(() => issued.at(-1) ?? '', { status: 401, text: '' })
    await using client = testClient({ providers, clock: { now: () => now } })
    const source = client.registry(server.host, 'source')
    await source.find('a', '1')
    now += 1000
    await Promise.all([source.find('a', '1'), source.find('b', '1')])
    expect(issued).toEqual(['t1', 't2'])
  })

  it('is asked for again when the token service does not take it any more', async () => {
    let accepted = 't1'
    const { issued, providers } = issuer()
    await using server = await serve((seen, response) => {
      const sent = seen.headers['authorization']
      if (seen.path.startsWith('/token')) {
        if (sent === basic(accepted)) response.end(JSON.stringify({ token: accepted, expires_in: 300 }))
        else response.writeHead(401).end()
      } else if (sent === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token",service="s"' }).end()
      } else response.writeHead(404).end()
    })
    await using client = testClient({ providers })
    const sink = client.registry(server.host, 'sink')
    await sink.find('a', '1')
    accepted = 't2'
    await sink.find('b', '1')
    expect(issued).toEqual(['t1', 't2'])
  })
})
