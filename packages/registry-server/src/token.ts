import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { basicCredentials, sameSecret, type Access, type Action, type Guard, type Need } from './access.js'
import { reply, type Exchange } from './exchange.js'
import { Problem, problemBody } from './problem.js'

/** Bearer tokens from this server's own `/token` endpoint, as large registries have them: for testing clients. */
export interface TokenAuth {
  readonly type: 'token'
  /** Password of each user. */
  readonly users: Readonly<Record<string, string>>
  /** Refresh (identity) tokens that are known from the start, each with its user. */
  readonly identityTokens?: Readonly<Record<string, string>> | undefined
  /** What a user (`undefined`: anonymous) may do in a repository. By default users may do everything and anonymous nothing. */
  readonly access?: ((user: string | undefined, repository: string) => readonly Action[]) | undefined
  /** Seconds that a token lives. The default is 300. */
  readonly expiresIn?: number | undefined
  /** False: the answer does not tell how long a token lives (clients then take 60 seconds). */
  readonly tellExpiry?: boolean | undefined
  /** Name of the token's field in the answer. The default is both. */
  readonly field?: 'token' | 'access_token' | undefined
  /** False: POST (OAuth2) is answered with 404, only GET works. */
  readonly oauth2?: boolean | undefined
  /** Address of another token endpoint, put into the challenge. The default is this server's. */
  readonly realm?: string | undefined
  readonly service?: string | undefined
}

interface Grant {
  readonly scopes: ReadonlyMap<string, ReadonlySet<string>>
  readonly expires: number
}

/** A guard with the endpoint that gives out its tokens. */
export interface TokenGuard extends Guard {
  token(exchange: Pick<Exchange, 'request' | 'response' | 'method' | 'query'>): Promise<void>
  /** Makes all tokens given out so far worthless, as an expiry would. */
  expireTokens(): void
}

const formLimit = 64 * 1024
const everyAction: readonly Action[] = ['pull', 'push', 'delete']

function scopeText(need: Need): string {
  return need.repository === undefined
    ? 'registry:catalog:*'
    : `repository:${need.repository}:${need.actions.join(',')}`
}

function parseScope(scope: string): { type: string; name: string; actions: string[] } | undefined {
  const match = /^([a-z]+(?:\([a-z]+\))?):(.+):([a-z,*]*)$/.exec(scope)
  return match === null
    ? undefined
    : { type: match[1] ?? '', name: match[2] ?? '', actions: (match[3] ?? '').split(',').filter(Boolean) }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk
    if (text.length > formLimit) throw new Problem('SIZE_INVALID', 'the form is too large')
  }
  return new URLSearchParams(text)
}

function refuse(): never {
  throw new Problem('UNAUTHORIZED', 'user name, password or refresh token is wrong')
}

