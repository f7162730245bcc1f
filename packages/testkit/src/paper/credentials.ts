import { defineCredentials } from '@ropeway/core'
import { collect } from '@ropeway/oci'
import { z } from 'zod'
import { fakeUnauthorized } from '../errors.js'

const answerLimit = 64 * 1024
const hour = 3_600_000

const Token = z.object({ user: z.string(), token: z.string() })

/** A credential provider on paper: it asks `https://tokens.paper.test/HOST` for a token. */
export const paperCredentials = defineCredentials({
  name: 'paper-tokens',
  summary: 'tokens from a service that exists on paper',
  async get(host, role, { http, clock, signal }) {
    const response = await http.request({ url: `https://tokens.paper.test/${host}`, role, signal })
    const body = await collect(response.body, answerLimit)
    if (response.status === 404) return undefined
    if (response.status !== 200) throw fakeUnauthorized(role, 'tokens.paper.test')
    const { user, token } = Token.parse(JSON.parse(new TextDecoder().decode(body)))
    return { username: user, password: token, origin: 'https://tokens.paper.test', expires: clock.now() + hour }
  },
})
