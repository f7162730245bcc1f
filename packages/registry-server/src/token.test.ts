import { afterEach, describe, expect, it } from 'vitest'
import { memoryStorage } from './memory.js'
import { serveRegistry, type RegistryServer } from './serve.js'
import type { TokenAuth } from './token.js'

let server: RegistryServer | undefined
let now = 1_000_000

afterEach(() => server?.close())

async function serve(auth: Partial<TokenAuth> = {}): Promise<string> {
  server = await serveRegistry({
    storage: memoryStorage(),
    clock: { now: () => now },
    auth: { type: 'token', users: { ada: 'secret', bob: 'other' }, ...auth },
  })
  return server.url
}

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

interface Answer {
  readonly token?: string
  readonly access_token?: string
  readonly expires_in?: number
  readonly issued_at?: string
  readonly refresh_token?: string
}

async function tokenFor(
  url: string,
  scope: string,
  headers: Record<string, string> = basic('ada:secret'),
): Promise<Answer> {
  const query = new URLSearchParams(scope === '' ? {} : { scope })
  const response = await fetch(`${url}/token?service=ropeway-registry&${query.toString()}`, { headers })
  expect(response.status).toBe(200)
  return (await response.json()) as Answer
}

const statusOf = async (url: string, token: string, method = 'GET') =>
  (await fetch(url, { method, headers: bearer(token) })).status