/** Makes a guard that wants tokens, and gives them out. `clock` tells milliseconds. */
export function tokenGuard(auth: TokenAuth, clock: { now(): number }): TokenGuard {
  const grants = new Map<string, Grant>()
  const refreshTokens = new Map(Object.entries(auth.identityTokens ?? {}))
  const lifetime = auth.expiresIn ?? 300
  const service = auth.service ?? 'ropeway-registry'

  function granted(user: string | undefined, scopes: readonly string[]): Map<string, Set<string>> {
    const result = new Map<string, Set<string>>()
    for (const scope of scopes) {
      const wanted = parseScope(scope)
      if (wanted === undefined) continue
      const key = wanted.type === 'repository' ? wanted.name : `${wanted.type}:${wanted.name}`
      const may: readonly string[] =
        wanted.type !== 'repository'
          ? user === undefined
            ? []
            : ['*']
          : (auth.access?.(user, wanted.name) ?? (user === undefined ? [] : everyAction))
      const actions = wanted.actions.includes('*') ? may : wanted.actions.filter((action) => may.includes(action))
      result.set(key, new Set([...(result.get(key) ?? []), ...actions]))
    }
    return result
  }

  function issue(user: string | undefined, scopes: readonly string[]): string {
    const now = clock.now()
    for (const [token, grant] of grants) if (grant.expires <= now) grants.delete(token)
    const token = randomBytes(24).toString('base64url')
    grants.set(token, { scopes: granted(user, scopes), expires: now + lifetime * 1000 })
    return token
  }

  function userOf(username: string, password: string): string {
    const wanted = Object.hasOwn(auth.users, username) ? auth.users[username] : undefined
    return wanted !== undefined && sameSecret(password, wanted) ? username : refuse()
  }

  function userOfForm(form: URLSearchParams): string {
    if (form.get('grant_type') === 'password') return userOf(form.get('username') ?? '', form.get('password') ?? '')
    return refreshTokens.get(form.get('refresh_token') ?? '') ?? refuse()
  }

  function answer(
    exchange: Pick<Exchange, 'response' | 'method'>,
    user: string | undefined,
    scopes: readonly string[],
    offline: boolean,
  ): void {
    const token = issue(user, scopes)
    const refreshToken = offline && user !== undefined ? randomBytes(24).toString('base64url') : undefined
    if (refreshToken !== undefined && user !== undefined) refreshTokens.set(refreshToken, user)
    const body = {
      ...(auth.field === 'access_token' ? {} : { token }),
      ...(auth.field === 'token' ? {} : { access_token: token }),
      ...(auth.tellExpiry === false ? {} : { expires_in: lifetime, issued_at: new Date(clock.now()).toISOString() }),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    }
    reply(exchange, 200, { 'content-type': 'application/json', 'cache-control': 'no-store' }, JSON.stringify(body))
  }

  function challenge(needs: readonly Need[], origin: string, error: string | undefined): string {
    const scope = needs.map(scopeText).join(' ')
    return [
      `Bearer realm="${auth.realm ?? `${origin}/token`}"`,
      `service="${service}"`,
      ...(scope === '' ? [] : [`scope="${scope}"`]),
      ...(error === undefined ? [] : [`error="${error}"`]),
    ].join(',')
  }

  return {
    admit(request, needs, origin) {
      const token = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
      const grant = token === undefined ? undefined : grants.get(token)
      const valid = grant !== undefined && grant.expires > clock.now()
      const access: Access = {
        allows: (repository, action) =>
          valid &&
          (repository === undefined
            ? grant.scopes.get('registry:catalog')?.has('*') === true
            : grant.scopes.get(repository)?.has(action) === true),
      }
      const enough = needs.every(
        ({ repository, actions, optional }) =>
          optional === true || actions.every((action) => access.allows(repository, action)),
      )
      if (valid && enough) return access
      const error = token === undefined ? undefined : valid ? 'insufficient_scope' : 'invalid_token'
      throw new Problem('UNAUTHORIZED', 'authentication is required', {
        detail: needs.map(scopeText),
        headers: { 'www-authenticate': challenge(needs, origin, error) },
      })
    },

    async token(exchange) {
      if (exchange.method === 'POST') {
        if (auth.oauth2 === false) {
          reply(exchange, 404, { connection: 'close' }, problemBody('UNSUPPORTED', 'only GET gives tokens here'))
          return
        }
        const form = await readForm(exchange.request)
        const scopes = (form.get('scope') ?? '').split(' ').filter(Boolean)
        answer(exchange, userOfForm(form), scopes, form.get('access_type') === 'offline')
        return
      }
      const { authorization } = exchange.request.headers
      const given = basicCredentials(authorization)
      if (authorization !== undefined && given === undefined) refuse()
      const user = given && userOf(given.username, given.password)
      const scopes = exchange.query.getAll('scope').flatMap((scope) => scope.split(' '))
      answer(exchange, user, scopes, exchange.query.get('offline_token') === 'true')
    },

    expireTokens() {
      grants.clear()
    },
  }
}