describe('token authentication', () => {
  it('challenges with realm, service and the scope that the request needs.', async () => {
    const url = await serve()
    const challenge = async (path: string, method = 'GET', headers = {}) =>
      (await fetch(`${url}${path}`, { method, headers })).headers.get('www-authenticate')
    const start = `Bearer realm="${url}/token",service="ropeway-registry"`
    expect(await challenge('/v2/')).toBe(start)
    expect(await challenge('/v2/a/b/manifests/v1')).toBe(`${start},scope="repository:a/b:pull"`)
    expect(await challenge('/v2/a/manifests/v1', 'PUT')).toBe(`${start},scope="repository:a:pull,push"`)
    expect(await challenge('/v2/a/manifests/v1', 'DELETE')).toBe(`${start},scope="repository:a:delete"`)
    expect(await challenge('/v2/_catalog')).toBe(`${start},scope="registry:catalog:*"`)
    expect(await challenge('/v2/a/blobs/uploads/?mount=sha256:x&from=b', 'POST')).toBe(
      `${start},scope="repository:a:pull,push repository:b:pull"`,
    )
    expect(await challenge('/v2/', 'GET', bearer('made-up'))).toBe(`${start},error="invalid_token"`)
  })

  it('admits exactly what a token was given for.', async () => {
    const url = await serve()
    const { token = '' } = await tokenFor(url, 'repository:a:pull')
    expect(await statusOf(`${url}/v2/`, token)).toBe(200)
    expect(await statusOf(`${url}/v2/a/tags/list`, token)).toBe(404)
    expect(await statusOf(`${url}/v2/b/tags/list`, token)).toBe(401)
    const push = await fetch(`${url}/v2/a/blobs/uploads/`, { method: 'POST', headers: bearer(token) })
    expect([push.status, push.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="insufficient_scope"'),
    ])
    const { token: more = '' } = await tokenFor(url, 'repository:a:pull,push repository:b:pull')
    expect(await statusOf(`${url}/v2/a/blobs/uploads/`, more, 'POST')).toBe(202)
    expect(await statusOf(`${url}/v2/b/tags/list`, more)).toBe(404)
    expect(await statusOf(`${url}/v2/_catalog`, more)).toBe(401)
    const { token: catalog = '' } = await tokenFor(url, 'registry:catalog:*')
    expect(await statusOf(`${url}/v2/_catalog`, catalog)).toBe(200)
    const { token: port = '' } = await tokenFor(url, 'repository:host:5000/x:pull')
    expect(await statusOf(`${url}/v2/`, port)).toBe(200)
  })

  it('mounts only from where the token may pull; else it opens an upload.', async () => {
    const url = await serve()
    const digest = 'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
    const { token: a = '' } = await tokenFor(url, 'repository:a:pull,push')
    const post = await fetch(`${url}/v2/a/blobs/uploads/?digest=${digest}`, {
      method: 'POST',
      body: 'x',
      headers: bearer(a),
    })
    expect(post.status).toBe(201)
    const { token: b = '' } = await tokenFor(url, 'repository:b:pull,push')
    const mount = `${url}/v2/b/blobs/uploads/?mount=${digest}&from=a`
    expect(await statusOf(mount, b, 'POST')).toBe(202)
    const { token: both = '' } = await tokenFor(url, 'repository:b:pull,push repository:a:pull')
    expect(await statusOf(mount, both, 'POST')).toBe(201)
  })

  it('lets tokens expire, by time and by force.', async () => {
    const url = await serve({ expiresIn: 60 })
    const answer = await tokenFor(url, 'repository:a:pull')
    expect(answer).toMatchObject({ expires_in: 60, issued_at: new Date(now).toISOString() })
    const token = answer.token ?? ''
    expect(await statusOf(`${url}/v2/`, token)).toBe(200)
    now += 60_000
    expect(await statusOf(`${url}/v2/`, token)).toBe(401)
    const { token: next = '' } = await tokenFor(url, '')
    expect(await statusOf(`${url}/v2/`, next)).toBe(200)
    server?.expireTokens()
    expect(await statusOf(`${url}/v2/`, next)).toBe(401)
  })

  it('knows users and what each may do.', async () => {
    const url = await serve({
      access: (user, repository) => (user === 'ada' ? ['pull', 'push'] : repository === 'public' ? ['pull'] : []),
    })
    const wrong = await fetch(`${url}/token`, { headers: basic('ada:wrong') })
    expect(wrong.status).toBe(401)
    expect((await fetch(`${url}/token`, { headers: basic('toString:x') })).status).toBe(401)
    expect((await fetch(`${url}/token`, { headers: bearer('x') })).status).toBe(401)
    const { token: anonymous = '' } = await tokenFor(url, 'repository:public:pull,push repository:secret:pull', {})
    expect(await statusOf(`${url}/v2/public/tags/list`, anonymous)).toBe(404)
    expect(await statusOf(`${url}/v2/public/blobs/uploads/`, anonymous, 'POST')).toBe(401)
    expect(await statusOf(`${url}/v2/secret/tags/list`, anonymous)).toBe(401)
    const { token: ada = '' } = await tokenFor(url, 'repository:secret:pull,push,delete')
    expect(await statusOf(`${url}/v2/secret/blobs/uploads/`, ada, 'POST')).toBe(202)
  })

  it('takes refresh tokens and passwords by POST, and can be without POST.', async () => {
    const url = await serve({ identityTokens: { 'stored-token': 'bob' } })
    const post = (form: Record<string, string>, at = url) =>
      fetch(`${at}/token`, {
        method: 'POST',
        body: new URLSearchParams({ service: 'x', client_id: 'y', scope: 'repository:a:pull', ...form }),
      })
    const first = await post({ grant_type: 'refresh_token', refresh_token: 'stored-token' })
    const { access_token = '' } = (await first.json()) as Answer
    expect(await statusOf(`${url}/v2/a/tags/list`, access_token)).toBe(404)
    expect((await post({ grant_type: 'refresh_token', refresh_token: 'unknown' })).status).toBe(401)
    const offline = await post({ grant_type: 'password', username: 'ada', password: 'secret', access_type: 'offline' })
    const { refresh_token = '' } = (await offline.json()) as Answer
    expect((await post({ grant_type: 'refresh_token', refresh_token })).status).toBe(200)
    expect((await post({ grant_type: 'password', username: 'ada', password: 'x' })).status).toBe(401)
    expect((await post({ scope: 'x'.repeat(100_000) })).status).toBe(413)
    await server?.close()
    const without = await serve({ oauth2: false })
    expect((await post({ grant_type: 'refresh_token', refresh_token: 'x' }, without)).status).toBe(404)
  })

  it('answers with one field, and without times, when told so.', async () => {
    const one = await serve({ field: 'access_token', tellExpiry: false })
    expect(Object.keys(await tokenFor(one, ''))).toEqual(['access_token'])
    await server?.close()
    const other = await serve({ field: 'token', tellExpiry: false, service: 's', realm: 'https://auth.test/token' })
    expect(Object.keys(await tokenFor(other, ''))).toEqual(['token'])
    expect((await fetch(`${other}/v2/`)).headers.get('www-authenticate')).toBe(
      'Bearer realm="https://auth.test/token",service="s"',
    )
  })
})
